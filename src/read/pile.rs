//! Several files that are one network: saved answers, or templates.

use super::cloudformation::{self, Parameters};
use super::describe::{self, Document, Gathered, Held, Stop};
use super::folder::Listed;
use super::manifest;
use super::source::{document, ending, not_text, text};
use super::{Loaded, ReadError, Reading};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

/// Files in the order in which they are read, and how to get at what they hold.
pub(super) struct Pile<'p> {
    /// What the user calls them all.
    pub place: &'p str,
    /// The files.
    pub files: &'p [Listed],
    /// What the file of a number holds, in the room given, which may have been used before.
    pub bytes: &'p (dyn Fn(usize, Vec<u8>) -> Result<Vec<u8>, ReadError> + Sync),
}

impl Pile<'_> {
    /// Reads them: file by file, on several threads, keeping none; or, where a template is among
    /// them, as templates.
    pub fn read(
        &self,
        parameters: &Parameters,
        reading: &Reading<'_>,
    ) -> Result<Loaded, ReadError> {
        let scoped = |one: &Listed| (describe::scope_of_path(&one.file), one.size);
        let sizes: Vec<_> = self.files.iter().map(scoped).collect();
        let (all, read) = (sizes.iter().map(|(_, size)| size).sum(), AtomicU64::new(0));
        let gathered = describe::gather(self.place, &sizes, reading.threads(), |index, room| {
            let held = self.held(index, room);
            if let (Some(progress), Some((_, size))) = (reading.progress, sizes.get(index)) {
                progress(read.fetch_add(*size, Ordering::Relaxed) + size, all);
            }
            held
        });
        match gathered {
            Ok(Gathered::Network(loaded)) => Ok(*loaded),
            Ok(Gathered::Nothing(others)) => Err(no_output(self.place, &others)),
            Err(Stop::Template) => self.templates(parameters),
            // Beside a template, other files need not be anything.
            Err(Stop::Unreadable(error)) => match self.has_template() {
                true => self.templates(parameters),
                false => Err(*error),
            },
        }
    }

    /// A file is an answer when it is called JSON or is JSON. Names that begin with `_` are for
    /// notes of one's own.
    fn held(&self, index: usize, room: Vec<u8>) -> Result<Held<'static>, Stop> {
        let Some(Listed { file, .. }) = self.files.get(index) else {
            return Ok(Held::Other(String::new()));
        };
        let name = file.rsplit('/').next().unwrap_or(file);
        let bytes = (self.bytes)(index, room)?;
        if name.starts_with('_') {
            return Ok(Held::Other(file.clone()));
        }
        let named = ending(file) == "json";
        let text = text(bytes);
        if name == manifest::FILE
            && let Some(manifest) =
                text.as_deref().map(|text| manifest::read(file, text)).transpose()?.flatten()
        {
            return Ok(Held::Manifest(manifest));
        }
        match text {
            Some(text) if cloudformation::is_template(&text) => Err(Stop::Template),
            Some(text)
                if named
                    || (text.trim_start().starts_with(['{', '[']) && describe::is_json(&text)) =>
            {
                Ok(Held::Answers(Cow::Owned(document(file, text))))
            }
            None if named => Err(not_text(file).into()),
            _ => Ok(Held::Other(file.clone())),
        }
    }

    /// The first file that holds nothing that is read, if any.
    pub fn other(&self) -> Option<String> {
        (0..self.files.len()).find_map(|index| match self.held(index, Vec::new()) {
            Ok(Held::Other(file)) => Some(file),
            _ => None,
        })
    }

    fn has_template(&self) -> bool {
        (0..self.files.len())
            .any(|index| matches!(self.held(index, Vec::new()), Err(Stop::Template)))
    }

    /// Templates, perhaps those of one app as `cdk synth` leaves them in `cdk.out`: a list of the
    /// stacks lies beside them.
    fn templates(&self, parameters: &Parameters) -> Result<Loaded, ReadError> {
        let mut documents = Vec::new();
        for (index, Listed { file, .. }) in self.files.iter().enumerate() {
            let name = file.rsplit('/').next().unwrap_or(file);
            if let Some(text) =
                text((self.bytes)(index, Vec::new())?).filter(|_| !name.starts_with('_'))
            {
                documents.push(document(file, text));
            }
        }
        templates(documents, parameters)
    }
}

/// Those of the documents that are templates.
pub(super) fn templates(
    mut documents: Vec<Document>,
    parameters: &Parameters,
) -> Result<Loaded, ReadError> {
    let mut lists: BTreeMap<String, String> = BTreeMap::new();
    for document in &documents {
        let list = match document.file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{}", manifest::FILE),
            None => manifest::FILE.to_owned(),
        };
        if cloudformation::is_template(&document.text) && !lists.contains_key(&list) {
            let among = documents.iter().find(|one| one.file == list);
            let text = among.map(|one| one.text.clone());
            lists.extend(text.or_else(|| fs::read_to_string(&list).ok()).map(|text| (list, text)));
        }
    }
    let described: Vec<_> =
        lists.iter().flat_map(|(file, text)| cloudformation::described(file, text)).collect();
    documents.retain(|one| cloudformation::is_template(&one.text));
    cloudformation::read(&documents, &described, parameters)
}

/// A folder without answers.
fn no_output(path: &str, others: &[String]) -> ReadError {
    let scenario = others.iter().find(|file| matches!(ending(file).as_str(), "yaml" | "yml"));
    let hint = match scenario {
        Some(file) => format!("a scenario is named by its file: {file}"),
        None => describe::expected(),
    };
    ReadError::new(format!("no AWS output in {path}")).hint(hint)
}
