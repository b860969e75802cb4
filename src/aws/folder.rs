//! Where answers are put: one file each, there as a whole or not at all.

use crate::read::manifest;
use serde_json::{Map, Value};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The folder of one account and Region.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder where there is none.
    pub fn new(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }

    /// Whether an answer is there.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The answers of a call that are there, by the names of their files.
    pub fn answers(&self, call: &str) -> io::Result<Vec<(String, Value)>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let file = entry?.file_name().to_string_lossy().into_owned();
            if let Some(name) = file.strip_suffix(".json")
                && name
                    .strip_prefix(call)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        let read = |name: String| {
            let value = serde_json::from_reader(BufReader::new(File::open(self.path(&name))?))?;
            Ok((name, value))
        };
        names.into_iter().map(read).collect()
    }

    /// Begins an answer with its first page.
    pub fn begin(&self, name: &str, first: Map<String, Value>) -> io::Result<Spool> {
        let path = self.path(name);
        let part = path.with_extension("json.part");
        let file = BufWriter::new(File::create(&part)?);
        let mut spool = Spool { part, path, file, list: None, first: true, rest: Map::new() };
        spool.page(first)?;
        Ok(spool)
    }
}

/// An answer being written, page by page, so that only one page is ever held.
#[derive(Debug)]
pub(super) struct Spool {
    part: PathBuf,
    path: PathBuf,
    file: BufWriter<File>,
    /// The key of the list that the pages go on with.
    list: Option<String>,
    /// Whether no element is written yet.
    first: bool,
    /// What stands beside the list.
    rest: Map<String, Value>,
}

impl Spool {
    /// Adds a page.
    pub fn page(&mut self, mut page: Map<String, Value>) -> io::Result<()> {
        if self.list.is_none()
            && let Some((key, _)) = page.iter().find(|(_, value)| value.is_array())
        {
            let key = key.clone();
            write!(self.file, "{{\n{}: [", Value::from(key.as_str()))?;
            self.list = Some(key);
        }
        if let Some(Value::Array(items)) = self.list.as_ref().and_then(|key| page.remove(key)) {
            for item in items {
                self.file.write_all(if self.first { b"\n" } else { b",\n" })?;
                self.first = false;
                serde_json::to_writer(&mut self.file, &item)?;
            }
        }
        for (key, value) in page {
            match (self.rest.get_mut(&key), value) {
                (Some(Value::Array(all)), Value::Array(more)) => all.extend(more),
                (_, value) => {
                    self.rest.insert(key, value);
                }
            }
        }
        Ok(())
    }

    /// Puts the answer in its place.
    pub fn finish(mut self) -> io::Result<()> {
        match self.list {
            Some(_) => self.file.write_all(b"\n]")?,
            None => self.file.write_all(b"{")?,
        }
        let mut first = self.list.is_none();
        for (key, value) in &self.rest {
            self.file.write_all(if first { b"\n" } else { b",\n" })?;
            first = false;
            write!(self.file, "{}: ", Value::from(key.as_str()))?;
            serde_json::to_writer(&mut self.file, value)?;
        }
        self.file.write_all(b"\n}\n")?;
        self.file.flush()?;
        fs::rename(&self.part, &self.path)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Nothing is there any more once it was put in its place.
        drop(fs::remove_file(&self.part));
    }
}

/// Takes away a capture without any answer: its manifest, and its folders as far as they are empty.
pub(super) fn forget(place: &Path) {
    // What cannot be taken away stays: the error that ended the capture is what counts.
    drop(fs::remove_file(place.join(manifest::FILE)));
    let empty = |folder: &Path| drop(fs::remove_dir(folder));
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let is_account = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()))
    };
    for account in inside(place).into_iter().filter(is_account) {
        inside(&account).iter().for_each(|region| empty(region));
        empty(&account);
    }
    empty(place);
}

/// Writes a file as a whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("writing");
    fs::write(&part, bytes)?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn pages_become_one_answer() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().join("1/us-east-1")).unwrap();
        let first = page(json!({"failures": [], "services": [{"a": 1}]}));
        let mut spool = folder.begin("describe-services.app.1", first).unwrap();
        assert!(!folder.has("describe-services.app.1"), "half an answer is none");
        spool.page(page(json!({"failures": [{"b": 2}], "services": [{"a": 3}]}))).unwrap();
        spool.finish().unwrap();
        let answers = folder.answers("describe-services").unwrap();
        let expected = json!({"failures": [{"b": 2}], "services": [{"a": 1}, {"a": 3}]});
        assert_eq!(answers, [("describe-services.app.1".to_owned(), expected)]);
        assert!(folder.answers("describe-service").unwrap().is_empty());
    }

    #[test]
    fn an_answer_without_a_list_is_kept_as_it_is() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().to_path_buf()).unwrap();
        let first = page(json!({"Account": "111122223333", "Arn": "x"}));
        folder.begin("get-caller-identity", first).unwrap().finish().unwrap();
        let answers = folder.answers("get-caller-identity").unwrap();
        assert_eq!(answers[0].1, json!({"Account": "111122223333", "Arn": "x"}));
    }
}
