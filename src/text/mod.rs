//! Text that comes in and goes out: strangers' text made safe for a terminal, HTML as styled lines,
//! Markdown as HTML.

pub mod clean;
pub mod html;
pub mod markdown;
pub mod template;
