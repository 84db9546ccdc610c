//! The loop that joins input, worker, update and draw.
//!
//! Nothing is drawn when nothing happened, and all events are taken in before the next draw. The
//! only timer is the one that the model asks for.

use std::{panic::AssertUnwindSafe, path::PathBuf, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};
use futures::FutureExt as _;
use jiff::Timestamp;
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet, time::timeout};

use crate::{
    api::Address,
    app::{self, Effect, Effects, Message, Model, Outside, mouse::Pointed, update},
    clock::Clock,
    config::MacroFiles,
    desk::Report,
    domain::Problem,
    programs,
    terminal::{self, Screen},
    text::clean,
    ui::view,
    worker::Worker,
};

mod announce;
mod appearance;
mod editor;
mod edits;
mod ending;
mod input;
mod macros;
mod outside;
mod pipes;
mod signals;

use announce::Announcer;
pub use announce::Announcing;
pub use appearance::Appearance;
use editor::{Editors, SavedText};
pub use edits::recover;
use ending::Ending;
use input::{Input, Typed};
use outside::Desk;
use pipes::Pipes;
use signals::Stops;

/// How long the first draw waits for the tickets of the first screen: one draw instead of two.
const FIRST: Duration = Duration::from_millis(150);

/// How long input that was typed before a grave dialog is drawn, or before a signal, may take to arrive.
const SETTLE: Duration = Duration::from_millis(20);

/// How often the console looks for it again after a signal, as long as it comes.
const SETTLES: usize = 10;

/// Everything that the console is started with.
#[derive(Debug)]
pub struct Console {
    /// The settings of the core.
    pub settings: app::Settings,
    /// The keys in force.
    pub keymap: app::keymap::KeyMap,
    /// How things look.
    pub appearance: Appearance,
    /// How the agent is told outside the console.
    pub announcing: Announcing,
    /// The address of the installation, for the pages of its tickets.
    pub address: Address,
    /// The profile's own folder.
    pub folder: PathBuf,
    /// The files with macros.
    pub macros: MacroFiles,
    /// The configuration file that views of the agent's own are written into; `None` in the demo.
    pub own_views: Option<PathBuf>,
}

/// Runs the console until the agent leaves. However it ends, the terminal is given back and typed
/// text is handed to the store.
///
/// # Errors
/// Where the terminal can't be used, the console or its background task met a fault of its own, or a
/// draft could not be stored.
pub async fn run(
    console: Console,
    worker: Worker,
    messages: UnboundedReceiver<(Timestamp, Report)>,
) -> anyhow::Result<()> {
    let folder = console.folder.clone();
    let ending = Ending::listen(folder.clone()).context("signals can't be heard")?;
    let mut screen = Screen::take().context("the terminal can't be used")?;
    if console.appearance.asks() {
        screen.ask_for_ground().context("the terminal can't be used")?;
    }
    if console.settings.mouse {
        screen.hear_mouse(true).context("the terminal can't be used")?;
    }
    let input = Input::read().context("the terminal can't be read")?;
    let size = terminal::size();
    let clock = worker.clock();
    let model = Model::new(console.settings, console.keymap, size, clock.now());
    let desk = Desk::new(console.address);
    let mut runtime = Runtime {
        model,
        clock,
        appearance: console.appearance,
        screen,
        worker,
        desk,
        opening: JoinSet::new(),
        announcer: Announcer::new(console.announcing),
        pipes: Pipes::default(),
        saving: JoinSet::new(),
        own_views: console.own_views,
        editors: Editors::new(console.folder),
        input: Some(input),
        ending,
        messages,
        macros: macros::watch(console.macros),
        done: false,
        undrawn: true,
    };
    let turned = AssertUnwindSafe(runtime.turn()).catch_unwind().await;
    let outcome = turned.unwrap_or_else(|_| Err(anyhow!("the console met a fault of its own")));
    let Runtime { screen, worker, model, ending, .. } = runtime;
    programs::kill_groups();
    drop(screen);
    let stored = worker.close_keeping(model.drafts.unstored()).await;
    let words = ending.words();
    if stored.is_ok() {
        words.forget();
    }
    match stored {
        Ok(()) if outcome.is_err() => outcome.context("the console had to end; drafts are kept"),
        Ok(()) => outcome,
        Err(error) => Err(error).context(match words.save(&folder) {
            Ok(()) => "what was typed last is kept in a file; the next start makes drafts of it",
            Err(_) => "what was typed last could not be stored",
        }),
    }
}

