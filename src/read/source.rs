//! Where input comes from: a file, a folder, or standard input.

use super::cloudformation::Parameters;
use super::describe::{self, Document};
use super::evidence::{self, Dump};
use super::manifest::{self, Manifest};
use super::{Loaded, ReadError, archive, cloudformation, scenario};
use std::collections::{BTreeMap, BTreeSet};
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
    load_with(path, &Parameters::new())
}

/// As [`load`], with values for the parameters of CloudFormation templates.
///
/// # Errors
/// As [`load`], and when no template has such a parameter, or it may not have that value.
pub fn load_with(path: &str, parameters: &Parameters) -> Result<Loaded, ReadError> {
    taken(Loader { chain: Vec::new(), parameters }.load(path)?, parameters)
}

/// Reads a network from several files of saved AWS CLI answers, or of CloudFormation templates, as
/// if they lay in one folder; from one file, what [`load_with`] reads.
///
/// # Errors
/// As [`load_with`], and when one of several files is of another kind.
pub fn load_files(paths: &[String], parameters: &Parameters) -> Result<Loaded, ReadError> {
    let several = match paths {
        [only] => return load_with(only, parameters),
        several => several,
    };
    let mut found = Found::default();
    for path in several {
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
        let name = path.rsplit('/').next().unwrap_or(path);
        file_of_folder(&mut found, path.clone(), name, bytes)?;
    }
    if let Some(other) = found.others.first() {
        return Err(ReadError::new(format!("{other} holds no AWS output"))
            .hint("several files are answers of the AWS CLI, or CloudFormation templates"));
    }
    taken(found.read(&several.join(", "), parameters)?, parameters)
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
            return folder(path, self.parameters);
        }
        let bytes = fs::read(place).map_err(|error| unreadable(path, &error))?;
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

    /// Reads one file of either format.
    fn one(&mut self, file: &str, folder: &Path, bytes: Vec<u8>) -> Result<Loaded, ReadError> {
        if archive::is_archive(file) {
            return archived(file, &bytes, self.parameters);
        }
        let text = text(bytes).ok_or_else(|| not_text(file))?;
        let ending = ending(file);
        let by_content = text.trim_start().starts_with(['{', '[']);
        if cloudformation::is_template(&text) {
            return templates(vec![document(file, text)], self.parameters);
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

fn document(file: &str, text: String) -> Document {
    Document { file: file.to_owned(), text, scope: describe::scope_of_path(file) }
}

/// What a folder and its folders hold.
#[derive(Default)]
struct Found {
    documents: Vec<Document>,
    others: Vec<String>,
    manifests: Vec<Manifest>,
}

impl Found {
    fn read(self, path: &str, parameters: &Parameters) -> Result<Loaded, ReadError> {
        let Self { documents, others, manifests } = self;
        if documents.iter().any(|one| cloudformation::is_template(&one.text)) {
            return templates(documents, parameters);
        }
        if documents.is_empty() && manifests.is_empty() {
            return Err(no_output(path, &others));
        }
        describe::read_among(&documents, others, &manifests, path)
    }
}

/// A folder in one file.
fn archived(path: &str, bytes: &[u8], parameters: &Parameters) -> Result<Loaded, ReadError> {
    let mut found = Found::default();
    for entry in archive::entries(path, bytes)? {
        let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
        let hidden = entry.path.split('/').any(|part| part.starts_with('.') && part.len() > 1);
        if !hidden {
            file_of_folder(&mut found, format!("{path}/{}", entry.path), &name, entry.bytes)?;
        }
    }
    found.read(path, parameters)
}

fn folder(path: &str, parameters: &Parameters) -> Result<Loaded, ReadError> {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    let mut left = vec![path.trim_end_matches('/').to_owned()];
    while let Some(folder) = left.pop() {
        // A link may lead back.
        let known = fs::canonicalize(&folder).map_err(|error| unreadable(&folder, &error))?;
        if !seen.insert(known) {
            continue;
        }
        let entries = fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&folder, &error))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let mut folders = Vec::new();
        for name in names.into_iter().filter(|name| !name.starts_with('.')) {
            let file = format!("{folder}/{name}");
            match Path::new(&file).is_dir() {
                true => folders.push(file),
                false => {
                    let bytes = fs::read(&file).map_err(|error| unreadable(&file, &error))?;
                    file_of_folder(&mut found, file, &name, bytes)?;
                }
            }
        }
        left.extend(folders.into_iter().rev());
    }
    found.read(path, parameters)
}

/// Templates, perhaps those of one app as `cdk synth` leaves them in `cdk.out`: a list of the
/// stacks lies beside them.
fn templates(mut documents: Vec<Document>, parameters: &Parameters) -> Result<Loaded, ReadError> {
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

/// Only templates have parameters.
fn taken(loaded: Loaded, parameters: &Parameters) -> Result<Loaded, ReadError> {
    match parameters.keys().next().filter(|_| !loaded.network.planned) {
        Some(name) => Err(ReadError::new(format!("the input has no parameter `{name}`"))
            .hint("only CloudFormation templates have parameters")),
        None => Ok(loaded),
    }
}

/// A file is an answer when it is called JSON or is JSON. Names that begin with `_` are for notes
/// of one's own.
fn file_of_folder(
    found: &mut Found,
    file: String,
    name: &str,
    bytes: Vec<u8>,
) -> Result<(), ReadError> {
    if name.starts_with('_') {
        found.others.push(file);
        return Ok(());
    }
    let named = ending(&file) == "json";
    let text = text(bytes);
    if name == manifest::FILE
        && let Some(manifest) =
            text.as_deref().map(|text| manifest::read(&file, text)).transpose()?.flatten()
    {
        found.manifests.push(manifest);
        return Ok(());
    }
    match text {
        Some(text) if cloudformation::is_template(&text) => {
            found.documents.push(document(&file, text));
        }
        Some(text)
            if named || (text.trim_start().starts_with(['{', '[']) && describe::is_json(&text)) =>
        {
            let scope = describe::scope_of_path(&file);
            found.documents.push(Document { file, text, scope });
        }
        None if named => return Err(not_text(&file)),
        _ => found.others.push(file),
    }
    Ok(())
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

/// What a file's name ends in.
fn ending(file: &str) -> String {
    let ending = Path::new(file).extension().unwrap_or_default();
    ending.to_string_lossy().to_ascii_lowercase()
}

/// Text as it is saved: UTF-8, or UTF-16 as PowerShell redirects it.
fn text(bytes: Vec<u8>) -> Option<String> {
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

fn not_text(file: &str) -> ReadError {
    ReadError::new(format!("{file} is not text"))
        .hint("expected a scenario in YAML, or JSON as the AWS CLI prints it")
}

fn unreadable(path: &str, cause: &io::Error) -> ReadError {
    match cause.kind() {
        io::ErrorKind::NotFound => ReadError::new(format!("there is no file or folder {path}"))
            .hint("name a scenario, or a folder of saved AWS CLI output"),
        _ => ReadError::new(format!("{path} cannot be read: {cause}")),
    }
}
