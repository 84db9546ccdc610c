//! Reads the data stored on this machine, without a request, a key or a terminal.

use super::{Common, Failure, console, failure};
use crate::store::Store;

/// The store of the profile in the settings. If nothing was stored yet it is `None`, and no file is
/// made.
pub(super) async fn store(common: &Common) -> Result<Option<Store>, Failure> {
    let settings = common.settings()?;
    let profile = settings.profile.as_ref().ok_or_else(console::no_profile)?;
    let folder = settings.folders.profile_dir(&profile.name, &profile.url);
    if !Store::is_in(&folder) {
        return Ok(None);
    }
    let opened = Store::open(&folder).await?;
    for notice in opened.notices {
        failure::notice(&notice);
    }
    Ok(Some(opened.store))
}
