//! The plan of the house, held against the code: a module imports only from floors below its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, from the ground up.
const FLOORS: [&[&str]; 10] = [
    &["header", "models", "threads"],
    &["network", "answer"],
    &["edit"],
    &["read", "aws", "ecs", "generate"],
    &["complete"],
    &["resolve", "graph", "interpret"],
    &["solve", "fleet"],
    &["query", "check", "compare", "diagnose", "audit", "doctor", "repair", "slice"],
    &["report"],
    &["cli"],
];

/// Same-floor imports that the plan allows: expectations are asked as queries, checks are
/// compared, pairs are compared as an audit counts them, symptoms are held against checks, a slice is
/// asked, and a live capture writes the manifest that is read.
const NEIGHBOURS: [(&str, &str); 11] = [
    ("aws", "read"),
    ("check", "query"),
    ("compare", "audit"),
    ("compare", "check"),
    ("compare", "query"),
    ("diagnose", "check"),
    ("diagnose", "query"),
    ("repair", "check"),
    ("repair", "compare"),
    ("repair", "query"),
    ("slice", "query"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules that a file names as `crate::…`, outside comments and unit tests.
fn imports(text: &str) -> Vec<String> {
    let code: String = text
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut modules = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            // `use crate::{a, b::c};`
            Some(group) => group.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let end = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            modules.push(name.trim().split(end).next().unwrap_or_default().to_owned());
        }
    }
    modules
}

fn floors() -> BTreeMap<&'static str, usize> {
    let numbered = FLOORS.iter().enumerate();
    numbered
        .flat_map(|(floor, modules)| modules.iter().map(move |&module| (module, floor)))
        .collect()
}

#[test]
fn modules_import_only_from_floors_below() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let floors = floors();
    let (mut files, mut climbing, mut homeless) = (Vec::new(), Vec::new(), Vec::new());
    sources(&root, &mut files);
    assert!(files.len() > 40, "the sources were not found");
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(&floor) = floors.get(module) else {
            homeless.push(inside.display().to_string());
            continue;
        };
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            let Some(&below) = floors.get(import.as_str()) else { continue };
            let neighbours = NEIGHBOURS.contains(&(module, import.as_str()));
            if import != module && below >= floor && !neighbours {
                climbing.push(format!("{} imports {import}", inside.display()));
            }
        }
    }
    assert!(homeless.is_empty(), "modules without a floor: {homeless:#?}");
    assert!(climbing.is_empty(), "imports that do not go down: {climbing:#?}");
}

#[test]
fn the_two_evaluators_share_nothing_that_decides() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed = ["header", "network", "answer", "interpret"];
    let mut files = vec![root.join("interpret.rs")];
    sources(&root.join("interpret"), &mut files);
    for file in files {
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            assert!(allowed.contains(&import.as_str()), "{} imports {import}", file.display());
        }
    }
}

#[test]
fn the_walk_knows_no_rule_of_aws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join("solve.rs")];
    sources(&root.join("solve"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("RuleId"), "{} names rules", file.display());
        assert!(
            !imports(&text).contains(&"network".to_owned()),
            "{} reads the network",
            file.display()
        );
    }
}

#[test]
fn no_file_grows_past_its_idea() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= 600,
            "{} has {lines} lines: what second idea lives in it?",
            file.display()
        );
    }
}
