//! Where input comes from: a file, a folder, or standard input.

use super::cloudformation::Parameters;
use super::describe::{self, Document};
use super::evidence::{self, Dump};
use super::folder::{self, Listed};
use super::pile::{self, Pile};
use super::{Loaded, ReadError, Reading, archive, cloudformation, scenario};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What standard input is called in messages.
const STDIN: &str = "<stdin>";

/// Reads a network: from a scenario file, from a file, folder or archive of saved AWS CLI answers
/// or of CloudFormation templates, or from standard input when `path` is `-`.
///
/// A CloudFormation template is known by its resources. Any other file is a scenario when its name
/// ends in `.yaml` or `.yml`, saved answers when it ends in `.json`, a folder in one file when it
/// ends in `.tar.zst`, and else what it looks like. Everything in a folder and its folders is read
/// as saved
/// answers, in the order of the names; hidden files and folders are passed over.
///
/// # Errors
/// When something cannot be read, or is not what it should be.
pub fn load(path: &str) -> Result<Loaded, ReadError> {
    load_with(path, &Parameters::new(), &Reading::default())
}

/// As [`load`], with values for the parameters of CloudFormation templates.
///
/// # Errors
/// As [`load`], and when no template has such a parameter, or it may not have that value.
pub fn load_with(
    path: &str,
    parameters: &Parameters,
    reading: &Reading<'_>,
) -> Result<Loaded, ReadError> {
    taken(Loader { chain: Vec::new(), parameters, reading }.load(path)?, parameters)
}

/// Reads a network from several files of saved AWS CLI answers, or of CloudFormation templates, as
/// if they lay in one folder; from one file, what [`load_with`] reads.
///
/// # Errors
/// As [`load_with`], and when one of several files is of another kind.
pub fn load_files(
    paths: &[String],
    parameters: &Parameters,
    reading: &Reading<'_>,
) -> Result<Loaded, ReadError> {
    let several = match paths {
        [only] => return load_with(only, parameters, reading),
        several => several,
    };
    let listed = |path: &String| {
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        Ok(Listed::of(path.clone(), Some(&metadata)))
    };
    let listed = several.iter().map(listed).collect::<Result<Vec<_>, ReadError>>()?;
    let (place, bytes) = (several.join(", "), contents(&listed));
    let pile = Pile { place: &place, files: &listed, bytes: &bytes };
    if let Some(other) = pile.other() {
        return Err(ReadError::new(format!("{other} holds no AWS output"))
            .hint("several files are answers of the AWS CLI, or CloudFormation templates"));
    }
    taken(pile.read(parameters, reading)?, parameters)
}

/// Reads a socket dump from a file, or from standard input when `path` is `-`.
///
/// # Errors
/// When it cannot be read, or is no socket dump.
pub fn load_dump(path: &str) -> Result<Dump, ReadError> {
    let (name, bytes) = match path {
        "-" => {
            let mut bytes = Vec::new();
            let read = io::stdin().read_to_end(&mut bytes);
            (STDIN, read.map(|_| bytes))
        }
        _ => (path, fs::read(path)),
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::new(format!("there is no file {name}"))
            .hint("name a file that holds what `ss -ltn` prints inside the task"),
        _ => ReadError::new(format!("{name} cannot be read: {error}")),
    })?;
    let text = text(bytes).ok_or_else(|| ReadError::new(format!("{name} is not text")))?;
    evidence::read(name, &text)
}

/// Reads a file of changes, or standard input when `path` is `-`.
///
/// # Errors
/// When it cannot be read, or is no overlay.
pub fn load_overlay(path: &str) -> Result<scenario::Overlay, ReadError> {
    let (name, bytes) = match path {
        "-" => {
            let mut bytes = Vec::new();
            let read = io::stdin().read_to_end(&mut bytes);
            (STDIN, read.map(|_| bytes))
        }
        _ => (path, fs::read(path)),
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::new(format!("there is no file {name}"))
            .hint("name a file that states what should be different, in a scenario's own shape"),
        _ => ReadError::new(format!("{name} cannot be read: {error}")),
    })?;
    let text = text(bytes).ok_or_else(|| not_text(name))?;
    scenario::Overlay::read(name, &text)
}

/// Follows the bases of scenarios.
struct Loader<'p> {
    /// The scenarios being read, each the base of the one before: where they are, and their names.
    chain: Vec<(PathBuf, String)>,
    /// Of templates.
    parameters: &'p Parameters,
    reading: &'p Reading<'p>,
}

