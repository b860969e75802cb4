//! Answers for people: one line that says it all, the path, then the evidence in sections.

use super::fix::fixes;
use super::group::{groups, listed};
use super::page::Page;
use super::{Style, words};
use crate::answer::{Answer, Blocker, Direction, Hop, Query, QueryAnswer, ResourceRef, Verdict};
use crate::header::Protocol;
use crate::models;
use crate::network::Kind;
use std::collections::BTreeSet;

/// A query's answer as text, ending in a line break.
#[must_use]
pub fn text(answer: &QueryAnswer, style: &Style) -> String {
    let protocol = protocol(answer);
    let mut groups = groups(&answer.answers);
    let shared = shared_assumptions(&mut groups);
    let mut out = String::new();
    if groups.len() != 1 {
        out.push_str(&summary(answer, groups.len(), style));
    }
    for (i, group) in groups.iter().enumerate() {
        if i > 0 || groups.len() > 1 {
            out.push('\n');
        }
        out.push_str(&one(group, protocol, style));
    }
    if let Some(answer) = shared {
        let mut page = Page { out: "\n".to_owned(), style };
        page.prose("assumes", &assumptions(&answer));
        out.push_str(&page.out);
    }
    out
}

/// Takes out of several groups the assumptions that all of them rest on, to be told once.
fn shared_assumptions(groups: &mut [Answer]) -> Option<Answer> {
    let (first, rest) = groups.split_first()?;
    let alike = rest.iter().all(|group| group.assumptions == first.assumptions);
    if rest.is_empty() || first.assumptions.is_empty() || !alike {
        return None;
    }
    let shared = first.clone();
    groups.iter_mut().for_each(|group| group.assumptions.clear());
    Some(shared)
}

/// The first line of each group.
pub(super) fn headlines(answer: &QueryAnswer) -> Vec<String> {
    let plain = Style::default();
    let groups = groups(&answer.answers);
    let lines = groups.iter().map(|group| first_line(group, protocol(answer), &plain));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// What was asked for; most things are.
fn protocol(answer: &QueryAnswer) -> Protocol {
    let query: Option<Query> = answer.query.parse().ok();
    query.and_then(|query| query.destination.protocol).unwrap_or(Protocol::Tcp)
}

/// The line above several groups.
fn summary(answer: &QueryAnswer, ways: usize, style: &Style) -> String {
    let total = answer.answers.len();
    let thing = thing(&answer.answers);
    let counts: Vec<(Verdict, usize)> =
        [Verdict::Blocked, Verdict::Intermittent, Verdict::Unknown, Verdict::Reachable]
            .into_iter()
            .map(|verdict| {
                (verdict, answer.answers.iter().filter(|one| one.verdict == verdict).count())
            })
            .filter(|&(_, count)| count > 0)
            .collect();
    let reason = match counts.as_slice() {
        [] => "nothing to prove it from".to_owned(),
        [_] => {
            let all = if total == 2 { "both".to_owned() } else { format!("all {total}") };
            format!("in {all} {thing}s, in {ways} ways")
        }
        several => {
            let parts: Vec<String> = several
                .iter()
                .filter(|(verdict, _)| *verdict != Verdict::Reachable)
                .map(|(verdict, count)| format!("{verdict} in {count}"))
                .collect();
            format!("{} of {}", parts.join(", "), words::count(total, thing))
        }
    };
    headline(answer.verdict, &answer.query.replacen("->", "→", 1), &reason, style)
}

/// What several answers are several of.
fn thing(answers: &[Answer]) -> &'static str {
    let distinct = |ends: BTreeSet<(&ResourceRef, Option<&ResourceRef>)>| ends.len();
    let sources = answers.iter().map(|one| (&one.source.resource, one.source.subnet.as_ref()));
    let destinations =
        answers.iter().map(|one| (&one.destination.resource, one.destination.subnet.as_ref()));
    if distinct(sources.collect()) == answers.len() {
        match answers.iter().all(|one| one.source.resource.kind == Kind::LoadBalancer.word()) {
            true => "node",
            false => "placement",
        }
    } else if distinct(destinations.collect()) == answers.len() {
        "destination"
    } else {
        "case"
    }
}

fn headline(verdict: Verdict, subject: &str, reason: &str, style: &Style) -> String {
    let verdict = words::paint_of(verdict, style).paint(&verdict.to_string());
    let subject = style.strong.paint(subject);
    let gap = if reason.is_empty() { "" } else { "   " };
    format!("{verdict}  {subject}{gap}{reason}\n")
}

fn first_line(answer: &Answer, protocol: Protocol, style: &Style) -> String {
    let destination = words::destination(&answer.destination, protocol);
    let subject = format!("{} → {destination}", words::source(&answer.source));
    headline(answer.verdict, &subject, &reason(answer), style)
}

