//! Config: the configuration file, profiles, keys, and where API keys are kept.
//!
//! [`load`] is the way in: it reads the file, lays the environment and the flags over it, and gives
//! [`Config`]. `assets/default.toml` is the documentation of the file, and what a new file starts
//! with.

mod chord;
mod colors;
mod console;
mod custom;
mod effective;
mod examine;
mod file;
mod folders;
mod look;
mod macros;
mod new_profile;
mod notify;
mod own_view;
mod pipe;
mod places;
mod problem;
mod profile;
mod secret;
mod sections;
mod settings;
mod views;

pub use chord::{KeyBinding, chords};
pub use colors::Colors;
pub use console::ConsoleSection;
pub use effective::{Setting, SettingSource, effective};
pub use examine::{Examined, Finding, examine, folders, macro_folders};
pub use file::{File, StoredProfile};
pub use folders::{FolderError, Folders};
pub use look::{ThemeSection, shipped, shipped_names};
pub use macros::MacroFiles;
pub use new_profile::{NewProfile, NewProfileError, store_profile};
pub use notify::{NotifySection, Osc};
pub use own_view::{OwnViewError, store_view};
pub use pipe::PipeSection;
pub use problem::{Complaint, ConfigError};
pub use profile::{Profile, check_proxy, check_url, is_profile_name, time_zone};
pub use secret::{KeySource, SecretError};
pub use settings::{Config, Overrides, SECRET_VARIABLES, SettingsError, load};

/// The commented default file.
pub const DEFAULT: &str = include_str!("../../assets/default.toml");
