//! What the system knows of a process: memory, processor time, how often it woke up.

use std::{fs, time::Duration};

/// A process by its number. Where the system does not tell (`/proc` is Linux's), figures are zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(pub(crate) u32);

/// What a process has used up so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time of all its threads.
    pub(crate) cpu: Duration,
    /// How often one of its threads went to sleep by itself, to be woken later.
    pub(crate) sleeps: u64,
}

impl Process {
    /// Resident memory in MB.
    pub(crate) fn memory(self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        number_after(&status, "VmRSS:") as f64 / 1024.0
    }

    /// How many threads it has.
    pub(crate) fn threads(self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap_or_default();
        number_after(&status, "Threads:")
    }

    /// What it has used up so far.
    pub(crate) fn used(self) -> Used {
        let mut used = Used::default();
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.0)) else { return used };
        for task in tasks.flatten() {
            let read = |name| fs::read_to_string(task.path().join(name)).unwrap_or_default();
            let nanoseconds = read("schedstat").split(' ').next().and_then(|it| it.parse().ok());
            used.cpu += Duration::from_nanos(nanoseconds.unwrap_or_default());
            used.sleeps += number_after(&read("status"), "\nvoluntary_ctxt_switches:");
        }
        used
    }
}

fn number_after(text: &str, name: &str) -> u64 {
    let rest = text.split_once(name).map_or("", |(_, rest)| rest);
    rest.split_whitespace().next().and_then(|it| it.parse().ok()).unwrap_or_default()
}
