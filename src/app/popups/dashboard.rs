//! The dashboard: the numbers of all tickets. Each number opens its tickets.

use jiff::{SignedDuration, Timestamp};

use crate::app::{
    Model,
    command::DashboardCommand,
    cursor::{Page, Step},
    effect::{Effects, Read, Slot},
    errand::Errand,
    hits::Hit,
    layout::{Area, Layout},
    message::Found,
    popups::{Surface, frame::Edge},
};
use crate::domain::{
    Narrow, Problem, TicketId,
    stats::{Stats, StatsNumber},
};

/// The columns of the screen from which on panels stand in two columns, and in three.
const TWO: u16 = 100;
const THREE: u16 = 170;

/// The columns between two columns of panels.
const BETWEEN: u16 = 3;

/// The rows of the chart of days, with its axis.
pub const CHART_ROWS: u16 = 10;

/// How long the numbers are left as they are while tickets change.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);

/// A part of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The open tickets by status.
    Status,
    /// By priority.
    Priority,
    /// By department.
    Department,
    /// The tickets that came and went, day by day.
    Days,
    /// The waits.
    Waits,
    /// The oldest open tickets.
    Oldest,
}

impl Panel {
    /// All of them, in their order.
    pub const ALL: [Self; 6] =
        [Self::Status, Self::Priority, Self::Department, Self::Days, Self::Waits, Self::Oldest];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Status => "Open by status",
            Self::Priority => "Open by priority",
            Self::Department => "Open by department",
            Self::Days => "The last 30 days",
            Self::Waits => "Waiting for a reply",
            Self::Oldest => "The oldest open tickets",
        }
    }

    /// How many numbers it has.
    pub fn len(self, stats: &Stats) -> usize {
        match self {
            Self::Status => stats.by_status.len(),
            Self::Priority => stats.by_priority.len(),
            Self::Department => stats.by_department.len(),
            Self::Days => stats.days.len() * 2,
            Self::Waits => stats.waits.len(),
            Self::Oldest => stats.oldest.len(),
        }
    }

    /// The rows that it wants below its heading.
    fn rows(self, stats: &Stats) -> usize {
        match self {
            Self::Days => usize::from(CHART_ROWS) + 1,
            _ => self.len(stats).max(1),
        }
    }
}

/// The dashboard.
#[derive(Clone, Debug, Default)]
pub struct Dashboard {
    /// The numbers, once they are there.
    pub stats: Option<Box<Stats>>,
    /// Why there are none.
    pub problem: Option<Problem>,
    /// The panel of the cursor, and the number in it.
    pub cursor: (usize, usize),
    /// The version of the tickets that was counted last, and when.
    counted: Option<(u64, Timestamp)>,
}

impl Dashboard {
    /// The panel of the cursor.
    pub fn panel(&self) -> Panel {
        Panel::ALL.get(self.cursor.0).copied().unwrap_or(Panel::Status)
    }

    /// The day that the cursor is on, and whether it is on the tickets closed then. The last day comes
    /// first.
    pub fn day(&self) -> Option<(usize, bool)> {
        let days = self.stats.as_ref()?.days.len();
        (self.panel() == Panel::Days).then_some(())?;
        Some((days.checked_sub(1 + self.cursor.1 / 2)?, self.cursor.1 % 2 == 1))
    }

    /// What stands in place of the numbers.
    pub fn instead(&self, model: &Model) -> Option<String> {
        match (&self.stats, &self.problem) {
            (_, Some(problem)) => Some(format!("The tickets can't be counted: {problem}")),
            (None, None) => Some("Counting the tickets…".into()),
            (Some(stats), None) if stats.tickets == 0 => Some(match model.progress.refreshing {
                Some(_) => "The tickets are being read for the first time.".into(),
                None => "There are no tickets to count.".into(),
            }),
            (Some(_), None) => None,
        }
    }

    /// The tickets of the number under the cursor.
    fn target(&self, model: &Model) -> Option<Target> {
        let stats = self.stats.as_deref().filter(|stats| stats.tickets > 0)?;
        let at = self.cursor.1;
        let number = match self.panel() {
            Panel::Status => StatsNumber::Status(&stats.by_status.get(at)?.of),
            Panel::Priority => StatsNumber::Priority(stats.by_priority.get(at)?.of),
            Panel::Department => StatsNumber::Department(stats.by_department.get(at)?.of.as_ref()),
            Panel::Days => {
                let (day, closed) = self.day()?;
                let day = stats.days.get(day)?.day;
                if closed { StatsNumber::Closed(day) } else { StatsNumber::Opened(day) }
            }
            Panel::Waits => StatsNumber::Wait(stats.waits.get(at)?),
            Panel::Oldest => return Some(Target::Ticket(stats.oldest.get(at)?.id)),
        };
        Some(Target::Tickets(stats.narrow(number, &model.settings.waiting)))
    }
}

