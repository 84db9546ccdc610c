//! Starts growdesk.

fn main() {}
