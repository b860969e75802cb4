//! Networks kept as they were read, so that a large capture is read once: what was read is found
//! again as long as its files are the same. Nothing that is kept is trusted: what does not belong to
//! these files, or is not as it was written, is read anew.

mod bytes;
mod file;
mod plain;
mod sections;
mod shapes;

use super::folder::Listed;
use super::{Loaded, ReadError};
use crate::models;
use bytes::Writer;
use file::Kept;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The least that is kept, in bytes of input: less is read as fast as it is found again.
const LEAST: u64 = 8 << 20;

/// How long a file has to have been left alone: a change right after another may not show in the
/// time that the system tells.
const SETTLED: Duration = Duration::from_secs(2);

/// Where networks are kept once they were read.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    tool: String,
    now: SystemTime,
    least: u64,
}

impl Cache {
    /// A cache in a folder, which is made where there is none. `tool` tells one build of the
    /// program from every other, whose networks are not used.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, tool: &str, now: SystemTime) -> Self {
        Self { folder: folder.into(), tool: tool.to_owned(), now, least: LEAST }
    }

    /// The same for input of that many bytes and more.
    #[must_use]
    pub fn from_bytes(self, least: u64) -> Self {
        Self { least, ..self }
    }

    /// The network of these files: as it is kept, else as `read` reads it, which is then kept. What
    /// is to be said of the cache is a note.
    pub(super) fn network(
        &self,
        place: &str,
        files: &[Listed],
        threads: usize,
        read: impl FnOnce() -> Result<Loaded, ReadError>,
    ) -> Result<Loaded, ReadError> {
        let size: u64 = files.iter().map(|file| file.size).sum();
        if size < self.least {
            return read();
        }
        let key = key(place, files);
        let (kept, stamp) = (self.folder.join(name(place)), self.stamp());
        let mut notes = Vec::new();
        match file::read(&kept, stamp, &key, threads) {
            Kept::Network(loaded) => return Ok(*loaded),
            Kept::Nothing => {}
            Kept::Unusable(why) => notes.push(format!(
                "what the cache holds of {place} {why}: it is read anew ({})",
                kept.display()
            )),
        }
        let mut loaded = read()?;
        if self.is_settled(files) && is_capture(&loaded) {
            let written = private(&self.folder)
                .and_then(|()| file::write(&kept, stamp, &key, &loaded, threads));
            if let Err(error) = written {
                notes.push(format!(
                    "{place} is not kept in the cache {}: {error}",
                    self.folder.display()
                ));
            }
        }
        loaded.notes.append(&mut notes);
        Ok(loaded)
    }

    /// What tells this program, and what it knows of AWS's answers, from any other.
    fn stamp(&self) -> u64 {
        let mut to = Writer::default();
        to.text(env!("CARGO_PKG_VERSION"));
        to.text(&self.tool);
        for table in models::read_by_captures() {
            to.text(table);
        }
        bytes::sum(&to.bytes)
    }

    /// Whether a file that is changed from now on will show it.
    fn is_settled(&self, files: &[Listed]) -> bool {
        let settled = |changed: SystemTime| {
            self.now.duration_since(changed).is_ok_and(|since| since >= SETTLED)
        };
        files.iter().all(|file| file.changed.is_some_and(settled))
    }
}

/// Only saved answers are kept: a template's network depends on more than its files.
fn is_capture(loaded: &Loaded) -> bool {
    let Loaded { network, expectations, what_if, notes: _ } = loaded;
    !network.planned
        && expectations.is_empty()
        && what_if.is_empty()
        && network.assumptions.changed().next().is_none()
}

/// What the files were when they were read, and what they were called, which answers cite.
fn key(place: &str, files: &[Listed]) -> Vec<u8> {
    let mut to = Writer::default();
    to.text(place);
    to.text(&canonical(place));
    to.count(files.len());
    for Listed { file, size, changed, identity } in files {
        to.text(file.strip_prefix(place).unwrap_or(file));
        to.number(*size);
        let since = changed.and_then(|changed| changed.duration_since(SystemTime::UNIX_EPOCH).ok());
        let since = since.unwrap_or_default();
        to.number(since.as_secs());
        to.number(u64::from(since.subsec_nanos()));
        for number in identity {
            to.number(*number);
        }
    }
    to.bytes
}

fn canonical(place: &str) -> String {
    let known = fs::canonicalize(place).unwrap_or_else(|_| PathBuf::from(place));
    known.to_string_lossy().into_owned()
}

/// What the file is called that holds the network of a place: one name for one place, under the
/// name that the user gave it.
fn name(place: &str) -> String {
    let mut to = Writer::default();
    to.text(place);
    to.text(&canonical(place));
    format!("{:016x}.network", bytes::sum(&to.bytes))
}

/// Makes a folder that is its owner's alone; refuses one in which others may write.
fn private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    match is_private(folder)? {
        true => Ok(()),
        false => Err(io::Error::other("others may write in it (chmod 700 makes it yours alone)")),
    }
}

/// Whether nobody else may write in a folder.
fn is_private(folder: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(metadata.permissions().mode() & 0o022 == 0)
    }
    #[cfg(not(unix))]
    {
        Ok(metadata.is_dir())
    }
}
