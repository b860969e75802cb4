//! How commands read a network: where what was read is kept, and what is seen meanwhile.

use super::arguments::Options;
use super::complaint::{Complaint, printable};
use super::parameters;
use super::progress::Progress;
use super::terminal::Terminal;
use crate::read::{self, Cache, Loaded, Parameters, ReadError, Reading};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads a network.
pub(super) fn load(
    file: &str,
    options: &Options,
    terminal: &Terminal,
) -> Result<Loaded, Complaint> {
    with(options, terminal, |parameters, reading| read::load_with(file, parameters, reading))
}

/// Reads a network from several files.
pub(super) fn load_files(
    files: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Loaded, Complaint> {
    with(options, terminal, |parameters, reading| read::load_files(files, parameters, reading))
}

/// Says on stderr what is to be known of a network.
pub(super) fn say(loaded: &Loaded, options: &Options, terminal: &Terminal) {
    for note in loaded.notes.iter().filter(|_| !options.quiet) {
        terminal.complain(&format!("note: {}\n", printable(note)));
    }
}

fn with(
    options: &Options,
    terminal: &Terminal,
    load: impl FnOnce(&Parameters, &Reading<'_>) -> Result<Loaded, ReadError>,
) -> Result<Loaded, Complaint> {
    let parameters = parameters::named(options)?;
    let (cache, progress) = (cache(options)?, Progress::new(terminal, options.quiet));
    let told = |read, all| progress.told(read, all);
    let reading = Reading { threads: 0, cache: cache.as_ref(), progress: Some(&told) };
    let loaded = load(&parameters, &reading);
    progress.end();
    Ok(loaded?)
}

/// Where large networks are kept, unless that is turned off.
fn cache(options: &Options) -> Result<Option<Cache>, Complaint> {
    let wanted = env::var("REACH_CACHE").unwrap_or_default();
    let all = match wanted.as_str() {
        "off" => return Ok(None),
        "" | "on" => false,
        "all" => true,
        other => {
            return Err(Complaint::new(format!("REACH_CACHE cannot be `{other}`"))
                .hint("it is `on`, `off`, or `all` (small input is kept, too)"));
        }
    };
    let Some(folder) = folder().filter(|_| !options.no_cache) else { return Ok(None) };
    let cache = Cache::new(folder, &build(), SystemTime::now());
    Ok(Some(if all { cache.from_bytes(0) } else { cache }))
}

/// `$REACH_CACHE_DIR`, else `vpc-reach/networks` in the user's folder of caches.
fn folder() -> Option<PathBuf> {
    let named = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = || {
        // What is not absolute does not count.
        let stated = named("XDG_CACHE_HOME").filter(|folder| folder.is_absolute());
        stated.or_else(|| named("HOME").map(|home| home.join(".cache")))
    };
    named("REACH_CACHE_DIR").or_else(|| caches().map(|caches| caches.join("vpc-reach/networks")))
}

/// What tells this build from others of the same version, as far as the system says.
fn build() -> String {
    let metadata = env::current_exe().and_then(fs::metadata);
    let since = metadata.as_ref().ok().and_then(|it| it.modified().ok());
    let since = since.and_then(|it| it.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{} {}", metadata.map_or(0, |metadata| metadata.len()), since.as_nanos())
}