struct Runtime {
    model: Model,
    clock: Clock,
    appearance: Appearance,
    screen: Screen,
    worker: Worker,
    desk: Desk,
    /// The pages that are being opened in the browser.
    opening: JoinSet<Result<String, Problem>>,
    /// Tells the agent outside the console.
    announcer: Announcer,
    /// The programs that read conversations.
    pipes: Pipes,
    /// The views that are being written into the configuration file.
    saving: JoinSet<Message>,
    own_views: Option<PathBuf>,
    editors: Editors,
    /// `None` while somebody else has the terminal: a reader that goes on reading steals their keys.
    input: Option<Input>,
    ending: Ending,
    messages: UnboundedReceiver<(Timestamp, Report)>,
    macros: UnboundedReceiver<Message>,
    done: bool,
    /// Whether something may have changed that is on screen.
    undrawn: bool,
}

impl Runtime {
    async fn turn(&mut self) -> anyhow::Result<()> {
        let mut stops = Stops::listen()?;
        if let Ok(Some((at, message))) = timeout(FIRST, self.messages.recv()).await {
            self.take(at, message).await?;
        }
        // An answer of the terminal may be there already. The first draw does not wait for one.
        self.take_all_that_came().await?;
        self.draw()?;
        while !self.done {
            let wake = until(self.model.next_wake(), self.now());
            let wake = self.editors.look_after().map_or(wake, |look| wake.min(look));
            tokio::select! {
                typed = next(&mut self.input) => self.typed(typed).await?,
                message = self.messages.recv() => match message {
                    Some((at, message)) => self.take(at, message).await?,
                    None => bail!("the background task met a fault of its own"),
                },
                Some(macros) = self.macros.recv() => self.take(self.now(), macros).await?,
                news = self.pipes.next() => self.take(self.now(), news).await?,
                told = self.announcer.next() => if let Some(told) = told {
                    self.take(self.now(), told).await?;
                },
                () = self.ending.wait() => self.end().await?,
                Some(Ok(opened)) = self.opening.join_next() => {
                    self.take(self.now(), Message::Done(opened)).await?;
                }
                Some(Ok(saved)) = self.saving.join_next() => self.take(self.now(), saved).await?,
                () = stops.next() => self.suspend().await?,
                caught_up = self.screen.catch_up(), if self.screen.is_behind() => caught_up?,
                () = tokio::time::sleep(wake) => {
                    self.take_in_saved().await?;
                    self.take(self.now(), Message::Clock).await?;
                }
            }
            self.take_all_that_came().await?;
            if !self.done {
                self.show().await?;
            }
        }
        Ok(())
    }

    /// Takes in everything that is there already, so that one draw serves it all. Says whether
    /// something was typed.
    async fn take_all_that_came(&mut self) -> anyhow::Result<bool> {
        let mut was_typed = false;
        while !self.done {
            let typed = match &mut self.input {
                Some(input) => input.waiting().await,
                None => None,
            };
            if let Some(typed) = typed {
                was_typed = true;
                self.typed(Some(typed)).await?;
            } else if let Ok((at, message)) = self.messages.try_recv() {
                self.take(at, message).await?;
            } else {
                break;
            }
        }
        Ok(was_typed)
    }

    /// Ends, once all is taken in that was typed before. It may still be on its way through the
    /// terminal.
    async fn end(&mut self) -> anyhow::Result<()> {
        for _ in 0..SETTLES {
            let was_typed = self.take_all_that_came().await?;
            tokio::time::sleep(SETTLE).await;
            if !self.take_all_that_came().await? && !was_typed {
                break;
            }
        }
        self.take(self.now(), Message::Terminate).await
    }

    /// Draws. If a dialog that decides something for good comes on screen, earlier keys are taken
    /// in first, and dropped. Keys count from the draw on.
    async fn show(&mut self) -> anyhow::Result<()> {
        if self.screen.is_behind() {
            return Ok(());
        }
        if !self.model.awaits_draw() {
            return if self.undrawn { self.draw() } else { Ok(()) };
        }
        tokio::time::sleep(SETTLE).await;
        self.take_all_that_came().await?;
        self.draw()?;
        self.take(self.now(), Message::Drawn).await
    }

