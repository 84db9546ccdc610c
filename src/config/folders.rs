//! Where things are kept.

use std::{
    io,
    path::{Path, PathBuf},
};

use directories::ProjectDirs;
use url::Url;

use crate::private;

/// Why there is no place for files.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no home folder.
    #[error("there is no home folder; set GROWDESK_CONFIG (a file) and GROWDESK_DATA (a folder)")]
    NoHome,
    /// A folder can't be made.
    #[error("the folder {path} can't be made: {source}", path = path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The configuration file and the folder for cache, drafts, outbox and log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// The configuration file; it may not exist.
    pub config_file: PathBuf,
    /// The folder for data; it may not exist.
    pub data_dir: PathBuf,
}

impl Folders {
    /// The given places, or else the usual ones of the system.
    ///
    /// # Errors
    /// If one was not asked for and there is no home folder.
    pub fn find(config: Option<PathBuf>, data: Option<PathBuf>) -> Result<Self, FolderError> {
        let usual = ProjectDirs::from("", "", "growdesk");
        let config =
            config.or_else(|| usual.as_ref().map(|dirs| dirs.config_dir().join("config.toml")));
        let data = data.or_else(|| usual.as_ref().map(|dirs| dirs.data_dir().to_owned()));
        let (Some(config_file), Some(data_dir)) = (config, data) else {
            return Err(FolderError::NoHome);
        };
        Ok(Self { config_file, data_dir })
    }

    /// The folder of a profile's data. Each pair of name and address has a folder of its own, so
    /// that data of one CRM is never shown for another. The folder is not made here.
    pub fn profile_dir(&self, name: &str, url: &Url) -> PathBuf {
        let address = format!("{}{}", url.origin().ascii_serialization(), url.path());
        let mut hasher = fnv::FnvHasher::default();
        std::hash::Hasher::write(&mut hasher, address.trim_end_matches('/').as_bytes());
        let hash = std::hash::Hasher::finish(&hasher) & 0xffff_ffff;
        self.data_dir.join("profiles").join(format!("{name}-{hash:08x}"))
    }

    /// Makes the folder for data.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn create(&self) -> Result<(), FolderError> {
        create_private(&self.data_dir)
    }
}

/// Makes a folder, and those above it, for the user alone (0700). One that exists stays as it is.
///
/// # Errors
/// If it can't be made.
pub(super) fn create_private(path: &Path) -> Result<(), FolderError> {
    private::make_folder(path)
        .map_err(|source| FolderError::Create { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folders(data: &Path) -> Folders {
        Folders::find(Some("c.toml".into()), Some(data.into())).unwrap()
    }

    #[test]
    fn each_address_has_its_own_folder() {
        let folders = folders(Path::new("/d"));
        let dir = |url: &str| folders.profile_dir("work", &Url::parse(url).unwrap());
        let first = dir("https://a.example");
        assert_eq!(first, dir("https://a.example:443/"));
        assert_ne!(first, dir("https://a.example/crm"));
        assert_ne!(first, dir("http://a.example"));
        // The name must never change, or data would be lost from sight.
        assert_eq!(first, Path::new("/d/profiles/work-0bd2568d"));
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_for_the_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("a/b");
        folders(&data).create().unwrap();
        folders(&data).create().unwrap();
        for path in [data.as_path(), data.parent().unwrap()] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_folder_that_can_not_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let error = folders(&file.join("data")).create().unwrap_err();
        assert!(error.to_string().contains("file/data"), "{error}");
    }
}
