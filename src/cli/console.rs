//! `growdesk`: the console on a profile.

use std::{
    io::{IsTerminal as _, stdin, stdout},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow, bail};
use jiff::{SignedDuration, tz::TimeZone};

use super::{Common, Failure, demo, logging, login, opened::Opened};
use crate::{
    app::{
        self,
        keymap::{BadBinding, Binding, KeyMap},
        tidings::NotifySettings,
    },
    bounded,
    config::{self, Config, KeyBinding, MacroFiles, NotifySection, Osc, Profile},
    domain::View,
    runtime::{self, Announcing, Appearance, Console},
    ui::ColorDepth,
    worker,
};

/// The most bytes of a file with certificates.
const CERTIFICATES: u64 = 4 * 1024 * 1024;

/// Opens the console on the profile of the settings; with none, offers login and demo.
pub(super) async fn open(common: Common) -> Result<(), Failure> {
    let settings = common.settings()?;
    let Some(profile) = settings.profile.clone() else {
        return first_start(&common).await;
    };
    need_terminal()?;
    let macros = MacroFiles::at(&settings.folders.config_file);
    let own_views = Some(settings.folders.config_file.clone());
    open_profile(&settings, profile, (macros, own_views), common.offline).await
}

/// Nothing is configured yet. That is no error, but the first start.
async fn first_start(common: &Common) -> Result<(), Failure> {
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(no_profile());
    }
    println!("Welcome to growdesk. There is no profile yet.\n");
    let choices =
        ["Look around: open the demo on an embedded server", "Log in to a Grow CRM", "Leave"];
    let chosen = tokio::task::spawn_blocking(move || {
        dialoguer::Select::new().items(choices).default(0).interact_opt()
    })
    .await??;
    match chosen {
        Some(0) => demo::Demo::default().run(common).await,
        Some(1) => login::Login::default().run(common).await,
        _ => Ok(()),
    }
}

/// Nothing can be done without a profile, and there is nobody to ask.
pub(super) fn no_profile() -> Failure {
    Failure::usage(anyhow!("there is no profile yet"))
        .with_help("`growdesk login` makes one, `growdesk demo` needs none")
}

/// The console can't be used through a pipe.
pub(super) fn need_terminal() -> Result<(), Failure> {
    if stdin().is_terminal() && stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(anyhow!("the console needs a terminal; standard input or output is none")))
}

/// Opens the console on a profile, with the files of its macros and the file that its own views are
/// written into.
pub(super) async fn open_profile(
    settings: &Config,
    profile: Profile,
    (macros, own_views): (MacroFiles, Option<PathBuf>),
    offline: bool,
) -> Result<(), Failure> {
    let keymap = chosen_keys(settings)?;
    settings.folders.create().map_err(Failure::usage)?;
    logging::start(settings.log.as_deref(), &settings.folders.data_dir)?;
    // Finding the system's zone reads many folders, so it runs beside the opening of the store.
    let zone = tokio::task::spawn_blocking(TimeZone::system);
    let (opened, mut notices) = Opened::of(settings.clone(), profile, offline).await?;
    match runtime::recover(&opened.folder, &opened.store).await? {
        0 => {}
        1 => notices.push("a text that was not stored before is a draft again".into()),
        many => notices.push(format!("{many} texts that were not stored before are drafts again")),
    }
    let (worker, messages) = opened.worker(worker::Parts::ALL, notices).await?;
    let console = Console {
        keymap,
        appearance: appearance(settings),
        announcing: Announcing {
            section: settings.notify.clone(),
            tmux: settings.tmux,
            titles: settings.answers,
        },
        address: opened.address,
        folder: opened.folder,
        macros,
        own_views,
        settings: app_settings(settings, opened.profile, zone.await?, offline),
    };
    runtime::run(console, worker, messages).await?;
    Ok(())
}

fn chosen_keys(settings: &Config) -> Result<KeyMap, Failure> {
    keymap(&settings.keys).map_err(|problems| {
        let file = settings.folders.config_file.display();
        let lines: Vec<String> = problems
            .into_iter()
            .map(|problem| format!("{file}:{}: {}", problem.line, problem.reason))
            .collect();
        Failure::usage(anyhow!(lines.join("\n")))
    })
}

/// The keys that the user's bindings make, or everything that is wrong with them.
pub(super) fn keymap(keys: &[KeyBinding]) -> Result<KeyMap, Vec<BadBinding>> {
    let bindings: Vec<Binding> = keys
        .iter()
        .map(|binding| Binding {
            scope: binding.scope.clone(),
            command: binding.command.clone(),
            keys: binding.chords.clone(),
            line: binding.line,
        })
        .collect();
    KeyMap::new(&bindings)
}

