//! A console without a terminal, a server or a clock: keys in, effects and screens out.

use std::{collections::VecDeque, fmt::Write as _};

use crokey::KeyCombination;
use crossterm::event::KeyCode;
use growdesk::{
    app::{Effect, Message, Model, Settings, keymap::KeyMap, update},
    desk::{BudgetUse, Connection, Found, Read, Report, Stored, Work},
    domain::{Draft, Entry, Filter, Problem, ProblemKind, Row, Rows, State, look::Scheme},
    ui::{ColorDepth, Theme, view},
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use super::desk;

/// What is found among the `stored` tickets without asking anybody.
pub(crate) fn at_once(read: &Read, stored: &[Row]) -> Found {
    match read {
        Read::Tickets { views, waiting } => {
            let rows: Rows = stored.iter().collect();
            let orders = views.iter().map(|view| view.select(&rows, waiting)).collect();
            Found::Tickets { rows: Box::new(rows), orders }
        }
        Read::List { rows, among, narrow, text, in_texts } => {
            let unread = if *in_texts { 1_204 } else { 0 };
            let among = narrow.among(rows, among.clone().places(rows));
            Found::List { places: Filter::of(text).among(rows, &among), unread }
        }
        Read::Order { rows, view, waiting } => Found::Order(view.select(rows, waiting)),
        other => panic!("{other:?} asks somebody"),
    }
}

/// A console under test.
#[derive(Clone)]
pub(crate) struct Console {
    pub(crate) model: Model,
    pub(crate) now: Timestamp,
    pub(crate) depth: ColorDepth,
    pub(crate) look: Scheme,
    effects: Vec<Effect>,
    stored: Vec<Row>,
    /// Whether the store has stopped answering to what it is to keep.
    pub(crate) stalled: bool,
    /// Whether what needs no server is left to be answered too.
    pub(crate) asked_only: bool,
}

impl Console {
    /// A console that has just been opened: its store is not read yet.
    pub(crate) fn opened(width: u16, height: u16) -> Self {
        Self::with(desk::settings(), width, height)
    }

    /// A console with these settings that has just been opened.
    pub(crate) fn with(settings: Settings, width: u16, height: u16) -> Self {
        let now = desk::now();
        let model = Model::new(settings, KeyMap::default(), (width, height), now);
        Self {
            model,
            now,
            depth: ColorDepth::Ansi16,
            look: Scheme::default(),
            effects: Vec::new(),
            stored: Vec::new(),
            stalled: false,
            asked_only: false,
        }
    }

    /// A console whose store is empty, and whose server has answered.
    pub(crate) fn empty(width: u16, height: u16) -> Self {
        let mut console = Self::opened(width, height);
        console.send(Report::Stored(Box::default()));
        console.send(Report::Connection(Connection::Online));
        console
    }

    /// A console in the middle of a working day: tickets read, the first conversation shown.
    pub(crate) fn working(width: u16, height: u16) -> Self {
        Self::opened(width, height).fill()
    }

    /// Fills the console with the desk's tickets and answers what it asks for.
    pub(crate) fn fill(mut self) -> Self {
        self.send(Report::Stored(Box::new(Stored {
            rows: desk::rows(),
            directory: desk::directory(),
            synced_at: Some(self.now - SignedDuration::from_secs(125)),
            ..Stored::default()
        })));
        self.send(Report::Connection(Connection::Online));
        self.send(Report::Budget(BudgetUse { used: 12, limit: 60 }));
        self.rest().see();
        self
    }

    /// Lets `message` happen. What needs no server is answered at once: all that is stored, what a
    /// filter finds, that a step, a pin or a snooze is stored, and whose a draft is to write.
    pub(crate) fn send(&mut self, message: impl Into<Message>) -> &mut Self {
        let message = message.into();
        if let Message::Report(Report::Stored(stored)) = &message {
            self.stored.clone_from(&stored.rows);
        }
        let mut next = VecDeque::from([message]);
        while let Some(message) = next.pop_front() {
            for effect in update(&mut self.model, self.now, message) {
                match &effect {
                    _ if self.stalled => {}
                    Effect::Work(Work::Queue { entries, .. }) => {
                        next.push_back(Report::Queued { entries: entries.clone() }.into());
                    }
                    Effect::Work(Work::OpenDraft { key, .. }) => {
                        let draft = self.model.drafts.get(*key).cloned().map(Box::new);
                        let opened =
                            Report::DraftOpened { key: *key, draft, writer: None, gone: None };
                        next.push_back(opened.into());
                        continue;
                    }
                    Effect::Work(Work::SetAside(_)) => {
                        next.push_back(Report::AsideStored(Ok(())).into())
                    }
                    Effect::Work(Work::CloseDraft(_)) => continue,
                    _ => {}
                }
                match effect {
                    Effect::Work(Work::Read {
                        request,
                        read: read @ (Read::Tickets { .. } | Read::List { .. } | Read::Order { .. }),
                        ..
                    }) if !self.asked_only => {
                        let found = Ok(at_once(&read, &self.stored));
                        next.push_back(Report::Found { request, found }.into());
                    }
                    other => self.effects.push(other),
                }
            }
        }
        self
    }

    /// Types keys: letters as they are, others by their names in angle brackets, `<c-s>`; `<rest>`
    /// lets the server answer before the next one. What is grave is drawn before the next key, as
    /// it is for a person.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        let mut parts = keys.split("<rest>");
        self.type_on(parts.next().unwrap_or_default());
        for part in parts {
            self.rest();
            self.type_on(part);
        }
        self
    }

    fn type_on(&mut self, keys: &str) {
        self.see();
        for key in parse(keys) {
            self.send(Message::Key(key)).see();
        }
    }

    /// Draws the screen, where that is waited for.
    pub(crate) fn see(&mut self) {
        if self.model.awaits_draw() {
            self.send(Message::Drawn);
        }
    }

    /// Types keys faster than the screen follows.
    pub(crate) fn keys_at_once(&mut self, keys: &str) -> &mut Self {
        for key in parse(keys) {
            self.send(Message::Key(key));
        }
        self
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, milliseconds: i64) -> &mut Self {
        self.now += SignedDuration::from_millis(milliseconds);
        self.send(Message::Clock)
    }

    /// Rests long enough that the server is asked, and answers all that was asked from the desk.
    pub(crate) fn rest(&mut self) -> &mut Self {
        self.wait(200).answer()
    }

    /// Answers every read and every draft that was asked for, from the desk.
    pub(crate) fn answer(&mut self) -> &mut Self {
        let mut kept = Vec::new();
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Work(Work::Read {
                    request, read: Read::Ahead { tickets, width }, ..
                }) => {
                    for ticket in tickets {
                        let thread = Some(Box::new(desk::thread(ticket, width, false)));
                        self.send(Report::Ahead { request, thread });
                    }
                    self.send(Report::Ahead { request, thread: None });
                }
                Effect::Work(Work::Read {
                    request, read: Read::Next { ticket, width }, ..
                }) => {
                    let thread = Some(Box::new(desk::thread(ticket, width, true)));
                    self.send(Report::Ahead { request, thread });
                    self.send(Report::Ahead { request, thread: None });
                }
                Effect::Work(Work::Read { request, read: Read::Exact(_), .. }) => {
                    self.send(Report::Ahead { request, thread: None });
                }
                Effect::Work(Work::Read { request, read, .. }) => {
                    let answer = match read {
                        Read::Thread { ticket, width, fetch } => {
                            let thread = Box::new(desk::thread(ticket, width, fetch));
                            Report::Thread { request, thread }
                        }
                        other => Report::Found { request, found: Ok(desk::found(&other)) },
                    };
                    self.send(answer);
                }
                Effect::Work(Work::SaveDraft { draft, .. }) => {
                    self.send(Report::DraftStored { key: draft.key, version: draft.updated });
                }
                other => kept.push(other),
            }
        }
        kept.append(&mut self.effects);
        self.effects = kept;
        self
    }

    /// Lets every read that was asked for fail.
    pub(crate) fn fail_reads(&mut self, problem: &Problem) -> &mut Self {
        for effect in std::mem::take(&mut self.effects) {
            let Effect::Work(Work::Read { request, read, .. }) = effect else { continue };
            let problem = problem.clone();
            self.send(match read {
                Read::Thread { fetch: false, .. } => continue,
                Read::Ahead { .. } | Read::Next { .. } | Read::Exact(_) => {
                    Report::Ahead { request, thread: None }
                }
                Read::Thread { .. } => Report::ThreadFailed { request, problem },
                _ => Report::Found { request, found: Err(problem) },
            });
        }
        self
    }

    /// What was asked for and not answered since this was last called.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The entries that were queued since the effects were last taken.
    pub(crate) fn queued(&mut self) -> Vec<Entry> {
        let queued = |effect| match effect {
            Effect::Work(Work::Queue { entries, .. }) => entries,
            _ => Vec::new(),
        };
        self.effects().into_iter().flat_map(queued).collect()
    }

    /// Gives an entry of the outbox another state.
    pub(crate) fn settle(&mut self, entry: &Entry, state: State) -> &mut Self {
        let entry = Box::new(Entry { state, ..entry.clone() });
        if let State::Refused { .. } | State::TakenBack = entry.state
            && let Some(draft) = entry.draft(self.now)
        {
            let key = match self.model.drafts.get(draft.key) {
                Some(_) => draft.key.beside(entry.id.short()),
                None => draft.key,
            };
            self.send(Report::DraftBack(Box::new(Draft { key, ..draft })));
        }
        self.send(Report::Entry { entry, row: None });
        self.send(Message::Drawn)
    }

    /// The keys that the hint line names, as they are typed.
    pub(crate) fn hinted_keys(&self) -> Vec<String> {
        let text = self.text();
        let hints = text.lines().last().unwrap_or_default().split("  ");
        let keys = hints.filter_map(|hint| hint.split_whitespace().next());
        // A range of keys: its first.
        let keys = keys.map(|key| key.split('…').next().unwrap_or(key));
        keys.map(|key| match key.chars().count() {
            1 => key.to_owned(),
            _ => format!("<{}>", key.to_lowercase()),
        })
        .collect()
    }

    /// The screen as cells.
    pub(crate) fn draw(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut terminal =
            Terminal::new(TestBackend::new(width, height)).expect("a test terminal can't fail");
        let theme = Theme::of(&self.look, self.depth);
        terminal
            .draw(|frame| view(&self.model, &theme, frame))
            .expect("a test terminal can't fail");
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        let buffer = self.draw();
        let mut text = String::new();
        for row in rows_of(&buffer) {
            let line: String = row.iter().map(|(_, cell)| cell.symbol()).collect();
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }

    /// The screen as text, and under it the styles of each row as runs of columns.
    pub(crate) fn styled(&self) -> String {
        let buffer = self.draw();
        let mut text = self.text();
        text.push('\n');
        for (y, row) in rows_of(&buffer).into_iter().enumerate() {
            let mut runs: Vec<(usize, usize, String)> = Vec::new();
            for (x, cell) in row {
                let style = style_of(cell);
                match runs.last_mut() {
                    Some((_, end, last)) if *last == style => *end = x,
                    _ => runs.push((x, x, style)),
                }
            }
            let runs: Vec<String> = runs
                .into_iter()
                .filter(|(_, _, style)| !style.is_empty())
                .map(|(start, end, style)| format!("{start}-{end} {style}"))
                .collect();
            if !runs.is_empty() {
                let _ = writeln!(text, "{y:>2}| {}", runs.join(", "));
            }
        }
        text
    }
}