    async fn typed(&mut self, typed: Option<Typed>) -> anyhow::Result<()> {
        self.take_in_saved().await?;
        let message = match typed {
            Some(Typed::Event(event)) => message_of(event),
            Some(Typed::Ground(ground)) => {
                self.undrawn |= self.appearance.hear(ground);
                None
            }
            Some(Typed::Paste { text, left_out }) => {
                let text = Message::Paste(clean::typed(&text));
                self.take(self.now(), text).await?;
                (left_out > 0).then_some(Message::PasteCut { left_out })
            }
            Some(Typed::Unended) => Some(Message::PasteUnended),
            Some(Typed::Endless) => Some(Message::PasteEndless),
            // The terminal is gone: nobody can type or read any more.
            None => Some(Message::Terminate),
        };
        match message {
            Some(message) => self.take(self.now(), message).await,
            None => Ok(()),
        }
    }

    /// Takes in what the agent has saved in an editor that has a window of its own.
    async fn take_in_saved(&mut self) -> anyhow::Result<()> {
        if self.editors.look_after().is_none() {
            return Ok(());
        }
        for SavedText { key, before, text } in self.editors.saved() {
            self.take(self.now(), Message::Saved { key, before, text }).await?;
        }
        let drafts = &self.model.drafts;
        self.editors.keep_where(|key| drafts.get(key).is_some());
        Ok(())
    }

    /// The time by the clock that nobody can set.
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes a message in. If the wall clock was set, the core is told before.
    async fn take(&mut self, at: Timestamp, message: impl Into<Message>) -> anyhow::Result<()> {
        let ahead = self.clock.ahead();
        if ahead != self.model.wall_ahead {
            self.take_in(at, Message::ClockSet { ahead }).await?;
        }
        self.take_in(at, message.into()).await
    }

    async fn take_in(&mut self, at: Timestamp, message: Message) -> anyhow::Result<()> {
        let face = matches!(message, Message::Clock).then(|| self.model.face());
        let is_seen = message.is_seen();
        let mut effects = update(&mut self.model, at, message);
        self.undrawn |= face.map_or(is_seen, |face| face != self.model.face());
        self.ending.words().note(&self.model.drafts);
        if let Some(input) = &mut self.input {
            input.goes_to_text(self.model.types_text());
        }
        while !effects.is_empty() {
            effects = self.carry_out(effects).await?;
        }
        Ok(())
    }

    async fn carry_out(&mut self, effects: Effects) -> anyhow::Result<Effects> {
        let mut more = Effects::none();
        for effect in effects {
            match effect {
                Effect::Work(work) => self.worker.ask(work),
                Effect::Outside(outside) => more = more.and(self.go_outside(outside).await?),
            }
        }
        Ok(more)
    }

    async fn go_outside(&mut self, outside: Outside) -> anyhow::Result<Effects> {
        self.undrawn = true;
        let message = match outside {
            Outside::Quit => {
                self.done = true;
                return Ok(Effects::none());
            }
            Outside::Suspend => {
                self.suspend().await?;
                return Ok(Effects::none());
            }
            Outside::Repaint => {
                self.screen.repaint()?;
                return Ok(Effects::none());
            }
            Outside::Mouse(hears) => {
                self.screen.hear_mouse(hears)?;
                return Ok(Effects::none());
            }
            Outside::Editor { key, text } => {
                self.stop_reading();
                self.screen.release();
                let text = self.editors.edit(key, &text, self.ending.clone().wait()).await;
                // The text first: the terminal may be gone.
                let effects =
                    update(&mut self.model, self.clock.now(), Message::Edited { key, text });
                if self.ending.is_told() {
                    return Ok(effects);
                }
                return Ok(effects.and(self.retake()?));
            }
            Outside::SaveView { view, from, replaces } => {
                let file = self.own_views.clone();
                self.saving.spawn_blocking(move || {
                    outside::save_view(file.as_deref(), view, from, replaces)
                });
                return Ok(Effects::none());
            }
            Outside::Notify(told) => {
                self.announcer.tell(&mut self.screen, *told)?;
                return Ok(Effects::none());
            }
            Outside::Browse(ticket) => {
                self.opening.spawn(self.desk.browse(ticket));
                return Ok(Effects::none());
            }
            Outside::Follow(link) => {
                self.opening.spawn(self.desk.follow(link));
                return Ok(Effects::none());
            }
            Outside::Pipe(run) => {
                self.pipes.start(*run);
                return Ok(Effects::none());
            }
            Outside::EndPipe(run) => {
                self.pipes.end(run);
                return Ok(Effects::none());
            }
            Outside::Copy { text, what } => {
                Message::Done(self.desk.copy(self.screen.output(), &text, &what))
            }
            Outside::CopyAddress(ticket) => {
                Message::Done(self.desk.copy_address(self.screen.output(), ticket))
            }
        };
        Ok(update(&mut self.model, self.clock.now(), message))
    }

