//! The manifest while a capture runs.

use super::folder::write_whole;
use crate::read::manifest::{CallRecord, CallStatus, FILE, Manifest};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the manifest is written while calls end.
const EVERY: Duration = Duration::from_secs(2);

/// What tells a call from every other: account, Region, call, variant.
type Key = (String, String, String, Option<String>);

/// The manifest of a running capture.
#[derive(Debug)]
pub(super) struct Book {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    manifest: Manifest,
    places: BTreeMap<Key, usize>,
    written: Instant,
}

fn key(record: &CallRecord) -> Key {
    (record.account.clone(), record.region.clone(), record.call.clone(), record.variant.clone())
}

impl Book {
    /// Opens the book of a folder on the page where it was left.
    pub fn new(folder: &Path, manifest: Manifest) -> io::Result<Self> {
        let places =
            manifest.calls.iter().enumerate().map(|(place, record)| (key(record), place)).collect();
        let inner = Inner { manifest, places, written: Instant::now() };
        let book = Self { path: folder.join(FILE), inner: Mutex::new(inner) };
        book.write()?;
        Ok(book)
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds calls that are to be made; those that are known keep what came of them.
    pub fn plan(&self, records: Vec<CallRecord>) {
        self.with(|inner| {
            for record in records {
                let key = key(&record);
                if !inner.places.contains_key(&key) {
                    inner.places.insert(key, inner.manifest.calls.len());
                    inner.manifest.calls.push(record);
                }
            }
        });
    }

    /// What came of a call so far.
    pub fn status(&self, record: &CallRecord) -> CallStatus {
        self.with(|inner| {
            let place = inner.places.get(&key(record));
            let record = place.and_then(|place| inner.manifest.calls.get(*place));
            record.map_or(CallStatus::Pending, |record| record.status)
        })
    }

    /// Notes what came of a call.
    pub fn note(&self, record: CallRecord) -> io::Result<()> {
        let due = self.with(|inner| {
            let place = inner.places.get(&key(&record)).copied();
            if let Some(known) = place.and_then(|place| inner.manifest.calls.get_mut(place)) {
                *known = record;
            }
            inner.written.elapsed() >= EVERY
        });
        if due { self.write() } else { Ok(()) }
    }

    /// Notes what else is to be known.
    pub fn say(&self, note: String) {
        self.with(|inner| {
            if !inner.manifest.notes.contains(&note) {
                inner.manifest.notes.push(note);
            }
        });
    }

    /// Changes the manifest's head.
    pub fn change(&self, change: impl FnOnce(&mut Manifest)) {
        self.with(|inner| change(&mut inner.manifest));
    }

    /// Writes the manifest as it is now.
    pub fn write(&self) -> io::Result<()> {
        self.with(|inner| {
            inner.written = Instant::now();
            let text = serde_json::to_string_pretty(&inner.manifest).map_err(io::Error::from)?;
            write_whole(&self.path, (text + "\n").as_bytes())
        })
    }

    /// The manifest as it is now.
    pub fn manifest(&self) -> Manifest {
        self.with(|inner| inner.manifest.clone())
    }
}
