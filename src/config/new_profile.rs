//! Keeps a profile that `growdesk login` asked for, and its key.

use std::{
    io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret as _, SecretString};
use toml_edit::{DocumentMut, Item, Table, value};

use super::{
    DEFAULT,
    file::File,
    folders::{FolderError, create_private},
    problem::ConfigError,
    profile::{check_url, is_profile_name, time_zone},
    secret::is_key,
    settings::ENVIRONMENT,
};
use crate::private;

/// A profile to be stored.
#[derive(Clone, Debug, Default)]
pub struct NewProfile {
    /// Its name; one of the same name is changed.
    pub name: String,
    /// The address of the CRM.
    pub url: String,
    /// Whether plain http is allowed beyond this machine.
    pub allow_http: bool,
    /// The proxy, if one is to be named.
    pub proxy: Option<String>,
    /// A file with certificates to be trusted, if one is to be named.
    pub ca_file: Option<PathBuf>,
    /// The agent's name, if known.
    pub agent_name: Option<String>,
    /// The IANA name of the zone of the CRM's clock, if known.
    pub time_zone: Option<String>,
    /// Whether it is to be the one that is used unless another is named.
    pub make_default: bool,
}

/// Why a profile was not kept; the configuration file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NewProfileError {
    /// The profile itself is wrong.
    #[error("{0}")]
    Profile(String),
    /// The file that is there is wrong already.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// A folder can't be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file can't be written.
    #[error("{} can't be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes the key to the file `keys/NAME` (0600, in a folder of 0700) beside the configuration file,
/// then the profile into the configuration file (0600), whose comments and order stay. Both files are
/// replaced at once or not at all. A new file starts with [`DEFAULT`].
///
/// # Errors
/// If the profile, or the file that is there, is wrong, or if something can't be written.
pub fn store_profile(
    config_file: &Path,
    profile: &NewProfile,
    key: &SecretString,
) -> Result<(), NewProfileError> {
    check(profile, key)?;
    let write = |source| NewProfileError::Write { path: config_file.to_owned(), source };
    let config_file = private::behind_link(config_file).map_err(write)?;
    let text = match File::source(&config_file)? {
        Some(source) => {
            File::parse(&source, &config_file)?;
            with_profile(&source, profile)?
        }
        None => format!("{DEFAULT}\n{}", with_profile("", profile)?),
    };
    File::parse(&text, &config_file)?;
    let folder = config_file.parent().unwrap_or(Path::new("")).to_owned();
    let keys = folder.join("keys");
    create_private(&folder)?;
    create_private(&keys)?;
    replace(&keys.join(&profile.name), &format!("{}\n", key.expose_secret()))?;
    replace(&config_file, &text)
}

fn check(profile: &NewProfile, key: &SecretString) -> Result<(), NewProfileError> {
    if !is_profile_name(&profile.name) || profile.name == ENVIRONMENT {
        let reason = "a profile's name is made of letters, digits, `.`, `_` and `-`, and can't be \
                      \"environment\"";
        return Err(NewProfileError::Profile(reason.into()));
    }
    check_url(&profile.url, profile.allow_http).map_err(NewProfileError::Profile)?;
    if let Some(zone) = &profile.time_zone {
        time_zone(zone).map_err(NewProfileError::Profile)?;
    }
    if !is_key(key.expose_secret()) {
        return Err(NewProfileError::Profile(
            "the key holds characters that a key never has".into(),
        ));
    }
    Ok(())
}

