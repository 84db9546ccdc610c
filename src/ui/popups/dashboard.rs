//! The dashboard: bars and a chart of days, drawn by ratatui's own widgets.

use ratatui::{
    buffer::Buffer,
    layout::{Direction, Rect},
    style::{Modifier, Style},
    symbols::Marker,
    text::{Line, Span},
    widgets::{Axis, Bar, BarChart, BarGroup, Block, Chart, Dataset, GraphType, Widget},
};

use super::{Draw, area};
use crate::{
    app::popups::dashboard::{CHART_ROWS, Dashboard, Panel, PlacedPanel, placed},
    domain::{
        Priority, StatusId,
        stats::{Stats, StatsDay, StatsWait},
        when,
    },
    ui::{
        Ui,
        cells::{self, span},
        rect,
    },
};

/// The most columns of a name beside a bar.
const NAME: usize = 24;

/// A number as a bar.
struct Counted {
    name: String,
    count: usize,
    /// Words after the bar.
    remark: String,
    style: Style,
}

impl Draw for Dashboard {
    fn draw(&self, ui: Ui<'_>, inner: Rect, buf: &mut Buffer) {
        if let Some(text) = self.instead(ui.model) {
            let style = if self.problem.is_some() { ui.theme.danger } else { ui.theme.quiet };
            return ui.middle(&[Line::styled(text, style)], inner, buf);
        }
        let Some(stats) = self.stats.as_deref() else { return };
        for place in placed(self, area(inner)) {
            let focused = place.panel == self.panel();
            ui.panel_head(place.panel, stats, focused, rect(place.area), buf);
            let below = Rect {
                y: place.area.y + 1,
                height: place.area.height.saturating_sub(1),
                ..rect(place.area)
            };
            let here = focused.then_some(self.cursor.1);
            match place.panel {
                Panel::Days => ui.days(self, stats, below, buf),
                Panel::Oldest => ui.oldest(stats, place, here, below, buf),
                panel => ui.bars(&ui.counted(panel, stats), place.top, here, below, buf),
            }
        }
    }
}

