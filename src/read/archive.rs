//! A folder as one file: `.tar.zst`, or `.tar`.

use super::ReadError;
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, Read};

/// The most that an archive may hold, in bytes: a small one could unpack to more than there is room.
const LARGEST: u64 = 512 * 1024 * 1024;

/// One file of an archive.
pub(super) struct Entry {
    /// Its path in the archive.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Whether a file is an archive by its name.
pub(super) fn is_archive(file: &str) -> bool {
    let file = file.to_ascii_lowercase();
    [".tar.zst", ".tzst", ".tar"].iter().any(|ending| file.ends_with(ending))
}

/// The files of an archive, in the order of their paths.
pub(super) fn entries(file: &str, bytes: &[u8]) -> Result<Vec<Entry>, ReadError> {
    let broken = |cause: &dyn std::fmt::Display| {
        ReadError::new(format!("{file} is no archive that can be read: {cause}")).hint(
            "expected what `reach snapshot` writes: a .tar.zst, or the folder it was made from",
        )
    };
    let mut entries = match file.to_ascii_lowercase().ends_with(".tar") {
        true => files(bytes).map_err(|error| broken(&error))?,
        false => {
            let plain = StreamingDecoder::new(bytes).map_err(|error| broken(&error))?;
            files(plain).map_err(|error| broken(&error))?
        }
    };
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

fn files(reader: impl Read) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut room = LARGEST;
    for entry in tar::Archive::new(reader).entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        let read = entry.take(room + 1).read_to_end(&mut bytes)?;
        let Some(left) = u64::try_from(read).ok().and_then(|read| room.checked_sub(read)) else {
            return Err(io::Error::other(format!(
                "it holds more than {} MiB: unpack it, and name the folder",
                LARGEST / 1024 / 1024
            )));
        };
        room = left;
        found.push(Entry { path, bytes });
    }
    Ok(found)
}
