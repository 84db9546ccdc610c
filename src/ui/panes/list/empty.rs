//! A list without tickets: why, and what happens next.

use ratatui::text::Line;

use super::*;

impl Ui<'_> {
    /// Why the list is empty, and what helps.
    pub(super) fn nothing_listed(&self) -> Vec<Line<'static>> {
        let model = self.model;
        let strong = |text: String| Line::styled(text, self.theme.strong);
        let quiet = |text: String| Line::styled(text, self.theme.quiet);
        if !model.progress.stored {
            return vec![quiet("Reading the local copy…".into())];
        }
        if model.is_searching() {
            return vec![quiet("Searching…".into())];
        }
        let tab = model.list.tab();
        let asks = |tab: &&Tab| tab.is_narrowed() && (tab.count > 0 || tab.narrow.state.is_some());
        if let Some(tab) = tab.filter(asks) {
            let key = match model.filtering {
                Some(_) => self.key(FilterCommand::Cancel),
                None => self.key(ListCommand::Clear),
            };
            let view = &tab.view.name;
            let (found, clears) = match (tab.filter.as_str(), tab.narrow.is_empty()) {
                (words, true) => (format!("No ticket in {view} has “{words}”."), "the filter"),
                ("", _) => (format!("No ticket in {view} fits the filter."), "the filter"),
                (words, _) => {
                    let text = format!("No ticket in {view} has “{words}” and fits the filter.");
                    (text, "the words")
                }
            };
            let mut help = format!("{key} clears {clears}.");
            if !tab.narrow.is_empty() {
                let fields = self.key(ConsoleCommand::Fields);
                help = format!("{key} clears {clears}, {fields} changes the filter.");
            }
            return vec![strong(found), quiet(help)];
        }
        if model.tickets.is_empty() {
            return self.nothing_known();
        }
        let query = tab.map(|tab| &tab.view.query);
        match query.map(|query| query.shelf) {
            Some(Shelf::Snoozed) => return vec![strong("No ticket is snoozed.".into())],
            Some(Shelf::Pinned) => return vec![strong("No ticket is pinned.".into())],
            _ => {}
        }
        let empty = tab.map(|tab| match (&tab.view.query.status, tab.view.query.state) {
            (_, ActiveState::Archived) => "Nothing is archived here.".to_owned(),
            (StatusMatch::Waiting, _) => "Nobody waits for a reply.".to_owned(),
            _ => format!("No ticket in {} now.", tab.view.name),
        });
        vec![strong(empty.unwrap_or_default())]
    }

    /// No ticket at all is known: why, and what happens next.
    fn nothing_known(&self) -> Vec<Line<'static>> {
        let model = self.model;
        let strong = |text: String| Line::styled(text, self.theme.strong);
        let quiet = |text: String| Line::styled(text, self.theme.quiet);
        let refresh = self.key(ConsoleCommand::Refresh);
        let again = format!("It is tried again by itself; {refresh} tries now.");
        match (&model.connection, model.progress.refreshing) {
            (Connection::Closed, _) => vec![
                strong("Nothing is stored of this server yet.".into()),
                quiet("Opened with --offline: open growdesk without it once.".into()),
            ],
            (Connection::Unauthorised(problem), _) => vec![
                Line::styled("No ticket could be read.".to_owned(), self.theme.danger),
                Line::raw(problem.to_string()),
                quiet("`growdesk login` takes a new key.".into()),
            ],
            (Connection::NotTheApi(problem), _) => vec![
                Line::styled("No ticket could be read.".to_owned(), self.theme.danger),
                Line::raw(problem.to_string()),
                quiet(again),
            ],
            (Connection::Offline(problem), _) => vec![
                strong("Offline, and nothing is stored yet.".into()),
                Line::raw(problem.to_string()),
                quiet(again),
            ],
            (Connection::Limited { until }, _) => vec![
                strong(format!("The server asks to wait until {}.", self.time_of_day(*until))),
                quiet("The tickets are read then.".into()),
            ],
            (_, Some((done, total))) => self.first_reading(done, total),
            (_, None) if model.progress.synced_at.is_some() => {
                let new = self.key(ConsoleCommand::New);
                vec![
                    strong("There are no tickets yet.".into()),
                    quiet(format!("{new} creates the first one.")),
                ]
            }
            (Connection::Connecting, None) => {
                vec![quiet("Asking the server for its tickets…".into())]
            }
            (Connection::Online, None) => vec![
                strong("No ticket has been read yet.".into()),
                quiet(format!("{refresh} reads them.")),
            ],
        }
    }

    fn first_reading(&self, done: usize, total: usize) -> Vec<Line<'static>> {
        const BAR: usize = 30;
        let head =
            Line::styled("Reading the tickets for the first time".to_owned(), self.theme.strong);
        if total == 0 {
            return vec![head];
        }
        let full = (BAR * done.min(total)) / total;
        let bar = vec![
            span("━".repeat(full), self.theme.accent),
            span("─".repeat(BAR - full), self.theme.faint),
        ];
        vec![head, Line::from(bar), Line::styled(format!("{done} of {total}"), self.theme.quiet)]
    }
}