/// The way that a number leads.
enum Target {
    Ticket(TicketId),
    Tickets(Narrow),
}

/// A panel on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedPanel {
    /// Which.
    pub panel: Panel,
    /// Where, its heading in the first row.
    pub area: Area,
    /// The first number on screen.
    pub top: usize,
}

/// The panels on screen. A column of panels that is too high begins so that the cursor's panel is in
/// it.
pub fn placed(dashboard: &Dashboard, inner: Area) -> Vec<PlacedPanel> {
    let Some(stats) = dashboard.stats.as_deref() else { return Vec::new() };
    let columns: &[&[Panel]] = match inner.width {
        ..TWO => &[&Panel::ALL],
        TWO..THREE => &[
            &[Panel::Status, Panel::Priority, Panel::Department],
            &[Panel::Days, Panel::Waits, Panel::Oldest],
        ],
        _ => &[
            &[Panel::Status, Panel::Priority, Panel::Department],
            &[Panel::Days, Panel::Waits],
            &[Panel::Oldest],
        ],
    };
    let many = u16::try_from(columns.len()).unwrap_or(1);
    let width = (inner.width + BETWEEN) / many;
    let mut all = Vec::new();
    for (at, panels) in (0..).zip(columns) {
        let x = inner.x + at * width;
        let area = Area { x, width: width.saturating_sub(BETWEEN), ..inner };
        all.extend(stacked(dashboard, stats, panels, area));
    }
    all
}

/// The panels of one column.
fn stacked(dashboard: &Dashboard, stats: &Stats, panels: &[Panel], area: Area) -> Vec<PlacedPanel> {
    let most = usize::from(area.height);
    let wanted = |panel: &Panel| (panel.rows(stats) + 2).min(most);
    let focused = panels.iter().position(|panel| *panel == dashboard.panel());
    let mut first = 0;
    if let Some(focused) = focused {
        let needs = |first: usize| -> usize {
            let shown = panels.get(first..=focused).unwrap_or_default();
            shown.iter().map(wanted).sum::<usize>().saturating_sub(1)
        };
        while first < focused && needs(first) > most {
            first += 1;
        }
    }
    let (mut y, mut left) = (area.y, most);
    let mut all = Vec::new();
    for panel in panels.iter().skip(first) {
        let rows = wanted(panel).min(left);
        if rows < 3 {
            break;
        }
        let height = u16::try_from(rows).unwrap_or(u16::MAX);
        let shown = rows.saturating_sub(1).min(panel.rows(stats));
        let here = if *panel == dashboard.panel() { dashboard.cursor.1 } else { 0 };
        let top = match panel {
            Panel::Days => 0,
            _ => (here + 1).saturating_sub(shown),
        };
        all.push(PlacedPanel { panel: *panel, area: Area { y, height, ..area }, top });
        y += height;
        left -= rows;
    }
    all
}

/// Opens the dashboard.
pub(in crate::app) fn open(model: &mut Model) -> Effects {
    model.open_popup(Dashboard::default());
    Effects::none()
}

/// Has the tickets counted, if they have changed since that was done last.
pub(in crate::app) fn renew(model: &mut Model) -> Effects {
    if due_at(model).is_none_or(|at| at > model.now) {
        return Effects::none();
    }
    let version = model.tickets.version();
    let now = model.now;
    let Some(dashboard) = model.top_mut::<Dashboard>() else { return Effects::none() };
    dashboard.counted = Some((version, now));
    let rows = Box::new(model.tickets.rows().clone());
    let (waiting, zone) = (model.settings.waiting.clone(), model.settings.zone.clone());
    let now = model.wall();
    model.requests.ask(Slot::Stats, Read::Stats { rows, waiting, zone, now }).into()
}

/// When the tickets are to be counted again; `None` where the numbers are as the tickets are.
pub(in crate::app) fn due_at(model: &Model) -> Option<Timestamp> {
    let dashboard = model.top::<Dashboard>()?;
    if !model.progress.stored || model.requests.awaits(Slot::Stats) {
        return None;
    }
    match dashboard.counted {
        None => Some(model.now),
        Some((version, _)) if version == model.tickets.version() => None,
        Some((_, at)) => at.checked_add(PAUSE).ok(),
    }
}

/// The tickets were counted, or could not be. The cursor stays within its panel.
pub(in crate::app) fn found(model: &mut Model, found: Result<Found, Problem>) -> Effects {
    let Some(dashboard) = model.nearest_mut::<Dashboard>() else { return Effects::none() };
    match found {
        Ok(Found::Stats(stats)) => {
            if dashboard.panel().len(&stats) == 0 {
                let first = Panel::ALL.iter().position(|panel| panel.len(&stats) > 0);
                dashboard.cursor = (first.unwrap_or(0), 0);
            }
            let last = dashboard.panel().len(&stats).saturating_sub(1);
            dashboard.cursor.1 = dashboard.cursor.1.min(last);
            (dashboard.stats, dashboard.problem) = (Some(stats), None);
        }
        Ok(_) => {}
        Err(problem) => dashboard.problem = Some(problem),
    }
    Effects::none()
}

