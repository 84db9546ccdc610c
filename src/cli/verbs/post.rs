//! `growdesk reply` and `growdesk note`.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::{Ids, STDIN},
        lookups,
        text_source::TextSource,
    },
    domain::{ReplyId, ReplyKind, Sight, plan::Action},
};

/// A text for some tickets.
#[derive(Debug, Args)]
struct Post {
    /// The tickets: 123 or #123. A `-` is standard input: after an ID the text, with --text or --file
    /// the tickets, one a line
    #[arg(value_name = "ID", required = true, allow_negative_numbers = true)]
    ids: Vec<String>,
    /// The text, Markdown
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    text: Option<String>,
    /// A file with the text
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A status to set once the text is recorded: its number, or its title
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    #[command(flatten)]
    carry: Carry,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplyVerb {
    #[command(flatten)]
    post: Post,
    /// Put the profile's signature under the text; that is so already if it has one
    #[arg(long, conflicts_with = "no_signature")]
    signature: bool,
    /// Leave the profile's signature out
    #[arg(long)]
    no_signature: bool,
    /// Record it only while this message is the newest of the ticket; 0 for the opening one
    #[arg(long, value_name = "REPLY_ID", value_parser = clap::value_parser!(i64).range(0..))]
    if_last: Option<i64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct NoteVerb {
    #[command(flatten)]
    post: Post,
}

impl ReplyVerb {
    /// Records the reply.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let Self { post, signature, no_signature, if_last } = self;
        let (ids, words) = post.sources()?;
        if if_last.is_some() && !ids.is_one() {
            let error =
                anyhow!("--if-last names the newest message of one ticket, so it takes one");
            return Err(Failure::usage(error));
        }
        let opened = post.carry.open(common).await?;
        let below = opened.profile.signature.trim();
        if signature && below.is_empty() {
            let error = anyhow!("the profile \"{}\" has no signature", opened.profile.name);
            let help = "set `signature` in the profile, or leave --signature out";
            return Err(Failure::usage(error).with_help(help));
        }
        let mut text = words.read().await?;
        if !no_signature && !below.is_empty() {
            text = format!("{text}\n\n{below}");
        }
        let then = match &post.status {
            Some(status) => Some(lookups::status(&opened, status).await?),
            None => None,
        };
        let action = Action::post(ReplyKind::Reply, text, Sight::default(), then);
        let job = Job { last: if_last.map(ReplyId), ..Job::same(ids, action) };
        post.carry.out(&opened, job).await
    }
}

impl NoteVerb {
    /// Records the note.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let Self { post } = self;
        let (ids, words) = post.sources()?;
        let opened = post.carry.open(common).await?;
        let text = words.read().await?;
        let then = match &post.status {
            Some(status) => Some(lookups::status(&opened, status).await?),
            None => None,
        };
        let action = Action::post(ReplyKind::Note, text, Sight::default(), then);
        post.carry.out(&opened, Job::same(ids, action)).await
    }
}

impl Post {
    /// Where tickets and text come from. Standard input can be one of them.
    fn sources(&self) -> Result<(Ids, TextSource), Failure> {
        let given = match (&self.text, &self.file) {
            (Some(text), _) => Some(TextSource::of(text)),
            (None, Some(file)) => Some(TextSource::of_file(file)),
            (None, None) => None,
        };
        let dashes = self.ids.iter().filter(|it| *it == STDIN).count();
        let is_text = given.as_ref().map_or(dashes > 0, |it| *it == TextSource::Stdin);
        let ids: Vec<String> = match given {
            Some(_) => self.ids.clone(),
            None => self.ids.iter().filter(|it| *it != STDIN).cloned().collect(),
        };
        let help = "`reply 123 -` reads the text from standard input, `reply - --text TEXT` the \
                    tickets";
        if dashes > 1 || (given.is_some() && is_text && dashes > 0) {
            let error = anyhow!("standard input can be the tickets or the text, not both");
            return Err(Failure::usage(error).with_help(help));
        }
        let Some(words) = given.or(is_text.then_some(TextSource::Stdin)) else {
            let error = anyhow!("there is no text to record; nothing was done");
            return Err(Failure::usage(error).with_help("give --text TEXT, --file FILE, or `-`"));
        };
        if ids.is_empty() {
            let error = anyhow!("`-` alone is the text, and no ticket is named");
            return Err(Failure::usage(error).with_help(help));
        }
        Ok((Ids::of(&ids)?, words))
    }
}
