//! Every cause of failure that the project set out to explain, walked: a small network that has it,
//! or what is said when it strikes, and what comes out.

use std::collections::{BTreeMap, BTreeSet};
use vpc_reach::answer::Verdict;
use vpc_reach::check::{Check, CheckedFlow, CheckedService, Outcome, Role, check};
use vpc_reach::diagnose::{self, Held, Judgement, diagnose, read};
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::{ReadError, scenario};

const BASE: &str = include_str!("causes/base.yaml");
const EDITS: &str = include_str!("causes/edits.tsv");
const ROWS: &str = include_str!("causes/rows.tsv");

/// The causes that each article names.
const COUNTS: [(&str, usize); 5] =
    [("000", 26), ("001", 41), ("002", 22), ("003", 25), ("004", 19)];

struct Row {
    id: &'static str,
    scope: &'static str,
    edits: &'static str,
    asked: &'static str,
    outcome: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = ROWS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [id, scope, edits, asked, outcome] = cells[..] else { panic!("{line}") };
            Row { id, scope, edits, asked, outcome: outcome.split(" | ").collect() }
        })
        .collect()
}

/// The edits of that name, those that it takes in first.
fn named(name: &str) -> Result<Vec<&'static str>, String> {
    let cells = EDITS.lines().filter_map(|line| line.split_once('\t'));
    let mut found = cells.filter(|(other, _)| *other == name);
    let (_, edits) = found.next().ok_or(format!("no edit is called {name}"))?;
    let mut all = Vec::new();
    for edit in edits.split(" ;; ") {
        match edit.strip_prefix('+') {
            Some(other) => all.extend(named(other)?),
            None => all.push(edit),
        }
    }
    Ok(all)
}

/// The base with the edits of a row; every edit must find its place.
fn edited(row: &Row) -> Result<String, String> {
    let mut text = BASE.to_owned();
    for name in row.edits.split(' ').filter(|name| *name != "-") {
        for edit in named(name)? {
            let (old, new) = edit.split_once(" => ").ok_or(format!("no edit: {edit}"))?;
            let (old, new) = (old.replace("\\n", "\n"), new.replace("\\n", "\n"));
            if !text.contains(&old) {
                return Err(format!("{name} has nothing to edit: {old}"));
            }
            text = text.replace(&old, &new);
        }
    }
    Ok(text)
}

fn no_base(_: &str) -> Result<Network, ReadError> {
    Ok(Network::default())
}

fn world(row: &Row) -> Result<World, String> {
    let text = edited(row)?;
    let loaded = scenario::read("base.yaml", &text, &mut no_base).map_err(|error| {
        format!("{} ({:?})", error.message, error.at.map(|at| (at.line, at.column)))
    })?;
    Ok(World::new(loaded.network))
}

fn of_flow(service: &CheckedService, holds: impl Fn(&CheckedFlow) -> bool) -> Vec<String> {
    let flows: Vec<&CheckedFlow> = service.flows.iter().filter(|flow| holds(flow)).collect();
    if flows.is_empty() {
        return vec!["absent".to_owned()];
    }
    let verdict = Verdict::of_all(flows.iter().map(|flow| flow.verdict));
    let blockers = flows.iter().flat_map(|flow| &flow.answers).flat_map(|one| &one.blockers);
    let mut told = vec![verdict.to_string()];
    for blocker in blockers {
        told.push(blocker.code.to_string());
        told.extend(blocker.symptom.clone());
    }
    told
}

fn said(world: &World, check: &Check, text: &str) -> Result<Vec<String>, String> {
    let symptoms = read(text).map_err(|error| error.to_string())?;
    let [symptom] = &symptoms[..] else { return Err(format!("{} symptoms", symptoms.len())) };
    let diagnosis = diagnose(symptom, Some(&Held { world, check, service: None }));
    let judgement = match diagnosis.judgement {
        Judgement::Cleared => "cleared",
        Judgement::Undecided => "undecided",
        Judgement::Contradicted => "contradicted",
        Judgement::Explained => "explained",
    };
    let network = match diagnosis.network {
        diagnose::Network::Proven => "proven",
        diagnose::Network::Blocked => "blocked",
        diagnose::Network::Unknown => "unknown",
    };
    let subject = diagnosis.advice.map_or("", |advice| advice.subject);
    Ok([judgement, network, subject].map(str::to_owned).to_vec())
}

