//! Every code and assumption that an answer can show is explained.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vpc_reach::models;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// The string literals of the evaluators that are written like codes.
fn named() -> BTreeSet<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let evaluators = ["complete", "graph", "interpret", "resolve", "solve", "query"];
    let is_code = |text: &str| {
        text.contains('_')
            && text.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
    };
    let mut named = BTreeSet::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
        if evaluators.iter().any(|room| inside.starts_with(room)) {
            let text = fs::read_to_string(&file).unwrap();
            named.extend(text.split('"').filter(|part| is_code(part)).map(str::to_owned));
        }
    }
    named
}

#[test]
fn every_code_and_assumption_in_the_source_has_an_entry() {
    let named = named();
    assert!(named.contains("NO_ROUTE_TO_DESTINATION"), "{named:?}");
    let known: BTreeSet<&str> = models::codes()
        .iter()
        .map(|entry| entry.code)
        .chain(models::assumptions().iter().map(|entry| entry.name))
        .collect();
    let unexplained: Vec<_> = named.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(unexplained.is_empty(), "no entry under models/ for {unexplained:?}");
}

#[test]
fn every_fix_can_be_chosen_and_filled() {
    let words = [
        "other-region",
        "request",
        "reply",
        "out",
        "in",
        "public",
        "service",
        "gateway-endpoint",
        "address",
        "behind-nat",
        "on-instance",
        "from-internet",
        "private-dns-off",
    ];
    let holes = ["resource", "source", "destination", "flow", "protocol", "nat"];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fixes.tsv");
    let text = fs::read_to_string(path).unwrap();
    let mut earlier: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for row in text.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [code, situation, fix] = cells.as_slice() else { panic!("{row}") };
        assert!(models::code(code).is_some() && fix.ends_with('.'), "{row}");
        let situation: BTreeSet<&str> = situation.split_whitespace().collect();
        assert!(situation.iter().all(|word| words.contains(word)), "{row}");
        for hole in fix.split('{').skip(1) {
            assert!(holes.contains(&hole.split('}').next().unwrap()), "{row}");
        }
        let hidden =
            earlier.iter().any(|(other, held)| other == code && held.is_subset(&situation));
        assert!(!hidden, "an earlier row always wins: {row}");
        earlier.push((*code, situation));
    }
    assert!(earlier.len() > 10, "{earlier:?}");
}

#[test]
fn entries_are_complete_and_in_alphabetical_order() {
    assert!(models::codes().is_sorted_by_key(|entry| entry.code));
    assert!(models::assumptions().is_sorted_by_key(|entry| entry.name));
    for entry in models::codes() {
        for sentence in [entry.cause, entry.symptom, entry.remedy] {
            assert!(sentence.ends_with('.'), "{}: {sentence}", entry.code);
        }
        assert!(!entry.title.is_empty() && !entry.rule.is_empty(), "{}", entry.code);
    }
    for entry in models::assumptions() {
        assert!(entry.meaning.ends_with('.') && !entry.rule.is_empty(), "{}", entry.name);
    }
}

/// What stands in a test: from its attribute to the brace that ends it.
fn body(text: &str, function: &str) -> String {
    let head = format!("#[test]\nfn {function}() {{\n");
    let (_, behind) = text.split_once(&head).unwrap_or_else(|| panic!("no test {function}"));
    behind.split("\n}\n").next().unwrap().to_owned()
}

#[test]
fn every_code_of_reachability_analyzer_has_an_answer_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("models/reachability_analyzer_codes.tsv")).unwrap();
    let mut before = "";
    let mut shared = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [code, here, test, why] = cells.as_slice() else { panic!("{line}") };
        assert!(*code > before, "{code} stands twice, or out of order");
        before = code;
        if *here == "-" {
            assert!(*test == "-" && why.len() > 10, "{code} has neither a code here nor a reason");
            assert!(models::code(code).is_none(), "{code} is shown: say by which test");
            continue;
        }
        assert!(models::code(here).is_some(), "{code}: there is no code {here} here");
        let (file, function) = test.split_once("::").unwrap();
        let body = body(&fs::read_to_string(root.join(file)).unwrap(), function);
        let shown =
            body.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(here));
        assert!(shown, "{code}: {test} does not show {here}");
        shared += usize::from(code == here);
    }
    assert!(shared > 20, "{shared}");
}

/// The texts of all Rust files under a folder.
fn texts(folder: &str) -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    let rust = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    rust.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn an_assumption_says_when_no_answer_names_it() {
    let source = texts("src");
    for entry in models::assumptions() {
        let silent = entry.meaning.ends_with("Nothing here rests on it yet.")
            || entry.meaning.ends_with("It is taken for granted: answers do not print it.");
        let named = source.contains(entry.name);
        assert!(named != silent, "{}: named in the source: {named}", entry.name);
    }
}