    /// Gives the terminal to the shell until it brings the console back.
    async fn suspend(&mut self) -> anyhow::Result<()> {
        let effects = self.model.drafts.flush();
        self.ask(effects);
        self.stop_reading();
        self.screen.release();
        self.worker.rest().await;
        signals::stop_here()?;
        self.worker.go_on();
        let effects = self.retake()?;
        self.ask(effects);
        self.undrawn = true;
        Ok(())
    }

    /// Takes the terminal again from whoever had it. It may have another size by now: nobody was told.
    fn retake(&mut self) -> anyhow::Result<Effects> {
        self.screen.retake()?;
        self.announcer.forget_title();
        self.input = Some(Input::read()?);
        let (width, height) = terminal::size();
        let resize = Message::Resize { width, height };
        Ok(update(&mut self.model, self.clock.now(), resize))
    }

    /// Hands the work among `effects` over.
    fn ask(&self, effects: Effects) {
        for effect in effects {
            if let Effect::Work(work) = effect {
                self.worker.ask(work);
            }
        }
    }

    /// Somebody else has the terminal: a reader would steal their keys.
    fn stop_reading(&mut self) {
        self.input = None;
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        let (model, theme) = (&self.model, self.appearance.theme());
        self.screen.draw(|frame| view(model, theme, frame))?;
        self.announcer.title(&mut self.screen, self.model.window_title())?;
        self.undrawn = false;
        Ok(())
    }
}

async fn next(input: &mut Option<Input>) -> Option<Typed> {
    match input {
        Some(input) => input.next().await,
        None => std::future::pending().await,
    }
}

fn message_of(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        // An input method can send what no key has.
        Event::Key(KeyEvent { code: KeyCode::Char(letter), .. })
            if clean::typed(letter.encode_utf8(&mut [0; 4])).is_empty() =>
        {
            None
        }
        Event::Key(key) => Some(Message::Key(key.into())),
        Event::Resize(width, height) => Some(Message::Resize { width, height }),
        Event::FocusGained => Some(Message::Attention(true)),
        Event::FocusLost => Some(Message::Attention(false)),
        Event::Mouse(mouse) => {
            let pointed = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Pointed::Click,
                MouseEventKind::ScrollDown => Pointed::WheelDown,
                MouseEventKind::ScrollUp => Pointed::WheelUp,
                _ => return None,
            };
            let (x, y) = (mouse.column, mouse.row);
            mouse.modifiers.is_empty().then_some(Message::Mouse { pointed, x, y })
        }
        Event::Paste(_) => None,
    }
}

/// How long to sleep until `wake`; a day where nothing is awaited.
fn until(wake: Option<Timestamp>, now: Timestamp) -> Duration {
    let day = Duration::from_secs(86_400);
    wake.map_or(day, |wake| Duration::try_from(wake.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_steers_a_terminal_is_no_key() {
        let typed = |letter| message_of(Event::Key(KeyCode::Char(letter).into()));
        assert!(matches!(typed('a'), Some(Message::Key(_))));
        assert!(matches!(typed('語'), Some(Message::Key(_))));
        for letter in ['\u{202e}', '\u{2066}', '\u{9b}', '\u{feff}'] {
            assert!(typed(letter).is_none(), "{letter:?}");
        }
    }
}
