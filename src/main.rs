//! Starts growdesk.

use std::process::ExitCode;

fn main() -> ExitCode {
    growdesk::cli::main()
}