fn app_settings(
    settings: &Config,
    profile: Profile,
    zone: TimeZone,
    offline: bool,
) -> app::Settings {
    let seconds = |it: std::time::Duration| {
        SignedDuration::try_from(it).unwrap_or(SignedDuration::from_secs(5))
    };
    let console = &settings.console;
    app::Settings {
        server: server_name(&profile),
        profile: profile.name,
        agent: profile.agent_name,
        signature: profile.signature,
        zone,
        session: crate::store::session(),
        hold: seconds(profile.hold),
        waiting: profile.waiting,
        custom_fields: profile.custom,
        submit_status: console.default_submit_status,
        wait_thresholds: (seconds(console.wait_warn), seconds(console.wait_alarm)),
        after_action: console.after_action,
        offline,
        read_only: profile.read_only,
        braille: settings.braille,
        notify: notify_settings(&settings.notify),
        mouse: console.mouse,
        pipe_commands: settings.pipe.commands.clone(),
        pipe_timeout: seconds(settings.pipe.timeout),
        views: View::all(settings.views.iter().cloned()),
    }
}

fn notify_settings(section: &NotifySection) -> NotifySettings {
    NotifySettings {
        on: section.on.clone(),
        subjects: section.show_subject,
        outside: section.bell || section.osc != Osc::Off || !section.command.is_empty(),
    }
}

fn server_name(profile: &Profile) -> String {
    let host = profile.url.host_str().unwrap_or_default();
    format!("{host}{}", profile.url.path().trim_end_matches('/'))
}

fn appearance(settings: &Config) -> Appearance {
    let depth = depth(settings.colors);
    Appearance::new(settings.theme.clone(), depth, settings.ground, settings.answers)
}

fn depth(colors: config::Colors) -> ColorDepth {
    match colors {
        config::Colors::None => ColorDepth::None,
        config::Colors::TrueColor => ColorDepth::Full,
        config::Colors::Ansi16 => ColorDepth::Ansi16,
        config::Colors::Ansi256 => ColorDepth::Ansi256,
    }
}

/// The certificates of a profile. TLS itself reads the file that the environment names. Here the
/// file is checked before, since a pipe would keep the console waiting.
pub(super) fn authorities(ca_file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    if let Some(file) = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from) {
        let is_file = std::fs::metadata(&file)
            .with_context(|| format!("SSL_CERT_FILE names {}", file.display()))?
            .is_file();
        if !is_file {
            bail!("SSL_CERT_FILE names {}, which is no file", file.display());
        }
    }
    match ca_file {
        None => Ok(Vec::new()),
        Some(file) => bounded::read(file, CERTIFICATES)
            .with_context(|| format!("the ca_file {} can't be read", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DEFAULT, Overrides};

    /// Whether a configuration lets the console open.
    fn opens(text: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.toml");
        std::fs::write(&config, text).unwrap();
        let overrides = Overrides {
            config: Some(config),
            data: Some(folder.path().into()),
            ..Overrides::default()
        };
        let settings = config::load(overrides, &|_| None).map_err(|error| error.to_string())?;
        chosen_keys(&settings).map_err(|failure| format!("{:#}", failure.error))?;
        settings.profile.map(drop).ok_or("there is no profile")?;
        std::fs::create_dir(folder.path().join("macros")).unwrap();
        let mut macros = MacroFiles::at(&folder.path().join("config.toml"));
        macros.refresh();
        match &macros.read().1[..] {
            [] => Ok(()),
            errors => Err(MacroFiles::words(errors).join("\n")),
        }
    }

    /// The samples of the default file, each with the title of its section.
    fn samples() -> Vec<(&'static str, &'static str)> {
        let mut title = "";
        let mut samples = Vec::new();
        for line in DEFAULT.lines() {
            let Some(sample) = line.strip_prefix('#') else { continue };
            if sample.starts_with('[') {
                title = sample;
            } else if sample.starts_with(char::is_alphabetic) {
                samples.push((title, sample));
            }
        }
        samples
    }

    #[test]
    fn every_sample_of_the_default_file_is_accepted_by_itself() {
        let samples = samples();
        assert!(samples.len() >= 25, "{samples:?}");
        for (title, sample) in samples {
            let needed = match title {
                "[[view]]" => "name = \"Mine\"\n",
                "[[profile.work.field]]" => "id = 3\n",
                "[[macro]]" => "name = \"Mine\"\npriority = \"high\"\n",
                _ => "",
            };
            let url = "url = \"https://crm.example.com\"\n";
            let key = "api_key_file = \"key\"\n";
            let parts = |own: &str| {
                let (name, _) = sample.split_once(" = ").unwrap();
                let others = own.split_inclusive('\n').filter(|line| !line.starts_with(name));
                others.collect::<String>()
            };
            let text = match title {
                "" => format!("{sample}\n[profile.work]\n{url}{key}"),
                "[profile.work]" if sample.starts_with("api_key") => {
                    format!("{title}\n{url}{sample}\n")
                }
                "[profile.work]" => format!("{title}\n{}{sample}\n", parts(&format!("{url}{key}"))),
                _ => format!("[profile.work]\n{url}{key}{title}\n{}{sample}\n", parts(needed)),
            };
            assert_eq!(opens(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn all_samples_of_the_default_file_are_accepted_together() {
        let lines = DEFAULT.lines().map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c == '[' || c.is_alphabetic()) => rest,
            _ => line,
        });
        // A profile has one place for its key.
        let one_key = lines.filter(|line| !line.starts_with("api_key_command"));
        let text: Vec<&str> = one_key.collect();
        assert_eq!(opens(&text.join("\n")), Ok(()));
    }
}
