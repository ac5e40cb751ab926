//! `zexus cache`, and where the cache is.

use std::path::{Path, PathBuf};

use zexus::{Cache, files};

use crate::args::CacheAction;
use crate::output::{note, print};

/// The variable that names the directory of the cache; empty for no cache.
const VARIABLE: &str = "ZEXUS_CACHE";

/// Shows or empties the cache; gives the exit code.
pub fn cache(action: CacheAction) -> u8 {
    let Some(cache) = user() else {
        note(&format!("error: there is no place for a cache; set {VARIABLE} to a directory"));
        return 2;
    };
    let result = match action {
        CacheAction::Info => cache.info().map(|info| (info, "holds")),
        CacheAction::Clear => cache.clear().map(|info| (info, "deleted")),
    };
    match result {
        Ok((info, verb)) => print(&format!(
            "{}\n{verb} {} programs, {} bytes\n",
            cache.dir().display(),
            info.entries,
            info.bytes
        )),
        Err(e) => {
            note(&format!("error: {}: {}", cache.dir().display(), files::reason(&e)));
            1
        }
    }
}

/// The cache of the user: in the directory that `ZEXUS_CACHE` names, or in the place for caches of this system.
pub fn user() -> Option<Cache> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return (!named.is_empty()).then(|| Cache::new(PathBuf::from(named)));
    }
    let variable =
        |name| std::env::var_os(name).filter(|dir| Path::new(dir).is_absolute()).map(PathBuf::from);
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    Some(Cache::new(base?.join("zexus")))
}
