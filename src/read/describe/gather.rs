//! Reading in parts: what one account's folder holds is read by one thread, file after file, none of
//! which is kept; then the parts are joined in their order. So what is read, and what is said of it,
//! is the same for any number of threads.

use super::join::joined;
use super::{Capture, Document, no_output, read_document};
use crate::network::Scope;
use crate::read::manifest::Manifest;
use crate::read::{Loaded, ReadError};
use crate::threads;
use std::borrow::Cow;
use std::ops::Range;

/// The least that is worth a thread, in bytes of JSON.
const SMALLEST: u64 = 1 << 20;

/// The most parts of one input. It does not depend on the machine, so that the parts do not.
const PARTS: u64 = 16;

/// What one file holds.
pub(in crate::read) enum Held<'d> {
    /// Answers of the AWS CLI, or what is called JSON and is perhaps none.
    Answers(Cow<'d, Document>),
    /// What a capture says of itself.
    Manifest(Manifest),
    /// Nothing that is read.
    Other(String),
}

/// Why reading ended early.
pub(in crate::read) enum Stop {
    /// A file cannot be read.
    Unreadable(Box<ReadError>),
    /// A file is a template: then this is no capture.
    Template,
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::Unreadable(Box::new(error))
    }
}

/// Everything that some files hold.
#[derive(Default)]
pub(super) struct Part {
    pub capture: Capture,
    manifests: Vec<Manifest>,
    /// How many documents there were, and whether any of them is an answer.
    documents: usize,
    recognised: bool,
}

impl Part {
    /// Reads what a file holds; gives back its room, for the next.
    pub fn add(&mut self, held: Held<'_>) -> Result<Vec<u8>, ReadError> {
        let document = match held {
            Held::Answers(document) => document,
            Held::Manifest(manifest) => {
                self.manifests.push(manifest);
                return Ok(Vec::new());
            }
            Held::Other(file) => {
                self.capture.notes.other_files.push(file);
                return Ok(Vec::new());
            }
        };
        self.documents += 1;
        if document.text.trim().is_empty() {
            self.capture.notes.empty_files.push(document.file.clone());
        } else if read_document(&mut self.capture, &document)? {
            self.recognised = true;
        } else {
            self.capture.notes.other_files.push(document.file.clone());
        }
        Ok(match document {
            Cow::Owned(document) => document.text.into_bytes(),
            Cow::Borrowed(_) => Vec::new(),
        })
    }

    /// What the parts hold together.
    fn all(parts: Vec<Self>, threads: usize) -> Self {
        let mut all = Self::default();
        let mut captures = Vec::new();
        for part in parts {
            all.manifests.extend(part.manifests);
            all.documents += part.documents;
            all.recognised |= part.recognised;
            captures.push(part.capture);
        }
        all.capture = joined(captures, threads);
        all
    }

    /// The network, where anything of AWS's was found at `place`.
    pub fn finish(mut self, place: &str) -> Result<Gathered, ReadError> {
        let notes = &mut self.capture.notes;
        notes.place = format!("{}/", place.trim_end_matches('/'));
        if self.documents == 1 {
            // A lone file is not one of several of which it is the empty one.
            notes.other_files.append(&mut notes.empty_files);
        }
        if self.documents == 0 && self.manifests.is_empty() {
            return Ok(Gathered::Nothing(std::mem::take(&mut notes.other_files)));
        }
        if !self.recognised && self.manifests.is_empty() {
            return Err(no_output(place));
        }
        self.capture.finish(&self.manifests).map(|loaded| Gathered::Network(Box::new(loaded)))
    }
}

/// What came of it.
pub(in crate::read) enum Gathered {
    /// A network.
    Network(Box<Loaded>),
    /// No file that could be an answer; only these.
    Nothing(Vec<String>),
}

/// Reads files by number, each as `held` says, which may use the room that one before it took.
/// `sizes` tells of each file what its folders state
/// and how many bytes it has.
pub(in crate::read) fn gather<'d>(
    place: &str,
    sizes: &[(Scope, u64)],
    threads: usize,
    held: impl Fn(usize, Vec<u8>) -> Result<Held<'d>, Stop> + Sync,
) -> Result<Gathered, Stop> {
    in_parts(place, &parts(sizes), threads, held)
}

