//! The table of AWS's rules, `models/rules.tsv`, held to the code and to the tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// How many rules each section has. No rule has the numbers AP-03, CT-06 and NG-14.
const SECTIONS: [(&str, usize); 21] = [
    ("AP", 3),
    ("BP", 6),
    ("CT", 6),
    ("DN", 16),
    ("EC", 1),
    ("GA", 1),
    ("GE", 10),
    ("GL", 5),
    ("IE", 13),
    ("IG", 11),
    ("LA", 3),
    ("NA", 11),
    ("NF", 4),
    ("NG", 16),
    ("PC", 9),
    ("PW", 17),
    ("RT", 19),
    ("SG", 20),
    ("SH", 3),
    ("TG", 15),
    ("VP", 2),
];

/// What becomes of a rule.
const HOW: [&str; 8] =
    ["decided", "resolved", "needs", "read", "finding", "unknown", "boundary", "guidance"];

struct Row {
    id: String,
    says: String,
    how: String,
    places: Vec<String>,
    tests: Vec<String>,
    why: Option<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("models/rules.tsv")).unwrap();
    let several = |cell: &str| match cell {
        "-" => Vec::new(),
        cell => cell.split(' ').map(str::to_owned).collect(),
    };
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [id, says, how, places, tests, why] = cells.as_slice() else {
                panic!("not six cells: {line}")
            };
            Row {
                id: (*id).to_owned(),
                says: (*says).to_owned(),
                how: (*how).to_owned(),
                places: several(places),
                tests: several(tests),
                why: (*why != "-").then(|| (*why).to_owned()),
            }
        })
        .collect()
}

/// Whether a text names a rule: `RT-04`, and not the end of `LBRT-04`.
fn cites(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + id.len()..].chars().next();
        !before.is_some_and(|c| c.is_ascii_alphanumeric())
            && !behind.is_some_and(|c| c.is_ascii_digit())
    })
}

/// What is wrong with a file that a rule's row names.
fn fault(id: &str, file: &str, function: Option<&str>) -> Option<String> {
    let Ok(text) = fs::read_to_string(root().join(file)) else {
        return Some(format!("{id}: there is no {file}"));
    };
    if let Some(function) = function
        && !text.contains(&format!("fn {function}("))
    {
        return Some(format!("{id}: there is no test {function} in {file}"));
    }
    (!cites(&text, id)).then(|| format!("{id}: {file} does not cite it"))
}

#[test]
fn no_rule_is_left_out() {
    let rows = rows();
    assert!(rows.is_sorted_by(|one, other| one.id < other.id), "by id, each once");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        let (section, number) = row.id.split_once('-').unwrap();
        assert!(number.len() == 2 && number.parse::<u8>().is_ok(), "{}", row.id);
        *counts.entry(section).or_default() += 1;
    }
    let wanted: BTreeMap<&str, usize> = SECTIONS.into_iter().collect();
    assert_eq!(counts, wanted);
}

#[test]
fn every_rule_is_where_its_row_says() {
    let mut faults = Vec::new();
    for row in rows() {
        let Row { id, says, how, places, tests, why } = &row;
        if says.is_empty() || says.ends_with('.') {
            faults.push(format!("{id}: says `{says}`"));
        }
        if !HOW.contains(&how.as_str()) {
            faults.push(format!("{id}: `{how}` is not one of {HOW:?}"));
        }
        // What is not decided has a reason; what is has code, and a test that pins it.
        let open = ["finding", "unknown", "boundary", "guidance"].contains(&how.as_str());
        let reasoned = ["unknown", "boundary", "guidance"].contains(&how.as_str());
        if open && why.is_none() {
            faults.push(format!("{id}: {how} without a reason"));
        }
        if !reasoned && (places.is_empty() || tests.is_empty()) {
            faults.push(format!("{id}: {how} nowhere, or pinned by nothing"));
        }
        if how == "decided" {
            for evaluator in ["graph", "interpret"] {
                let (folder, file) = (format!("src/{evaluator}/"), format!("src/{evaluator}.rs"));
                if !places.iter().any(|place| place.starts_with(&folder) || *place == file) {
                    faults.push(format!("{id}: nothing in {folder}"));
                }
            }
        }
        faults.extend(places.iter().filter_map(|place| fault(id, place, None)));
        for test in tests {
            match test.split_once("::") {
                Some((file, function)) => faults.extend(fault(id, file, Some(function))),
                None => faults.push(format!("{id}: `{test}` names no function")),
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The sources under a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn every_rule_that_the_code_cites_is_in_the_table() {
    let rows = rows();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut strays = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (section, _) in SECTIONS {
            for (at, _) in text.match_indices(&format!("{section}-")) {
                let before = text[..at].chars().next_back();
                let id: String = text[at..].chars().take(5).collect();
                let number = &id[id.len().min(3)..];
                let is_rule = number.len() == 2
                    && number.bytes().all(|byte| byte.is_ascii_digit())
                    && !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
                if is_rule && !rows.iter().any(|row| row.id == id) {
                    strays.push(format!("{}: {id}", file.display()));
                }
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}
