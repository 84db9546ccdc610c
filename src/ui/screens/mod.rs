//! What fills the screen, under the names that it has in [`app`](crate::app).

mod console;
