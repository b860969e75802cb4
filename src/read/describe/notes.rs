//! What a person should know of the reading.

use super::answer::Answer;
use super::split::Page;
use crate::network::{Kind, Scope};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Notes {
    /// The folder that holds every file, which goes without saying.
    pub place: String,
    /// Files that hold no answer.
    pub other_files: Vec<String>,
    /// Files that hold nothing at all.
    pub empty_files: Vec<String>,
    /// Top-level keys of answers that are not recognised.
    pub other_keys: BTreeSet<String>,
    /// Anything else, in words.
    pub lines: Vec<String>,
    pages: BTreeMap<(Scope, String), Pages>,
}

/// The pages of one answer.
struct Pages {
    kind: Kind,
    /// The file that says that more follow, when one does.
    more: Option<String>,
    /// Whether there is one after which none follows.
    last: bool,
}

impl Notes {
    /// Notes a page of an answer.
    pub fn page(&mut self, page: &Page<'_>, key: &str, kind: Kind) {
        let place = (page.document.scope.clone(), key.to_owned());
        let pages = self.pages.entry(place).or_insert(Pages { kind, more: None, last: false });
        match page.more() {
            true => pages.more = Some(page.document.file.clone()),
            false => pages.last = true,
        }
    }

    /// Notes an answer that says nowhere what it belongs to; `pattern` is a name that would say it.
    pub fn ownerless(&mut self, answer: &Answer<'_>, pattern: &str) {
        let line = format!(
            "`{}` in {} does not say what it belongs to and is left out: name the file {pattern}",
            answer.key, answer.page.document.file
        );
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// Notes what a later part of the input gave to note.
    pub fn absorb(&mut self, later: Self) {
        let Self { place: _, other_files, empty_files, other_keys, lines, pages } = later;
        self.other_files.extend(other_files);
        self.empty_files.extend(empty_files);
        self.other_keys.extend(other_keys);
        self.lines.extend(lines);
        for (place, Pages { kind, more, last }) in pages {
            let pages = self.pages.entry(place).or_insert(Pages { kind, more: None, last: false });
            pages.more = more.or(pages.more.take());
            pages.last |= last;
        }
    }

    /// The kinds of which every page is there, by folder. Where a page is missing, what is not seen
    /// may yet exist.
    pub fn captured_kinds(&self) -> Vec<(Scope, Kind)> {
        let whole = self.pages.iter().filter(|(_, pages)| pages.last);
        whole.map(|((folders, _), pages)| (folders.clone(), pages.kind)).collect()
    }

    /// Everything, a line each.
    pub fn lines(self) -> Vec<String> {
        let mut lines = self.lines;
        let here = |files: Vec<String>| {
            let short = |file: String| file.strip_prefix(&self.place).unwrap_or(&file).to_owned();
            files.into_iter().map(short).collect()
        };
        let missing = self.pages.iter().filter(|(_, pages)| !pages.last);
        for ((_, key), Pages { more, .. }) in missing {
            let file = more.as_deref().unwrap_or("the input");
            lines.push(format!(
                "a page of `{key}` is missing: {file} says that more follow, so what is not seen \
                 may yet exist"
            ));
        }
        if !self.empty_files.is_empty() {
            let count = files(self.empty_files.len(), "is", "are");
            lines.push(format!("{count} empty: {}", some(here(self.empty_files))));
        }
        if !self.other_files.is_empty() {
            let count = files(self.other_files.len(), "was", "were");
            lines.push(format!("{count} not recognised: {}", some(here(self.other_files))));
        }
        let keys: Vec<String> = self.other_keys.into_iter().map(|key| format!("`{key}`")).collect();
        match keys.len() {
            0 => {}
            1 => lines.push(format!("1 top-level key was not recognised: {}", some(keys))),
            count => {
                lines.push(format!("{count} top-level keys were not recognised: {}", some(keys)))
            }
        }
        lines
    }
}

fn files(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 file {one}"),
        count => format!("{count} files {several}"),
    }
}

/// The first few of a list.
fn some(mut names: Vec<String>) -> String {
    const SHOWN: usize = 8;
    names.sort();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    match more {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
