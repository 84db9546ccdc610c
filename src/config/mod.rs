//! Settings: the configuration file, profiles, keys, and where API keys are kept.
//!
//! [`load`] is the way in: it reads the file, lays the environment and the flags over it, and gives
//! [`Settings`]. `assets/default.toml` is the documentation of the file, and what a new file starts
//! with.

mod chord;
mod console;
mod file;
mod folders;
mod problem;
mod profile;
mod reader;
mod secret;
mod settings;
mod store;
mod theme;
mod views;

pub use chord::{KeyBinding, chords};
pub use console::Console;
pub use file::{File, StoredProfile};
pub use folders::{FolderError, Folders};
pub use problem::{ConfigError, Problem};
pub use profile::{Profile, check_proxy, check_url, is_profile_name, time_zone};
pub use secret::{KeySource, SecretError};
pub use settings::{Overrides, SECRET_VARIABLES, Settings, SettingsError, load};
pub use store::{NewProfile, StoreError, store_profile};
pub use theme::ColorDepth;

/// The commented default file.
pub const DEFAULT: &str = include_str!("../../assets/default.toml");
