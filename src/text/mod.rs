//! Incoming and outgoing text: strangers' text is made safe for a terminal, HTML becomes styled
//! lines, and Markdown becomes HTML.

pub mod clean;
pub mod export;
pub mod html;
pub mod markdown;
pub mod template;
