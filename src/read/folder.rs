//! The files of a folder and its folders.

use super::ReadError;
use super::source::unreadable;
use crate::threads;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// One file, before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its path, as the user named the folder.
    pub file: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it was last changed, where the system tells.
    pub changed: Option<SystemTime>,
    /// What else tells it from another file of its name, where the system does: its number, and
    /// when anything about it changed, which no program can set.
    pub identity: [u64; 3],
}

impl Listed {
    /// One file by its path; what cannot be told of it is left to reading it.
    pub fn of(file: String, metadata: Option<&fs::Metadata>) -> Self {
        let size = metadata.map_or(0, fs::Metadata::len);
        let changed = metadata.and_then(|metadata| metadata.modified().ok());
        Self { file, size, changed, identity: metadata.map(identity).unwrap_or_default() }
    }
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> [u64; 3] {
    use std::os::unix::fs::MetadataExt;
    [metadata.ino(), metadata.ctime().cast_unsigned(), metadata.ctime_nsec().cast_unsigned()]
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> [u64; 3] {
    [0; 3]
}

/// How many files one thread asks after at a time.
const ASKED: usize = 512;

/// Every file in a folder and its folders, in the order of the names, those of a folder before
/// those of its folders; hidden ones are passed over.
pub(super) fn files(path: &str, threads: usize) -> Result<Vec<Listed>, ReadError> {
    let found = names(path)?;
    let asked: Vec<&[String]> = found.chunks(ASKED).collect();
    let listed = threads::each(0..asked.len(), threads, |number| {
        let files = asked.get(number).copied().unwrap_or_default().iter();
        let listed = files.map(|file| Listed::of(file.clone(), fs::metadata(file).ok().as_ref()));
        Ok::<Vec<_>, ReadError>(listed.collect())
    })?;
    Ok(listed.into_iter().flatten().collect())
}

/// Their paths.
fn names(path: &str) -> Result<Vec<String>, ReadError> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut left = vec![path.trim_end_matches('/').to_owned()];
    while let Some(folder) = left.pop() {
        // A link may lead back.
        let known = fs::canonicalize(&folder).map_err(|error| unreadable(&folder, &error))?;
        if !seen.insert(known) {
            continue;
        }
        let entries = fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        let mut named = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let file = format!("{folder}/{name}");
            // The entry of a link tells of the link.
            let is_folder = match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => Path::new(&file).is_dir(),
            };
            named.push((name, file, is_folder));
        }
        named.sort();
        let mut folders = Vec::new();
        for (_, file, is_folder) in named {
            if is_folder { &mut folders } else { &mut found }.push(file);
        }
        left.extend(folders.into_iter().rev());
    }
    Ok(found)
}
