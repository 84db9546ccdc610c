//! The mirror: opened, and written to.

use divan::Bencher;
use growdesk::store::Store;
use tempfile::tempdir;
use tokio::runtime::Runtime;

use crate::{model::now, tickets};

/// A store of so many tickets, opened and closed.
#[divan::bench(args = [100, 10_000, 100_000], sample_count = 10, sample_size = 1)]
fn store_open(bencher: Bencher<'_, '_>, count: usize) {
    let (runtime, folder) = (runtime(), folder());
    runtime.block_on(tickets::fill(folder.path(), count)).expect("the mirror can be filled");
    bencher.bench_local(|| {
        runtime.block_on(async {
            let opened = Store::open(folder.path()).await.expect("the store opens");
            opened.store.close().await;
        });
    });
}

/// A page of 100 tickets that are new, and one of which nothing has changed.
#[divan::bench(args = [true, false], sample_count = 20, sample_size = 1)]
fn mirror_write_of_a_page(bencher: Bencher<'_, '_>, new: bool) {
    let (runtime, folder) = (runtime(), folder());
    let store = runtime.block_on(Store::open(folder.path())).expect("the store opens").store;
    let mut last = 1_000_000;
    bencher
        .with_inputs(|| {
            last -= if new { 100 } else { 0 };
            let page = |at| tickets::ticket(at, last, now());
            (0..100).map(page).collect::<Vec<_>>()
        })
        .bench_local_values(|page| {
            runtime.block_on(store.save_tickets(page, now())).expect("the mirror takes them")
        });
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

fn folder() -> tempfile::TempDir {
    tempdir().expect("a folder")
}