impl Ui<'_> {
    fn panel_head(&self, panel: Panel, stats: &Stats, focused: bool, area: Rect, buf: &mut Buffer) {
        let style = if focused { self.theme.accent } else { Style::new() };
        let mut head = vec![span(panel.title(), style.add_modifier(Modifier::BOLD))];
        if panel == Panel::Days {
            let sum = |count: fn(&StatsDay) -> usize| stats.days.iter().map(count).sum::<usize>();
            let (opened, closed) = (sum(|it| it.opened), sum(|it| it.closed));
            head.push(span("  ── ", self.theme.opened));
            head.push(span(format!("{opened} opened"), self.theme.quiet));
            head.push(span("  • ", self.theme.closed));
            head.push(span(format!("{closed} closed"), self.theme.quiet));
        }
        let columns = usize::from(area.width);
        cells::draw(Line::from(cells::cut_spans(head, columns)), area, 0, buf);
    }

    /// The numbers of a panel of bars.
    fn counted(&self, panel: Panel, stats: &Stats) -> Vec<Counted> {
        let plain = |name: &str, count, style| Counted {
            name: name.to_owned(),
            count,
            remark: String::new(),
            style,
        };
        let status = |id: StatusId| self.theme.status(id);
        match panel {
            Panel::Status => {
                let each = stats.by_status.iter();
                each.map(|it| plain(it.of.title.as_str(), it.count, status(it.of.id))).collect()
            }
            Panel::Priority => {
                let style = |priority| match priority {
                    Priority::Normal => self.theme.bar,
                    other => self.theme.priority(other),
                };
                let each = stats.by_priority.iter();
                each.map(|it| plain(&it.of.to_string(), it.count, style(it.of))).collect()
            }
            Panel::Department => {
                let each = stats.by_department.iter();
                let name = |of: &Option<crate::domain::Department>| {
                    of.as_ref().map_or("no department".to_owned(), |it| it.name.to_string())
                };
                each.map(|it| plain(&name(&it.of), it.count, self.theme.bar)).collect()
            }
            Panel::Waits => stats.waits.iter().map(|wait| self.counted_wait(wait)).collect(),
            Panel::Days | Panel::Oldest => Vec::new(),
        }
    }

    fn counted_wait(&self, wait: &StatsWait) -> Counted {
        let (warning, alarm) = self.model.settings.wait_thresholds;
        let style = match wait.from {
            from if from >= alarm => self.theme.danger,
            from if from >= warning => self.theme.warning,
            _ => self.theme.bar,
        };
        let remark = match wait.estimated {
            0 => String::new(),
            estimated if estimated == wait.count => " ~".into(),
            estimated => format!(" {estimated} ~"),
        };
        Counted { name: wait.words(), count: wait.count, remark, style }
    }

    /// Names, counts and bars from `top` on. The bars of a panel share one scale.
    fn bars(&self, all: &[Counted], top: usize, here: Option<usize>, area: Rect, buf: &mut Buffer) {
        let rows = usize::from(area.height);
        let most = all.iter().map(|it| it.count).max().unwrap_or(0).max(1);
        let counts = all.iter().map(|it| it.count.to_string().len()).max().unwrap_or(1);
        let names = all.iter().map(|it| cells::width(&it.name)).max().unwrap_or(0);
        let room = usize::from(area.width);
        let names = names.min(NAME).min(room.saturating_sub(counts + 12)).max(6);
        let remarks = all.iter().map(|it| cells::width(&it.remark)).max().unwrap_or(0);
        let used = u16::try_from(names + counts + 3).unwrap_or(u16::MAX);
        let ends = u16::try_from(remarks).unwrap_or(u16::MAX);
        for (y, (at, it)) in all.iter().enumerate().skip(top).take(rows).enumerate() {
            let is_here = here == Some(at);
            let text = format!(
                "{}{} {}",
                if is_here { "▌" } else { " " },
                cells::left(&it.name, names),
                cells::right(&it.count.to_string(), counts),
            );
            let style = if is_here { self.theme.selected } else { Style::new() };
            cells::draw(Line::from(span(text, style)), area, y, buf);
            let row = Rect { y: area.y + u16::try_from(y).unwrap_or(0), height: 1, ..area };
            let width = row.width.saturating_sub(used + ends);
            let place = Rect { x: row.x + used, width, ..row };
            let (count, most) = (as_u64(it.count), as_u64(most));
            let bar = Bar::default().value(count).text_value("").style(it.style);
            BarChart::default()
                .direction(Direction::Horizontal)
                .bar_width(1)
                .bar_gap(0)
                .max(most)
                .data(BarGroup::default().bars(&[bar]))
                .render(place, buf);
            let after =
                Rect { x: place.right(), width: row.right().saturating_sub(place.right()), ..row };
            cells::draw(Line::styled(it.remark.clone(), self.theme.quiet), after, 0, buf);
        }
    }

    /// The tickets that were opened as a line, those that were closed as points, and the day under the
    /// cursor in words.
    fn days(&self, dashboard: &Dashboard, stats: &Stats, area: Rect, buf: &mut Buffer) {
        let point = |count: fn(&StatsDay) -> usize| -> Vec<(f64, f64)> {
            let days = stats.days.iter().enumerate();
            days.map(|(at, day)| (as_f64(at), as_f64(count(day)))).collect()
        };
        let (opened, closed) = (point(|it| it.opened), point(|it| it.closed));
        let most = stats.days.iter().map(|it| it.opened.max(it.closed)).max().unwrap_or(0).max(1);
        let days = stats.days.len().saturating_sub(1).max(1);
        let cursor = dashboard.day();
        let high = |part| as_f64(most) * f64::from(part) / 20.0;
        let stroke: Vec<(f64, f64)> = match cursor {
            Some((at, _)) => (0..=20).map(|part| (as_f64(at), high(part))).collect(),
            None => Vec::new(),
        };
        let line = if self.model.settings.braille { Marker::Braille } else { Marker::Block };
        let sets = vec![
            Dataset::default().marker(line).style(self.theme.accent).data(&stroke),
            Dataset::default()
                .marker(line)
                .graph_type(GraphType::Line)
                .style(self.theme.opened)
                .data(&opened),
            Dataset::default().marker(Marker::Dot).style(self.theme.closed).data(&closed),
        ];
        let date = |at: usize| {
            stats
                .days
                .get(at)
                .map(|it| it.day.date.strftime("%-d %b").to_string())
                .unwrap_or_default()
        };
        let labels = vec![date(0), date(days / 2), date(days)];
        let axis = |bounds, labels: Vec<String>| {
            Axis::default().style(self.theme.quiet).bounds([0.0, bounds]).labels(labels)
        };
        let chart = Rect { height: area.height.saturating_sub(1).min(CHART_ROWS), ..area };
        Chart::new(sets)
            .block(Block::new())
            .x_axis(axis(as_f64(days), labels))
            .y_axis(axis(as_f64(most), vec!["0".into(), most.to_string()]))
            .legend_position(None)
            .render(chart, buf);
        let below = Rect { y: chart.bottom(), height: area.height - chart.height, ..area };
        if let Some(words) = cursor.and_then(|(at, closed)| self.day_words(stats, at, closed)) {
            cells::draw(Line::from(words), below, 0, buf);
        }
    }

    fn day_words(&self, stats: &Stats, at: usize, closed: bool) -> Option<Vec<Span<'static>>> {
        let day = stats.days.get(at)?;
        let date = day.day.date.strftime("%a %-d %b").to_string();
        let chosen = |is: bool| if is { self.theme.selected } else { self.theme.quiet };
        let mark = |is: bool| if is { "▌" } else { " " };
        Some(vec![
            span(format!("{date} "), Style::new()),
            span(format!("{}{} opened ", mark(!closed), day.opened), chosen(!closed)),
            span(format!("{}{} closed ", mark(closed), day.closed), chosen(closed)),
        ])
    }

    fn oldest(
        &self,
        stats: &Stats,
        place: PlacedPanel,
        here: Option<usize>,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let rows = usize::from(area.height);
        let columns = usize::from(area.width);
        if stats.oldest.is_empty() {
            let text = Line::styled(" No ticket is open.", self.theme.quiet);
            return cells::draw(text, area, 0, buf);
        }
        let ids = stats.oldest.iter().map(|it| it.id.to_string().len()).max().unwrap_or(0);
        let shown = stats.oldest.iter().enumerate().skip(place.top).take(rows);
        for (y, (at, old)) in shown.enumerate() {
            let is_here = here == Some(at);
            let age = when::age(self.model.wall(), old.created);
            let (wait, style) = self.wait(old.waiting);
            let wait = if wait.is_empty() { wait } else { format!("waits {wait}") };
            let head = vec![
                span(if is_here { "▌" } else { " " }, self.theme.accent),
                span(cells::right(&old.id.to_string(), ids), self.theme.quiet),
                span(format!(" {} ", old.subject), Style::new()),
            ];
            let tail = vec![span(wait, style), span(format!("{age:>5} old"), self.theme.quiet)];
            let mut line = cells::sides(head, tail, columns, (" ", Style::new()));
            if is_here {
                for span in &mut line.spans {
                    span.style = self.theme.selected;
                }
            }
            cells::draw(line, area, y, buf);
        }
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
