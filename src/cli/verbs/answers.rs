//! The answers of the server to the verbs that list people and places.

use crate::{
    api::{Error, Paged},
    cli::{Failure, failure::notice},
    domain::{Problem, ProblemKind},
};

/// The items of a whole list. It says if some could not be read.
pub(super) fn all_read<T>(page: Paged<T>) -> Vec<T> {
    if page.skipped > 0 {
        notice(&format!("{} could not be read and are left out", page.skipped));
    }
    page.items
}

/// The problem, if what is stored may stand for the answer of the server.
pub(super) fn may_use_copy(error: Error) -> Result<Problem, Failure> {
    let problem = Problem::from(error);
    match problem.kind {
        ProblemKind::Unauthorised | ProblemKind::NotFound | ProblemKind::Refused => {
            Err(Failure::of_read(&problem))
        }
        _ => Ok(problem),
    }
}
