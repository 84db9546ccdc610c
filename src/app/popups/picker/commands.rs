//! The commands that a conversation can be piped to: those of the configuration, those typed before,
//! and the line that is being typed.

use super::{Item, Picker, Purpose, Value, choices::item, open::open};
use crate::{
    app::{Model, effect::Effects, errand::Errand, notice::Level},
    domain::{DraftKey, PipeCommand, TicketId},
};

/// Offers the commands that can read a ticket's conversation. The output is shown, or inserted into a
/// draft.
pub(in crate::app) fn open_commands(
    model: &mut Model,
    ticket: TicketId,
    into: Option<DraftKey>,
) -> Effects {
    let named = model.settings.pipe_commands.iter();
    let named = named.map(|it| named_item(it, shell_words::join(&it.words)));
    let typed = model.pipe.typed().iter().map(|it| named_item(it, "typed before".into()));
    let items: Vec<Item> = named.chain(typed).collect();
    let title = match into {
        Some(key) => format!("Insert what a command makes of {ticket} (a {})", key.kind.as_str()),
        None => format!("Pipe {ticket} to a command"),
    };
    open(model, Picker::new(Purpose::Pipe(ticket, into), title, items))
}

fn named_item(command: &PipeCommand, detail: String) -> Item {
    item(command.name.clone(), detail, Value::Pipe(command.clone()))
}

/// Offers the line that is being typed as a command, after all that is found for it.
pub(super) fn offer_line(picker: &mut Picker, typed: &str) {
    let line = typed.trim();
    let is_known = |item: &Item| item.label == line;
    if !matches!(picker.purpose, Purpose::Pipe(..)) || line.is_empty() {
        return;
    }
    if !picker.items.iter().any(is_known) {
        let value = Value::CommandLine(line.to_owned());
        picker.items.push(item(line, "this command line", value));
        picker.matches.push(picker.items.len() - 1);
    }
}

/// Runs the chosen command. A line that was typed is split into words as a shell does, and given to
/// none.
pub(super) fn take(model: &mut Model, ticket: TicketId, into: Option<DraftKey>) -> Effects {
    let chosen = model.top::<Picker>().and_then(Picker::selected).map(|it| it.value.clone());
    let command = match chosen {
        Some(Value::Pipe(command)) => command,
        Some(Value::CommandLine(line)) => match shell_words::split(&line) {
            Ok(words) if words.first().is_some_and(|it| !it.trim().is_empty()) => {
                let command = PipeCommand { name: line, words };
                model.pipe.note_typed(command.clone());
                command
            }
            Ok(_) => return Effects::none(),
            Err(error) => {
                let text = format!("{line} can't be read as a command: {error}");
                model.say(Level::Warning, text);
                return Effects::none();
            }
        },
        _ => return Effects::none(),
    };
    super::close(model);
    model.pass(Errand::Pipe(ticket, command, into));
    Effects::none()
}