/// The cells of each row, without those that lie under a wide glyph.
fn rows_of(buffer: &Buffer) -> Vec<Vec<(usize, &Cell)>> {
    let columns = usize::from(buffer.area.width);
    let row = |cells| {
        let mut kept = Vec::with_capacity(columns);
        let mut covered = 0;
        let cells: &[Cell] = cells;
        for (x, cell) in cells.iter().enumerate() {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            kept.push((x, cell));
        }
        kept
    };
    buffer.content.chunks(columns).map(row).collect()
}

fn style_of(cell: &Cell) -> String {
    let mut words = Vec::new();
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on-{}", cell.bg).to_lowercase());
    }
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "under"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::CROSSED_OUT, "struck"),
    ];
    let set = modifiers.iter().filter(|(modifier, _)| cell.modifier.contains(*modifier));
    words.extend(set.map(|(_, name)| (*name).to_owned()));
    words.join("+")
}

/// Keys as [`Console::keys`] takes them.
pub(crate) fn parse(keys: &str) -> Vec<KeyCombination> {
    let mut parsed = Vec::new();
    let mut rest = keys;
    while let Some(letter) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        if let Some((name, after)) = named {
            let name = name.replace("c-", "ctrl-");
            parsed.push(crokey::parse(&name).expect("the test names a key"));
            rest = after;
        } else {
            parsed.push(KeyCombination::from(KeyCode::Char(letter)));
            rest = &rest[letter.len_utf8()..];
        }
    }
    parsed
}

/// A problem of a kind, with what was said.
pub(crate) fn problem(kind: ProblemKind, said: &str) -> Problem {
    Problem::new(kind, growdesk::domain::Line::from_cleaned(said, None))
}
