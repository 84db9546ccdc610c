//! `growdesk create`.

use anyhow::anyhow;
use clap::Args;

use crate::{
    cli::{Common, Failure, carry::Carry, lookups, names, text_source::TextSource},
    config::Profile,
    domain::{CustomField, NewTicket, Priority},
    text::clean,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateVerb {
    /// Whose ticket it is: the client's number, or its name
    #[arg(long, value_name = "CLIENT")]
    client: String,
    /// The department: its number, or its name
    #[arg(long, value_name = "DEPARTMENT")]
    department: String,
    /// The subject, 250 characters at most
    #[arg(long, value_name = "TEXT")]
    subject: String,
    /// The opening message, Markdown; `-` reads it from standard input
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// The priority: normal, high or urgent
    #[arg(long, value_name = "PRIORITY", default_value = "normal")]
    priority: String,
    /// One of the client's projects: its number, or its title
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// A custom field: its number or its title in the profile, and its value
    #[arg(long = "field", value_name = "N=VALUE")]
    fields: Vec<String>,
    #[command(flatten)]
    carry: Carry,
}

impl CreateVerb {
    /// Creates the ticket.
    pub(in crate::cli) async fn run(self, common: &Common) -> Result<(), Failure> {
        let priority: Priority = names::priority(&self.priority)?;
        let subject = super::subject(&self.subject)?;
        let Some(message) = self.message.as_deref().map(TextSource::of) else {
            let error = anyhow!("a ticket needs a message; nothing was done");
            return Err(Failure::usage(error).with_help("give --message TEXT, or --message -"));
        };
        let opened = self.carry.open(common).await?;
        let custom = custom(&opened.profile, &self.fields)?;
        let message = message.read().await?;
        let patience = self.carry.patience();
        let client = lookups::client(&opened, &self.client, patience).await?;
        let department = lookups::department(&opened, &self.department, patience).await?;
        let project = match self.project.as_deref() {
            None | Some(lookups::NONE) => None,
            Some(wanted) => {
                Some(lookups::project(&opened, Some(client.id), wanted, patience).await?)
            }
        };
        let new = NewTicket { client, department, project, subject, message, priority, custom };
        self.carry.create(&opened, new).await
    }
}

/// The custom fields by the API's names. One that the profile names and requires has to be there.
fn custom(profile: &Profile, given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for field in given {
        let Some((name, value)) = field.split_once('=') else {
            let error = anyhow!("--field wants N=VALUE, and \"{}\" has no `=`", clean::line(field));
            return Err(Failure::usage(error));
        };
        let known = find(&profile.custom, name)?;
        let value = clean::typed(value);
        if let Some(field) = known.as_ref().filter(|it| !it.choices.is_empty())
            && !field.choices.contains(&value)
        {
            let error = anyhow!("\"{}\" can't be \"{}\"", field.title, clean::line(&value));
            let help = format!("it is one of {}", field.choices.join(", "));
            return Err(Failure::usage(error).with_help(help));
        }
        let api_name = match known {
            Some(field) => field.api_name(),
            None => of_number(name)?.api_name(),
        };
        fields.retain(|(name, _)| *name != api_name);
        fields.push((api_name, value));
    }
    let has = |field: &CustomField| {
        fields.iter().any(|(name, value)| *name == field.api_name() && !value.trim().is_empty())
    };
    match profile.custom.iter().find(|field| field.required && !has(field)) {
        Some(missing) => {
            let error = anyhow!("a new ticket needs \"{}\"; nothing was done", missing.title);
            Err(Failure::usage(error).with_help(format!("give --field {}=VALUE", missing.id)))
        }
        None => Ok(fields),
    }
}

/// The field of the profile that a number or a title means.
fn find(all: &[CustomField], wanted: &str) -> Result<Option<CustomField>, Failure> {
    let wanted = wanted.trim();
    let folded = wanted.to_lowercase();
    let is_it = |field: &&CustomField| {
        field.id.to_string() == wanted
            || field.api_name() == wanted
            || field.title.as_str().to_lowercase() == folded
    };
    match all.iter().find(is_it) {
        Some(field) => Ok(Some(field.clone())),
        None if wanted.bytes().all(|byte| byte.is_ascii_digit()) => Ok(None),
        None => {
            let titles: Vec<&str> = all.iter().map(|it| it.title.as_str()).collect();
            Err(names::unknown("custom field", wanted, &titles))
        }
    }
}

/// A field that the profile does not name, by its number.
fn of_number(number: &str) -> Result<CustomField, Failure> {
    let Ok(id @ 1..) = number.trim().parse() else {
        let error = anyhow!("\"{}\" is no number of a custom field", clean::line(number));
        return Err(Failure::usage(error));
    };
    Ok(CustomField { id, title: clean::line(number), required: false, choices: Vec::new() })
}
