//! `growdesk tags`.

use anyhow::anyhow;
use clap::Args;

use crate::{
    cli::{
        Common, Failure,
        carry::{Carry, Job},
        ids::TicketArgs,
    },
    domain::{
        Line,
        change::stored_tag,
        plan::{Action, Tags},
    },
    text::clean,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct TagsVerb {
    #[command(flatten)]
    tickets: TicketArgs,
    /// Tags to add
    #[arg(long, value_name = "TAG,..", value_delimiter = ',')]
    add: Vec<String>,
    /// Tags to remove
    #[arg(long, value_name = "TAG,..", value_delimiter = ',')]
    remove: Vec<String>,
    /// The tags to have in place of all others; an empty text takes all away
    #[arg(long, value_name = "TAG,..", value_delimiter = ',', conflicts_with_all = ["add", "remove"])]
    set: Option<Vec<String>>,
    #[command(flatten)]
    carry: Carry,
}

impl TagsVerb {
    /// Changes the tags.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let ids = self.tickets.ids()?;
        let tags = match &self.set {
            Some(set) => Tags::Replace(stored(set)),
            None => Tags::Change { add: stored(&self.add), remove: stored(&self.remove) },
        };
        if let Tags::Change { add, remove } = &tags {
            if add.is_empty() && remove.is_empty() {
                let error = anyhow!("nothing says what the tags are to be; nothing was done");
                return Err(Failure::usage(error).with_help("give --add, --remove or --set"));
            }
            if let Some(both) = add.iter().find(|it| remove.contains(it)) {
                let error = anyhow!("the tag \"{both}\" is to be added and removed");
                return Err(Failure::usage(error));
            }
        }
        let opened = self.carry.open(common).await?;
        self.carry.out(&opened, Job::same(ids, Action::tags(tags))).await
    }
}

/// Tags as the server stores them, each once.
fn stored(typed: &[String]) -> Vec<Line> {
    let mut tags: Vec<Line> = Vec::new();
    for tag in typed {
        let tag = clean::line(&stored_tag(clean::line(tag).as_str()));
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
