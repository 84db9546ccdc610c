//! The full-text index follows the mirror whenever no other work waits.

use super::context::Context;
use crate::{
    domain::Html,
    store::{Store, StoreError, Texts},
    text::html,
};

/// How many tickets are indexed in one go: drafts and the outbox get their turn in between.
const BATCH: usize = 64;

/// Indexes the tickets that are not indexed yet, for as long as the console runs.
pub(super) async fn keep_up(context: Context) {
    loop {
        match batch(&context.store).await {
            Ok(0) => context.words_changed.notified().await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "texts could not be indexed");
                context.words_changed.notified().await;
            }
        }
    }
}

/// Indexes everything that is not indexed yet.
///
/// # Errors
/// If the store fails.
pub async fn index_now(store: &Store) -> Result<(), StoreError> {
    while batch(store).await? > 0 {}
    Ok(())
}

async fn batch(store: &Store) -> Result<usize, StoreError> {
    let all = store.unindexed(BATCH).await?;
    let count = all.len();
    if count == 0 {
        return Ok(0);
    }
    let words = tokio::task::spawn_blocking(|| all.into_iter().map(words).collect()).await;
    store.index(words.map_err(|_| StoreError::Panicked)?).await?;
    Ok(count)
}

fn words(texts: Texts<Html>) -> Texts<String> {
    let Texts { turn, ticket, names, message, replies } = texts;
    let replies = replies.iter().map(html::words).collect();
    Texts { turn, ticket, names, message: html::words(&message), replies }
}
