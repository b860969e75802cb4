//! Every scenario file runs as it is, and comes out as its own `expect` lines say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use vpc_reach::answer::Verdict;
use vpc_reach::check::{Checked, expectations};
use vpc_reach::query::World;
use vpc_reach::read;

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

fn checked(file: &Path) -> Vec<Checked> {
    let loaded = read::load(&file.display().to_string()).unwrap_or_else(|error| {
        panic!("{}: {error} ({:?})", file.display(), error.at);
    });
    expectations(&World::new(loaded.network), &loaded.expectations)
}

#[test]
fn every_scenario_meets_its_expectations() {
    let mut unmet = Vec::new();
    for file in files() {
        let all = checked(&file);
        assert!(all.len() >= 2, "{} expects too little", file.display());
        for one in all.iter().filter(|one| !one.met()) {
            let got = match &one.result {
                Ok(answer) => format!("{} ({:#?})", answer.verdict, answer.answers.first()),
                Err(error) => error.to_string(),
            };
            let expectation = &one.expectation;
            unmet.push(format!(
                "{}: {} should be {}, is {got}",
                file.display(),
                expectation.query,
                expectation.verdict
            ));
        }
    }
    assert!(unmet.is_empty(), "{}", unmet.join("\n"));
}

#[test]
fn every_broken_scenario_has_a_fixed_twin_that_works() {
    let mut twins: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for file in files() {
        let name = file.file_name().unwrap().to_str().unwrap().trim_end_matches(".yaml");
        let all_reachable = checked(&file).iter().all(|one| {
            one.result.as_ref().is_ok_and(|answer| answer.verdict == Verdict::Reachable)
        });
        let (cause, fixed) = match name.strip_suffix(".fixed") {
            Some(cause) => (cause, true),
            None => (name, false),
        };
        assert_eq!(all_reachable, fixed, "{name}: only the fixed file has everything reachable");
        twins.entry(cause.to_owned()).or_default().push(fixed);
    }
    assert!(twins.len() >= 11, "a cause has no scenario: {:?}", twins.keys());
    for (cause, twins) in twins {
        assert_eq!(twins.len(), 2, "{cause} has no twin");
    }
}
