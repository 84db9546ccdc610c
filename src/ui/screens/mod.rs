//! The screens, under the names that they have in [`app`](crate::app).

mod console;
