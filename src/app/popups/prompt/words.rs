//! The words of the questions: they name everything that a deletion takes along.

use crate::{
    app::{
        Model,
        command::ConsoleCommand,
        tone::{Tone, Toned},
    },
    desk::Post,
    domain::{ReplyId, ReplyKind, StyledLine, TicketId, columns},
};

/// The columns of what a question says.
pub(super) const COLUMNS: usize = 58;

pub(super) fn lost_with_ticket(model: &Model, id: TicketId) -> Vec<Toned> {
    let Some(row) = model.tickets.get(id) else { return vec![] };
    let ticket = &row.ticket;
    let replies = match replies_and_notes(model, id) {
        Some(shown) if shown.is_empty() => "The ticket goes.".to_owned(),
        Some(shown) if shown.len() == 1 && shown[0].starts_with("1 ") => {
            format!("{} goes with it.", shown[0])
        }
        Some(shown) => format!("{} go with it.", shown.join(" and ")),
        // Whether the server's count has notes in it is not known.
        None => "The ticket and all its replies and notes go.".to_owned(),
    };
    let client = ticket.client.as_ref().map_or("no client", |it| it.name.as_str());
    let mut lines = vec![
        Toned::new(columns::cut(ticket.subject.as_str(), COLUMNS).into_owned(), Tone::Strong),
        Toned::new(format!("{client} · {}", ticket.status.title), Tone::Quiet),
        Toned::plain(""),
    ];
    lines.push(Toned::plain(replies));
    if model.drafts.has(id) {
        lines.push(Toned::new("Your draft on it is kept.", Tone::Quiet));
    }
    lines.push(hold_words(model));
    lines.push(Toned::plain(""));
    lines
}

/// How many replies, and how many notes, a conversation that is read whole has.
fn replies_and_notes(model: &Model, id: TicketId) -> Option<Vec<String>> {
    let thread = model.conversation.thread.as_ref();
    let thread = thread.filter(|it| it.ticket == id && it.whole && it.read_at.is_some())?;
    let posts = || thread.posts.iter().filter(|post| post.reply.is_some());
    let count = |is_note| posts().filter(|it| (it.kind == ReplyKind::Note) == is_note).count();
    let words = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let all = [words(count(false), "reply", "replies"), words(count(true), "note", "notes")];
    Some(all.into_iter().flatten().collect())
}

pub(super) fn lost_with_reply(model: &Model, reply: ReplyId) -> Vec<Toned> {
    let Some(post) = find_post(model, reply) else { return vec![] };
    let kind = match post.kind {
        ReplyKind::Note => "Note",
        ReplyKind::Reply => "Reply",
        ReplyKind::Unknown => "Reply or note",
    };
    let author = if post.author.is_empty() { "an unknown author" } else { &post.author };
    let first = post.body.iter().map(StyledLine::text);
    let first = first.map(|text| text.trim().to_owned()).find(|text| !text.is_empty());
    let mut lines = vec![Toned::new(format!("{kind} of {author}"), Tone::Strong)];
    if let Some(first) = first {
        lines.push(Toned::new(format!("“{}”", columns::cut(&first, COLUMNS - 2)), Tone::Quiet));
    }
    lines.push(Toned::plain(""));
    lines.push(hold_words(model));
    lines.push(Toned::plain(""));
    lines
}

fn hold_words(model: &Model) -> Toned {
    let seconds = model.settings.hold.as_secs();
    let undo = model.keymap.key_for(ConsoleCommand::Undo);
    Toned::plain(match (model.sent_when(), seconds) {
        (_, 0) => "Nothing brings it back.".to_owned(),
        (Some(when), _) => format!("It is {when}; until then {undo} takes it back."),
        (None, _) => {
            format!("For {seconds} s {undo} takes that back; after that nothing does.")
        }
    })
}

fn find_post(model: &Model, reply: ReplyId) -> Option<&Post> {
    model.conversation.thread.as_ref()?.posts.iter().find(|post| post.reply == Some(reply))
}
