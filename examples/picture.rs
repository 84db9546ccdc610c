//! Makes the README's pictures: the console on the sandbox, drawn without a terminal.
//!
//! `cargo run --example picture -- board dark > assets/pictures/board-dark.svg`
//!
//! The first word is console, plan, dashboard or board, the second one a theme. `just pictures` makes all.

use std::{fmt::Write as _, time::Duration};

use anyhow::Context as _;
use crossterm::event::KeyCode;
use growdesk::{
    api::{ApiClient, ApiSettings},
    app::{self, Effect, Message, Model, keymap::KeyMap, update},
    config::{MacroFiles, shipped},
    desk::Report,
    domain::look::{Ground, Scheme, Tint},
    sandbox::{Options, Sandbox},
    store::Store,
    ui::{ColorDepth, Theme, view},
    worker::{Parts, Worker, WorkerSettings},
};
use jiff::{SignedDuration, Timestamp};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use tokio::sync::mpsc::UnboundedReceiver;
use unicode_width::UnicodeWidthStr as _;

const SIZE: (u16, u16) = (120, 36);
const CELL: (usize, usize) = (9, 19);
/// How long the background task may be silent before the screen counts as complete.
const SILENCE: Duration = Duration::from_millis(700);

/// The keys that lead to a picture.
fn keys(picture: &str) -> anyhow::Result<Vec<KeyCode>> {
    let letters = |letters: &str| letters.chars().map(KeyCode::Char).collect();
    match picture {
        "console" => Ok(vec![KeyCode::Enter]),
        // Six tickets are marked and answered with a macro of the demo's.
        "plan" => Ok(letters("xxxxxxmbJ")),
        "dashboard" => Ok(letters("gd")),
        "board" => Ok(letters("gb")),
        other => {
            anyhow::bail!("there is no picture {other:?}; take console, plan, dashboard or board")
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let picture = std::env::args().nth(1).unwrap_or_else(|| "console".into());
    let keys = keys(&picture)?;
    let folder = tempfile::tempdir()?;
    let sandbox = Sandbox::start(Options::default()).await?;
    let api = ApiSettings::new(sandbox.url(), sandbox.api_key().clone());
    let client = ApiClient::new(ApiSettings { requests_per_minute: 0, ..api })?;
    let store = Store::open(folder.path()).await?.store;
    let settings = WorkerSettings {
        agent: "you".into(),
        waiting: growdesk::domain::WaitingStatuses::default(),
        poll: Duration::from_secs(600),
        grace: Duration::from_secs(30),
        timeout: Duration::from_secs(20),
        retry: Duration::from_secs(15),
        parts: Parts::ALL,
        notices: Vec::new(),
        address: None,
    };
    let (worker, mut messages) = Worker::spawn(Some(client), store, settings);
    let shown = app::Settings {
        profile: "demo".into(),
        server: "127.0.0.1".into(),
        agent: "you".into(),
        hold: SignedDuration::from_secs(5),
        ..app::Settings::default()
    };
    let mut model = Model::new(shown, KeyMap::default(), SIZE, Timestamp::now());
    let (macros, _) = MacroFiles::examples().read();
    step(&mut model, &worker, Message::Macros { macros, problems: Vec::new() });
    settle(&mut model, &worker, &mut messages).await;
    for key in keys {
        step(&mut model, &worker, Message::Key(key.into()));
        settle(&mut model, &worker, &mut messages).await;
    }
    let theme = std::env::args().nth(2).unwrap_or_else(|| "dark".into());
    let look = shipped(&theme).with_context(|| format!("there is no theme {theme:?}"))?;
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1))?;
    terminal.draw(|frame| view(&model, &Theme::of(&look, ColorDepth::Full), frame))?;
    println!("{}", svg(terminal.backend().buffer(), &look).context("formatting")?);
    worker.close().await;
    sandbox.stop().await;
    Ok(())
}

/// Lets the background task answer, until it is silent.
async fn settle(
    model: &mut Model,
    worker: &Worker,
    messages: &mut UnboundedReceiver<(Timestamp, Report)>,
) {
    for _ in 0..2 {
        step(model, worker, Message::Drawn);
        while let Ok(Some((_, message))) = tokio::time::timeout(SILENCE, messages.recv()).await {
            step(model, worker, message);
            step(model, worker, Message::Clock);
        }
        step(model, worker, Message::Clock);
    }
}

fn step(model: &mut Model, worker: &Worker, message: impl Into<Message>) {
    for effect in update(model, Timestamp::now(), message) {
        if let Effect::Work(work) = effect {
            worker.ask(work);
        }
    }
}

/// The ground and the text under a theme: its own, or those of a terminal that it is made for.
fn own_colours(look: &Scheme) -> (String, String) {
    let own = |tint: Option<Tint>| match tint {
        Some(Tint::Rgb(red, green, blue)) => colour(Color::Rgb(red, green, blue)),
        _ => None,
    };
    let (background, text) = match look.ground {
        Some(Ground::Light) => ("#fafafa", "#24292f"),
        _ => ("#16191f", "#d7dae0"),
    };
    (
        own(look.background).unwrap_or_else(|| background.into()),
        own(look.text).unwrap_or_else(|| text.into()),
    )
}

fn svg(buffer: &Buffer, look: &Scheme) -> Result<String, std::fmt::Error> {
    let (background, text) = own_colours(look);
    let (width, height) = (usize::from(SIZE.0) * CELL.0 + 24, usize::from(SIZE.1) * CELL.1 + 24);
    let mut out = String::new();
    writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="15"><rect width="100%" height="100%" rx="8" fill="{background}"/>"##
    )?;
    for y in 0..SIZE.1 {
        let mut x = 0;
        while x < SIZE.0 {
            let cell = &buffer[(x, y)];
            cell_svg(&mut out, cell, (x, y), (&background, &text))?;
            x += u16::try_from(cell.symbol().width().max(1)).unwrap_or(1);
        }
    }
    out.push_str("</svg>");
    Ok(out)
}

fn cell_svg(
    out: &mut String,
    cell: &Cell,
    (x, y): (u16, u16),
    own: (&str, &str),
) -> std::fmt::Result {
    let (left, top) = (usize::from(x) * CELL.0 + 12, usize::from(y) * CELL.1 + 12);
    let columns = cell.symbol().width().max(1);
    if let Some(background) = colour(cell.bg).filter(|it| it != own.0) {
        let width = columns * CELL.0;
        write!(
            out,
            r#"<rect x="{left}" y="{top}" width="{width}" height="{}" fill="{background}"/>"#,
            CELL.1
        )?;
    }
    if cell.symbol().trim().is_empty() {
        return Ok(());
    }
    let text = cell.symbol().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let fill = colour(cell.fg).unwrap_or_else(|| own.1.into());
    let mut style = String::new();
    if cell.modifier.contains(Modifier::BOLD) {
        style.push_str(r#" font-weight="bold""#);
    }
    if cell.modifier.contains(Modifier::ITALIC) {
        style.push_str(r#" font-style="italic""#);
    }
    if cell.modifier.contains(Modifier::UNDERLINED) {
        style.push_str(r#" text-decoration="underline""#);
    }
    if cell.modifier.contains(Modifier::DIM) {
        style.push_str(r#" opacity="0.6""#);
    }
    writeln!(out, r#"<text x="{left}" y="{}" fill="{fill}"{style}>{text}</text>"#, top + 14)
}

fn colour(color: Color) -> Option<String> {
    match color {
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        _ => None,
    }
}