/// One answer in full.
fn one(answer: &Answer, protocol: Protocol, style: &Style) -> String {
    let mut page = Page { out: first_line(answer, protocol, style), style };
    page.line("");
    page.out.push_str(&path(answer, Direction::Forward, style));
    let lost_reply = answer.blockers.first().is_some_and(|b| b.direction == Direction::Return);
    if lost_reply && answer.verdict == Verdict::Blocked {
        page.out.push_str(&path(answer, Direction::Return, style));
    }
    page.line("");
    if let Some(name) = &answer.name {
        page.prose("name", &[format!("{} → {}", name.name, name.what)]);
    }
    page.evidence(answer);
    page.prose("fails", &answer.fails_for);
    if matches!(answer.verdict, Verdict::Blocked | Verdict::Intermittent) {
        page.prose("shows", &symptom(answer));
        page.prose("fix", &fixes(answer, protocol));
    }
    for (i, missing) in answer.missing.iter().enumerate() {
        page.prose(if i == 0 { "missing" } else { "" }, std::slice::from_ref(&missing.fact));
        if let Some(command) = &missing.command {
            page.unbroken("", &[format!("run: {command}")]);
        }
    }
    let notes: Vec<String> = answer.findings.iter().map(|one| one.text.clone()).collect();
    page.prose("note", &notes);
    page.prose("assumes", &assumptions(answer));
    page.out
}

/// Why, in one line.
fn reason(answer: &Answer) -> String {
    match answer.verdict {
        Verdict::Reachable => way(&answer.hops),
        Verdict::Unknown => answer
            .missing
            .first()
            .map_or_else(|| "a fact is missing".to_owned(), |one| format!("missing: {}", one.fact)),
        Verdict::Intermittent if !answer.fails_for.is_empty() => {
            format!("fails for {}", listed(&answer.fails_for))
        }
        Verdict::Blocked | Verdict::Intermittent => match answer.blockers.as_slice() {
            [] => answer.failure.map(|failure| failure.to_string()).unwrap_or_default(),
            [only] => cause(only),
            [first, ..] => format!("{} (first of {})", cause(first), answer.blockers.len()),
        },
    }
}

fn cause(blocker: &Blocker) -> String {
    format!("{}: {}", words::failure(blocker), words::said(&blocker.resource, &blocker.what))
}

/// The gateways and endpoints it goes through.
fn way(hops: &[Hop]) -> String {
    let mut through: Vec<String> = Vec::new();
    for hop in hops {
        let gateway = matches!(
            Kind::from_word(&hop.resource.kind),
            Some(
                Kind::NatGateway
                    | Kind::InternetGateway
                    | Kind::EgressOnlyGateway
                    | Kind::VpcEndpoint,
            )
        );
        let name = words::resource(&hop.resource);
        if gateway && !through.contains(&name) {
            through.push(name);
        }
    }
    match through.is_empty() {
        true => "there and back".to_owned(),
        false => format!("through {}", through.join(" and ")),
    }
}

/// The places on the way, with a cross where it ends.
fn path(answer: &Answer, direction: Direction, style: &Style) -> String {
    let (from, to, hops) = match direction {
        Direction::Forward => (&answer.source, &answer.destination, &answer.hops),
        Direction::Return => (&answer.destination, &answer.source, &answer.return_hops),
    };
    let end = words::step(&to.resource);
    let mut steps = vec![words::step(&from.resource)];
    let mut add = |step: String| {
        if steps.last() != Some(&step) {
            steps.push(step);
        }
    };
    hops.iter().for_each(|hop| add(words::step(&hop.resource)));
    let stop = answer.blockers.iter().find(|_| answer.verdict == Verdict::Blocked);
    let stop = stop.filter(|blocker| blocker.direction == direction);
    if let Some(blocker) = stop.filter(|blocker| blocker.resource != to.resource) {
        add(words::step(&blocker.resource));
    }
    if steps.len() > 1 && steps.last() == Some(&end) {
        steps.pop();
    }
    let (link, painted) = match (stop, answer.verdict) {
        (Some(_), _) => (" ─╳─ ", format!(" {} ", style.bad.paint("─╳─"))),
        (None, Verdict::Unknown) => (" ─?─ ", format!(" {} ", style.doubtful.paint("─?─"))),
        _ => (" ─ ", " ─ ".to_owned()),
    };
    if let Some(last) = steps.last_mut() {
        last.push_str(link);
        last.push_str(&end);
    }
    let lines = words::fill(&steps, " ─ ", style.width.saturating_sub(6));
    let lines = lines.join(" ─\n    ").replace(link, &painted);
    format!("  {lines}\n")
}

/// What the first blocker shows today; the others show only once it is gone (LBH-17).
fn symptom(answer: &Answer) -> Vec<String> {
    let stated = answer.blockers.first().and_then(|first| first.symptom.clone());
    let usual = || models::symptom(&answer.failure?.to_string()).map(str::to_owned);
    stated.or_else(usual).into_iter().collect()
}

fn assumptions(answer: &Answer) -> Vec<String> {
    let meaning = |name: &str| models::assumptions().iter().find(|entry| entry.name == name);
    answer
        .assumptions
        .iter()
        .map(|one| {
            let meaning = meaning(&one.name).map(|entry| format!(": {}", entry.meaning));
            format!("{} = {} ({}){}", one.name, one.value, one.rule, meaning.unwrap_or_default())
        })
        .collect()
}