impl Loader<'_> {
    fn load(&mut self, path: &str) -> Result<Loaded, ReadError> {
        if path == "-" && self.chain.is_empty() {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map_err(|error| unreadable(STDIN, &error))?;
            return self.one(STDIN, Path::new(""), bytes);
        }
        let place = Path::new(path);
        let metadata = fs::metadata(place).map_err(|error| unreadable(path, &error))?;
        if metadata.is_dir() {
            let files = folder::files(path, self.reading.threads())?;
            let bytes = contents(&files);
            let pile = Pile { place: path, files: &files, bytes: &bytes };
            return self.kept(path, &files, || pile.read(self.parameters, self.reading));
        }
        let bytes = || fs::read(place).map_err(|error| unreadable(path, &error));
        if archive::is_archive(path) || ending(path) == "json" {
            // No scenario, so that nothing else is read.
            let file = [Listed::of(path.to_owned(), Some(&metadata))];
            let (parameters, reading) = (self.parameters, self.reading);
            let mut alone = Loader { chain: Vec::new(), parameters, reading };
            return self.kept(path, &file, || alone.one(path, Path::new(""), bytes()?));
        }
        let bytes = bytes()?;
        let known = fs::canonicalize(place).unwrap_or_else(|_| place.to_path_buf());
        if let Some(first) = self.chain.iter().position(|(before, _)| *before == known) {
            let names = self.chain.iter().skip(first).map(|(_, name)| name.as_str());
            let names: Vec<&str> = names.chain([path]).collect();
            return Err(ReadError::new(format!(
                "the bases go round in a circle: {}",
                names.join(" -> ")
            ))
            .hint("a base is what a scenario begins with: take one `base` out"));
        }
        self.chain.push((known, path.to_owned()));
        let loaded = self.one(path, place.parent().unwrap_or(Path::new("")), bytes);
        self.chain.pop();
        loaded
    }

    /// What files hold together: as it is kept, else as `read` reads it.
    fn kept(
        &self,
        place: &str,
        files: &[Listed],
        read: impl FnOnce() -> Result<Loaded, ReadError>,
    ) -> Result<Loaded, ReadError> {
        match self.reading.cache {
            Some(cache) => cache.network(place, files, self.reading.threads(), read),
            None => read(),
        }
    }

    /// Reads one file of either format.
    fn one(&mut self, file: &str, folder: &Path, bytes: Vec<u8>) -> Result<Loaded, ReadError> {
        if archive::is_archive(file) {
            return archived(file, &bytes, self.parameters, self.reading);
        }
        let text = text(bytes).ok_or_else(|| not_text(file))?;
        let ending = ending(file);
        let by_content = text.trim_start().starts_with(['{', '[']);
        if cloudformation::is_template(&text) {
            return pile::templates(vec![document(file, text)], self.parameters);
        }
        match ending.as_str() {
            "yaml" | "yml" => self.scenario(file, folder, &text),
            "json" => answers(file, text),
            _ if by_content => answers(file, text),
            _ => self.scenario(file, folder, &text),
        }
    }

    fn scenario(&mut self, file: &str, folder: &Path, text: &str) -> Result<Loaded, ReadError> {
        let mut notes = Vec::new();
        let mut loaded = scenario::read(file, text, &mut |base| {
            let mut loaded = self.load(&folder.join(base).to_string_lossy())?;
            notes.append(&mut loaded.notes);
            Ok(loaded.network)
        })?;
        loaded.notes.splice(0..0, notes);
        Ok(loaded)
    }
}

/// One file of saved answers.
fn answers(file: &str, text: String) -> Result<Loaded, ReadError> {
    describe::read(&[document(file, text)])
}

pub(super) fn document(file: &str, text: String) -> Document {
    Document { file: file.to_owned(), text, scope: describe::scope_of_path(file) }
}

/// A folder in one file.
fn archived(
    path: &str,
    bytes: &[u8],
    parameters: &Parameters,
    reading: &Reading<'_>,
) -> Result<Loaded, ReadError> {
    let mut entries = archive::entries(path, bytes)?;
    entries
        .retain(|entry| !entry.path.split('/').any(|part| part.starts_with('.') && part.len() > 1));
    let listed = |entry: &archive::Entry| Listed {
        file: format!("{path}/{}", entry.path),
        size: u64::try_from(entry.bytes.len()).unwrap_or(u64::MAX),
        changed: None,
        identity: [0; 3],
    };
    let files: Vec<Listed> = entries.iter().map(listed).collect();
    let bytes = |index: usize, _: Vec<u8>| {
        Ok(entries.get(index).map(|entry| entry.bytes.clone()).unwrap_or_default())
    };
    Pile { place: path, files: &files, bytes: &bytes }.read(parameters, reading)
}

/// What files hold, by their number.
fn contents(files: &[Listed]) -> impl Fn(usize, Vec<u8>) -> Result<Vec<u8>, ReadError> + Sync {
    |index, mut room| {
        room.clear();
        if let Some(Listed { file, .. }) = files.get(index) {
            let read = fs::File::open(file).and_then(|mut file| file.read_to_end(&mut room));
            read.map_err(|error| unreadable(file, &error))?;
        }
        Ok(room)
    }
}

/// Only templates have parameters.
fn taken(loaded: Loaded, parameters: &Parameters) -> Result<Loaded, ReadError> {
    match parameters.keys().next().filter(|_| !loaded.network.planned) {
        Some(name) => Err(ReadError::new(format!("the input has no parameter `{name}`"))
            .hint("only CloudFormation templates have parameters")),
        None => Ok(loaded),
    }
}

/// What a file's name ends in.
pub(super) fn ending(file: &str) -> String {
    let ending = Path::new(file).extension().unwrap_or_default();
    ending.to_string_lossy().to_ascii_lowercase()
}

/// Text as it is saved: UTF-8, or UTF-16 as PowerShell redirects it.
pub(super) fn text(bytes: Vec<u8>) -> Option<String> {
    let wide = |from: fn([u8; 2]) -> u16, rest: &[u8]| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| Some(from(pair.try_into().ok()?))).collect();
        String::from_utf16(&units).ok()
    };
    let text = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    };
    text.filter(|text| !text.contains('\0'))
}

pub(super) fn not_text(file: &str) -> ReadError {
    ReadError::new(format!("{file} is not text"))
        .hint("expected a scenario in YAML, or JSON as the AWS CLI prints it")
}

pub(super) fn unreadable(path: &str, cause: &io::Error) -> ReadError {
    match cause.kind() {
        io::ErrorKind::NotFound => ReadError::new(format!("there is no file or folder {path}"))
            .hint("name a scenario, or a folder of saved AWS CLI output"),
        _ => ReadError::new(format!("{path} cannot be read: {cause}")),
    }
}