/// The text of a configuration file with the profile in it.
fn with_profile(source: &str, profile: &NewProfile) -> Result<String, NewProfileError> {
    let mut document: DocumentMut =
        source.parse().map_err(|error| NewProfileError::Profile(format!("{error}")))?;
    if profile.make_default {
        document["default_profile"] = value(&profile.name);
    }
    let profiles = document.entry("profile").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let no_section = || NewProfileError::Profile("`profile` in the file is no section".into());
    let table = profiles
        .as_table_like_mut()
        .ok_or_else(no_section)?
        .entry(&profile.name)
        .or_insert_with(|| Item::Table(Table::new()))
        .as_table_like_mut()
        .ok_or_else(no_section)?;
    table.insert("url", value(profile.url.trim()));
    table.remove("api_key_command");
    table.insert("api_key_file", value(format!("keys/{}", profile.name)));
    if profile.allow_http || table.contains_key("allow_http") {
        table.insert("allow_http", value(profile.allow_http));
    }
    if let Some(proxy) = &profile.proxy {
        table.insert("proxy", value(proxy));
    }
    if let Some(file) = &profile.ca_file {
        table.insert("ca_file", value(file.display().to_string()));
    }
    if let Some(name) = &profile.agent_name {
        table.insert("agent_name", value(name));
    }
    if let Some(zone) = &profile.time_zone {
        table.insert("timezone", value(zone));
    }
    Ok(document.to_string())
}

fn replace(path: &Path, text: &str) -> Result<(), NewProfileError> {
    private::replace(path, text)
        .map_err(|source| NewProfileError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::KeySource;

    fn profile(name: &str) -> NewProfile {
        NewProfile {
            name: name.into(),
            url: "https://crm.example.com".into(),
            ..NewProfile::default()
        }
    }

    fn store(file: &Path, profile: &NewProfile) -> Result<(), NewProfileError> {
        store_profile(file, profile, &"s3cret".into())
    }

    #[tokio::test]
    async fn what_is_stored_can_be_used() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("growdesk/config.toml");
        store(&path, &profile("work")).unwrap();
        let file = File::read(&path).unwrap();
        assert_eq!(file.profiles[0].url.as_str(), "https://crm.example.com/");
        let source = file.profiles[0].key.clone().unwrap();
        assert!(matches!(&source, KeySource::File(file) if file.ends_with("growdesk/keys/work")));
        assert_eq!(source.read().await.unwrap().expose_secret(), "s3cret");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(DEFAULT) && !text.contains("s3cret"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("growdesk");
        store(&folder.join("config.toml"), &profile("work")).unwrap();
        for (path, expected) in
            [("", 0o700), ("keys", 0o700), ("config.toml", 0o600), ("keys/work", 0o600)]
        {
            let mode = fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "{path}");
        }
    }

    #[test]
    fn comments_and_the_rest_stay() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        let before = "# mine\n[profile.work] # here\nurl = \"https://old.example\"\n\
                      api_key_command = [\"pass\"]\npoll_seconds = 60 # slow\n\n[console]\ndefault_submit_status = 2\n";
        fs::write(&path, before).unwrap();
        store(&path, &profile("work")).unwrap();
        store(&path, &NewProfile { make_default: true, ..profile("other") }).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for kept in ["# mine", "# here", "poll_seconds = 60 # slow", "default_submit_status = 2"] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
        let file = File::read(&path).unwrap();
        assert_eq!(file.default_profile.as_deref(), Some("other"));
        assert_eq!(file.profiles.len(), 2);
        assert!(!text.contains("api_key_command"), "{text}");
    }

    #[test]
    fn what_is_wrong_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        for wrong in [
            profile("../up"),
            profile("environment"),
            NewProfile { url: "http://crm.example.com".into(), ..profile("a") },
            NewProfile { time_zone: Some("Mars/Base".into()), ..profile("a") },
        ] {
            store(&path, &wrong).unwrap_err();
        }
        assert!(store_profile(&path, &profile("a"), &"two words".into()).is_err());
        assert!(!path.exists() && !home.path().join("keys").exists());
        fs::write(&path, "broken").unwrap();
        assert!(matches!(store(&path, &profile("a")), Err(NewProfileError::File(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "broken");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (real, link) = (home.path().join("real.toml"), home.path().join("config.toml"));
        fs::write(&real, "# mine\n").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        store(&link, &profile("work")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("[profile.work]"));
        fs::remove_file(&real).unwrap();
        let error = store(&link, &profile("work")).unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && !real.exists());
    }
}