impl Surface for Dashboard {
    type Commands = DashboardCommand;

    fn title(&self, model: &Model) -> String {
        let Some(stats) = &self.stats else { return "Dashboard".into() };
        let Stats { backlog, waiting, tickets, archived, .. } = stats.as_ref();
        let reading = match model.progress.refreshing {
            Some((done, total)) if total > done && model.progress.synced_at.is_none() => {
                format!(" · {done} of {total} read, the numbers grow")
            }
            _ => String::new(),
        };
        format!(
            "Dashboard · {backlog} open · {waiting} waiting · {tickets} in all, {archived} archived{reading}"
        )
    }

    fn edge(&self, model: &Model) -> Edge {
        let key = |command| model.keymap.key_for(command);
        Edge::keys([
            (key(DashboardCommand::Open), "opens its tickets"),
            (key(DashboardCommand::NextPanel), "next part"),
            (key(DashboardCommand::Close), "closes"),
        ])
    }

    fn size(&self, _: &Model, layout: &Layout) -> (usize, usize) {
        (usize::from(layout.body.width), layout.popup_rows())
    }

    fn run(model: &mut Model, command: DashboardCommand) -> Effects {
        match command {
            DashboardCommand::Close => {
                model.requests.forget(Slot::Stats);
                model.close_popup();
            }
            DashboardCommand::Open => open_number(model),
            DashboardCommand::NextPanel => to_panel(model, 1),
            DashboardCommand::PreviousPanel => to_panel(model, -1),
            DashboardCommand::Step(by) => step(model, by),
        }
        Effects::none()
    }

    fn chosen(&self, _: &Model) -> Option<Hit> {
        Some(Hit::Number(self.cursor.0, self.cursor.1))
    }

    fn hits(&self, _: &Model, inner: Area) -> Vec<(Area, Hit)> {
        let mut hits = Vec::new();
        for placed in placed(self, inner) {
            let Some(at) = Panel::ALL.iter().position(|panel| *panel == placed.panel) else {
                continue;
            };
            if placed.panel == Panel::Days {
                continue;
            }
            let (_, rows) = placed.area.split_top(1);
            let many = self.stats.as_deref().map_or(0, |stats| placed.panel.len(stats));
            let numbers = placed.top..many;
            hits.extend(rows.lines().zip(numbers).map(|(row, it)| (row, Hit::Number(at, it))));
        }
        hits
    }
}

/// Shows the tickets of the number under the cursor.
fn open_number(model: &mut Model) {
    let target = model.top::<Dashboard>().and_then(|it| it.target(model));
    let Some(target) = target else { return };
    model.requests.forget(Slot::Stats);
    model.close_popup();
    match target {
        Target::Ticket(ticket) => model.pass(Errand::GoTo(ticket, None)),
        Target::Tickets(narrow) => model.pass(Errand::ShowAll(Box::new(narrow))),
    }
}

/// Goes to another panel, round the corner too. A panel without numbers is passed over.
fn to_panel(model: &mut Model, by: isize) {
    let Some(dashboard) = model.top_mut::<Dashboard>() else { return };
    let Some(stats) = dashboard.stats.as_deref() else { return };
    let many = Panel::ALL.len();
    let mut at = dashboard.cursor.0;
    for _ in 0..many {
        at = at.checked_add_signed(by).map_or(many - 1, |at| at % many);
        if Panel::ALL.get(at).is_some_and(|panel| panel.len(stats) > 0) {
            dashboard.cursor = (at, 0);
            return;
        }
    }
}

/// Moves within the panel; beyond its ends, to the next one.
fn step(model: &mut Model, step: Step) {
    let rows = Layout::of(model).map_or(10, |layout| layout.popup_rows());
    let Some(dashboard) = model.top_mut::<Dashboard>() else { return };
    let Some(stats) = dashboard.stats.as_deref() else { return };
    let last = dashboard.panel().len(stats).saturating_sub(1);
    let at = dashboard.cursor.1;
    match step {
        Step::Down if at >= last => to_panel(model, 1),
        Step::Up if at == 0 => {
            to_panel(model, -1);
            if let Some(dashboard) = model.top_mut::<Dashboard>()
                && let Some(stats) = dashboard.stats.as_deref()
            {
                dashboard.cursor.1 = dashboard.panel().len(stats).saturating_sub(1);
            }
        }
        step => dashboard.cursor.1 = step.from(at, last, Page::of_cursor(rows)),
    }
}
