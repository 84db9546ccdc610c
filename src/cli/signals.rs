//! The signals that end a command.

/// Waits for the signal that ends the process: Ctrl-C, or a request to terminate.
///
/// # Errors
/// If the system lets nobody listen.
#[cfg(unix)]
pub(super) async fn ended() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        result = tokio::signal::ctrl_c() => result,
    }
}

#[cfg(not(unix))]
pub(super) async fn ended() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
