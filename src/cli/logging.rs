//! The log: a file in the data folder, never the terminal.

use std::path::Path;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::private;

/// Starts the log at `level` if one is asked for. The file is the agent's alone.
///
/// # Errors
/// Where the level is none, or the file can't be opened.
pub(super) fn start(level: Option<&str>, folder: &Path) -> anyhow::Result<()> {
    let Some(level) = level else { return Ok(()) };
    let level: tracing::Level =
        level.parse().context("GROWDESK_LOG is one of error, warn, info, debug and trace")?;
    let path = folder.join("growdesk.log");
    let file = private::writing()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))?;
    // Other crates say more than a person can use, and might say more than they should.
    let filter = EnvFilter::new(format!("off,growdesk={level}"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file))
        .init();
    Ok(())
}
