//! The file that holds a network: what it is of, where its sections are, and the sections.
//!
//! | bytes | |
//! |---|---|
//! | 8, 8, 8 | [`FORMAT`], the program's stamp, and the sum of both |
//! | 8, 8, 8 | how long the key is, its sum, and how many sections there are |
//! | 32 each | of each section its kind, its rows, its length and its sum |
//! | 8 | the sum of all of these |
//! | | the key, and the sections |
//!
//! Numbers are little-endian. Every byte of the file is under one of the sums.

use super::bytes::{Broken, Reader, sum};
use super::sections::{self, Section};
use super::{Loaded, is_private};
use crate::threads;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The first bytes, with the version of the format.
const FORMAT: [u8; 8] = *b"reach\0n1";

/// What was found.
pub(super) enum Kept {
    /// The network of the very files.
    Network(Box<Loaded>),
    /// Nothing is kept.
    Nothing,
    /// What is kept cannot be used, because it …
    Unusable(String),
}

/// Why a file is of no use.
enum Useless {
    Damaged,
    OtherProgram,
    OtherFiles,
}

impl From<Broken> for Useless {
    fn from(_: Broken) -> Self {
        Self::Damaged
    }
}

/// What a file holds, when it holds the network of the files that `key` tells of.
pub(super) fn read(file: &Path, stamp: u64, key: &[u8], threads: usize) -> Kept {
    let private = file.parent().map_or(Ok(false), is_private);
    let bytes = match private {
        Ok(true) => fs::read(file),
        Ok(false) => return Kept::Nothing,
        Err(error) => Err(error),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Kept::Nothing,
        Err(error) => return Kept::Unusable(format!("cannot be read ({error})")),
    };
    match network(&bytes, stamp, key, threads) {
        Ok(loaded) => Kept::Network(Box::new(loaded)),
        Err(why) => Kept::Unusable(
            match why {
                Useless::Damaged => "is damaged",
                Useless::OtherProgram => "was written by another version of reach",
                Useless::OtherFiles => "is out of date, its files have changed",
            }
            .to_owned(),
        ),
    }
}

fn network(bytes: &[u8], stamp: u64, key: &[u8], threads: usize) -> Result<Loaded, Useless> {
    let mut from = Reader::new(bytes);
    let head = from.bytes(16)?;
    if word(&mut from)? != sum(head) {
        return Err(Useless::Damaged);
    }
    if head != [FORMAT, stamp.to_le_bytes()].concat() {
        return Err(Useless::OtherProgram);
    }
    let table = from.bytes(24)?;
    let mut sizes = Reader::new(table);
    let (key_size, key_sum, count) = (size(&mut sizes)?, word(&mut sizes)?, size(&mut sizes)?);
    let rows = from.bytes(count.checked_mul(32).ok_or(Broken)?)?;
    if word(&mut from)? != sum(&[table, rows].concat()) {
        return Err(Useless::Damaged);
    }
    let known = from.bytes(key_size)?;
    if sum(known) != key_sum {
        return Err(Useless::Damaged);
    }
    if known != key {
        return Err(Useless::OtherFiles);
    }
    let mut rows = Reader::new(rows);
    let mut found = Vec::new();
    for _ in 0..count {
        let kind = u8::try_from(word(&mut rows)?).map_err(|_| Broken)?;
        let (count, length, sum) = (size(&mut rows)?, size(&mut rows)?, word(&mut rows)?);
        found.push((kind, count, from.bytes(length)?, sum));
    }
    if !from.is_done() {
        return Err(Useless::Damaged);
    }
    let read = threads::each(0..found.len(), threads, |number| {
        let (kind, count, bytes, known) = *found.get(number).ok_or(Broken)?;
        match sum(bytes) == known {
            true => sections::read(kind, count, bytes),
            false => Err(Broken),
        }
    })?;
    let (network, notes) = sections::whole(read, threads)?;
    Ok(Loaded { network, notes, ..Loaded::default() })
}

fn word(from: &mut Reader<'_>) -> Result<u64, Broken> {
    from.array().map(u64::from_le_bytes)
}

fn size(from: &mut Reader<'_>) -> Result<usize, Broken> {
    usize::try_from(word(from)?).map_err(|_| Broken)
}

/// Writes a network where nothing is seen of it until it is whole: another process finds what was
/// there before, or this.
pub(super) fn write(
    file: &Path,
    stamp: u64,
    key: &[u8],
    loaded: &Loaded,
    threads: usize,
) -> io::Result<()> {
    let sections = sections::sections(&loaded.network, &loaded.notes, threads);
    let length = |length: usize| u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes();
    let head = [FORMAT, stamp.to_le_bytes()].concat();
    let mut table = [length(key.len()), sum(key).to_le_bytes(), length(sections.len())].concat();
    for Section { kind, rows, bytes } in &sections {
        let row = [u64::from(*kind).to_le_bytes(), length(*rows), length(bytes.len())];
        table.extend(row.into_iter().flatten());
        table.extend(sum(bytes).to_le_bytes());
    }
    let (mut to, beside) = beside(file)?;
    let mut put = |bytes: &[u8]| to.write_all(bytes);
    let written = put(&head)
        .and_then(|()| put(&sum(&head).to_le_bytes()))
        .and_then(|()| put(&table))
        .and_then(|()| put(&sum(&table).to_le_bytes()))
        .and_then(|()| put(key))
        .and_then(|()| sections.iter().try_for_each(|section| put(&section.bytes)))
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        // What is half written is of no use; if it cannot be removed, it is not found either.
        drop(fs::remove_file(&beside));
    }
    written
}

/// A new file beside the other, its owner's alone.
fn beside(file: &Path) -> io::Result<(fs::File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut last = io::Error::from(ErrorKind::AlreadyExists);
    // Others may be writing the same; and what one that was ended left behind is in nobody's way.
    for number in 0..16 {
        let beside = file.with_extension(format!("part{number}"));
        match options.open(&beside) {
            Ok(to) => return Ok((to, beside)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