/// What comes out of a row.
fn told(row: &Row) -> Result<Vec<String>, String> {
    let world = world(row)?;
    let check = check(&world, &[]);
    let [service] = &check.services[..] else { return Err("not one service".to_owned()) };
    let checks = |flow: &CheckedFlow| flow.why.starts_with("health checks of ");
    let (kind, rest) = row.asked.split_once(' ').unwrap_or((row.asked, ""));
    Ok(match kind {
        "flow" => of_flow(service, |flow| flow.role != Role::Leg && flow.what == rest),
        "leg" => of_flow(service, |flow| flow.role == Role::Leg && !checks(flow)),
        "health" => of_flow(service, checks),
        "clients" => of_flow(service, |flow| flow.role == Role::Clients),
        "starts" => vec![match service.starts() {
            Outcome::Passed => "passed".to_owned(),
            other => format!("{other:?}"),
        }],
        "first" => {
            service.flows.iter().filter(|flow| flow.first).map(|one| one.what.clone()).collect()
        }
        "concern" => service.concerns.iter().map(|concern| concern.code.to_string()).collect(),
        "say" => said(&world, &check, rest)?,
        other => return Err(format!("nothing is asked as {other}")),
    })
}

/// Whether everything that is expected came out: the first part as it is, codes and words of
/// symptoms among the others.
fn holds(row: &Row, told: &[String]) -> bool {
    let exact = matches!(row.asked.split(' ').next(), Some("say" | "starts" | "first"));
    if exact {
        return row.outcome == told;
    }
    if row.asked == "concern" {
        return row.outcome.iter().all(|code| told.iter().any(|one| one == code));
    }
    let (first, others) = row.outcome.split_first().unwrap();
    told.first().is_some_and(|verdict| verdict == first)
        && others.iter().all(|part| told.iter().any(|one| one.contains(part)))
}

#[test]
fn every_cause_is_walked_and_comes_out_as_it_should() {
    let mut wrong = Vec::new();
    for row in rows().iter().filter(|row| row.asked != "tool") {
        let Row { id, asked, outcome, .. } = row;
        match told(row) {
            Ok(told) if holds(row, &told) => {}
            Ok(told) => wrong.push(format!("{id} {asked}\n  should be {outcome:?}\n  is {told:?}")),
            Err(error) => wrong.push(format!("{id} {asked}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_cause_is_missing_and_each_has_one_scope() {
    let expected: BTreeSet<String> = COUNTS
        .iter()
        .flat_map(|(article, count)| (1..=*count).map(move |one| format!("{article}-{one:02}")))
        .collect();
    assert_eq!(expected.len(), 133);
    let mut scopes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows() {
        assert!(["NET", "BIND", "LB", "CFG", "APP", "TOOL"].contains(&row.scope), "{}", row.id);
        assert_eq!(row.scope == "TOOL", row.asked == "tool", "{}", row.id);
        scopes.entry(row.id).or_default().insert(row.scope);
    }
    let walked: BTreeSet<String> = scopes.keys().map(|id| (*id).to_owned()).collect();
    assert_eq!(walked, expected);
    assert!(scopes.values().all(|scopes| scopes.len() == 1), "{scopes:?}");
}

#[test]
fn the_base_of_all_rows_works() {
    let base = Row { id: "", scope: "", edits: "-", asked: "starts", outcome: Vec::new() };
    let world = world(&base).unwrap();
    let check = check(&world, &[]);
    assert_eq!(check.outcome(), Outcome::Passed, "{:#?}", check.services[0].concerns);
}

#[test]
fn every_edit_is_used() {
    let used: BTreeSet<&str> = rows().iter().flat_map(|row| row.edits.split(' ')).collect();
    let taken_in: BTreeSet<&str> =
        EDITS.split([' ', '\t', '\n']).filter_map(|word| word.strip_prefix('+')).collect();
    let names = EDITS.lines().filter(|line| !line.starts_with('#'));
    for name in names.filter_map(|line| line.split('\t').next()) {
        assert!(used.contains(name) || taken_in.contains(name), "{name} brings nothing about");
    }
}