/// The same, in these parts.
fn in_parts<'d>(
    place: &str,
    parts: &[Range<usize>],
    threads: usize,
    held: impl Fn(usize, Vec<u8>) -> Result<Held<'d>, Stop> + Sync,
) -> Result<Gathered, Stop> {
    let parts = threads::each(0..parts.len(), threads, |number| {
        let mut part = Part::default();
        let mut room = Vec::new();
        for file in parts.get(number).cloned().unwrap_or_default() {
            room = part.add(held(file, room)?)?;
        }
        Ok::<_, Stop>(part)
    })?;
    Ok(Part::all(parts, threads).finish(place)?)
}

/// Cuts the files into runs of about the same size, each of whole accounts.
fn parts(sizes: &[(Scope, u64)]) -> Vec<Range<usize>> {
    let all: u64 = sizes.iter().map(|(_, size)| size).sum();
    let enough = (all / PARTS).max(SMALLEST);
    let mut parts = Vec::new();
    let (mut start, mut size) = (0, 0);
    let mut before: Option<&Scope> = None;
    for (index, (scope, bytes)) in sizes.iter().enumerate() {
        if size >= enough && before.is_some_and(|before| before.account != scope.account) {
            parts.push(start..index);
            (start, size) = (index, 0);
        }
        size += bytes;
        before = Some(scope);
    }
    parts.push(start..sizes.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Folder, Order, Plan, Shape, write_describe};
    use crate::read::describe::scope_of_path;
    use std::fs;
    use std::io::{self, Write};
    use std::path::Path;

    #[derive(Default)]
    struct Memory(Vec<(String, Vec<u8>)>);

    impl Folder for Memory {
        fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
            self.0.push((path.to_owned(), Vec::new()));
            Ok(Box::new(&mut self.0.last_mut().unwrap().1))
        }
    }

    fn document(path: &str, bytes: Vec<u8>) -> Document {
        let text = String::from_utf8(bytes).unwrap();
        Document { file: path.to_owned(), text, scope: scope_of_path(path) }
    }

    fn saved(folder: &Path, found: &mut Vec<Document>) {
        let mut paths: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            match path.is_dir() {
                true => saved(&path, found),
                false if path.extension().is_some_and(|it| it == "json") => {
                    found.push(document(path.to_str().unwrap(), fs::read(&path).unwrap()));
                }
                false => {}
            }
        }
    }

    fn loaded(documents: &[Document], parts: &[Range<usize>], threads: usize) -> Loaded {
        let held = |index: usize, _| Ok(Held::Answers(Cow::Borrowed(&documents[index])));
        match in_parts("the input", parts, threads, held) {
            Ok(Gathered::Network(loaded)) => *loaded,
            Ok(Gathered::Nothing(_)) | Err(Stop::Template) => panic!("there are answers"),
            Err(Stop::Unreadable(error)) => panic!("{error}"),
        }
    }

    #[test]
    fn parts_of_an_input_are_joined_to_what_one_thread_reads_in_one_go() {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        let mut inputs = Vec::new();
        for entry in fs::read_dir(captures).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                inputs.push(Vec::new());
                saved(&path, inputs.last_mut().unwrap());
            }
        }
        for shape in [Shape::Fleet, Shape::Deep, Shape::Ipv6] {
            let mut memory = Memory::default();
            let order = Order { shape, vpcs: 6, interfaces: 12, seed: 3 };
            write_describe(&Plan::new(order).unwrap(), &mut memory).unwrap();
            let all = memory.0.into_iter();
            inputs.push(all.map(|(path, bytes)| document(&path, bytes)).collect());
        }
        assert!(inputs.len() > 5, "the captures were not found");
        for documents in &inputs {
            let whole = 0..documents.len();
            let one = loaded(documents, std::slice::from_ref(&whole), 1);
            let files: Vec<_> = (0..documents.len()).map(|index| index..index + 1).collect();
            for threads in [1, 3] {
                let joined = loaded(documents, &files, threads);
                assert_eq!(joined.notes, one.notes);
                assert!(joined.network == one.network, "{}", documents[0].file);
            }
        }
    }

    #[test]
    fn an_input_is_cut_between_accounts() {
        let scope = |account: &str| scope_of_path(&format!("{account}/us-east-1"));
        let (one, other) = (scope("100000000000"), scope("100000000001"));
        let sizes = [(&one, 1 << 20), (&one, 1 << 20), (&other, 1 << 20), (&other, 5)];
        let sizes: Vec<_> = sizes.map(|(scope, size)| (scope.clone(), size)).to_vec();
        assert_eq!(parts(&sizes), [0..2, 2..4]);
        assert_eq!(parts(&sizes[..2]).len(), 1, "one account is one part");
        assert_eq!(parts(&[]).len(), 1);
    }
}
