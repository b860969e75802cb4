//! Why services fail: a paragraph per distinct cause.

use super::fix::shared_fixes;
use super::group::{listed, printable};
use super::matrix::{Names, mark, own_end, place_words};
use super::ordered::{Ordered, distinct};
use super::page::Page;
use super::{concerns, words};
use crate::answer::{Answer, Assumption, Blocker, Code, Location, ResourceRef, Verdict};
use crate::check::{CheckedFlow, CheckedService, Role};
use crate::ecs::Weight;
use crate::models;
use serde::Serialize;
use std::collections::BTreeSet;

/// What fails, or cannot be told, for one reason.
pub(super) struct Cause<'a> {
    key: Key,
    members: Vec<Member<'a>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// The first thing that stops it.
    Stop(Code, ResourceRef),
    /// How it fails, when nothing says why.
    Failure(String),
    /// What is missing.
    Missing { fact: String, command: Option<String> },
}

struct Member<'a> {
    service: String,
    place: Option<String>,
    flow: &'a CheckedFlow,
    answer: Option<Answer>,
}

/// Every distinct cause, in the order of services and of their starts (RUN-03).
pub(super) fn causes(services: &[CheckedService]) -> Vec<Cause<'_>> {
    let mut causes = Ordered::new();
    let names = Names::new(services);
    for service in services {
        let own_name = names.of(service);
        for flow in &service.flows {
            for (key, place, answer) in failures(service, flow) {
                let member = Member { service: own_name.clone(), place, flow, answer };
                let cause = || Cause { key: key.clone(), members: Vec::new() };
                causes.at(key.clone(), cause).members.push(member);
            }
        }
    }
    let mut causes = causes.into_values();
    // What is known to fail comes before what is not known.
    causes.sort_by_key(|one| matches!(one.key, Key::Missing { .. }));
    causes
}

type Failing = (Key, Option<String>, Option<Answer>);

fn failures(service: &CheckedService, flow: &CheckedFlow) -> Vec<Failing> {
    let clean = |text: &str| text.replace(char::is_control, " ");
    if let Some(missing) = &flow.missing {
        let command = missing.command.as_deref().map(clean);
        return vec![(Key::Missing { fact: clean(&missing.fact), command }, None, None)];
    }
    let failing = flow.answers.iter().filter(|answer| answer.verdict != Verdict::Reachable);
    failing
        .map(|answer| {
            let place = place_words(own_end(flow, answer), &service.service);
            let answer = printable(answer);
            let failure = || answer.failure.map(|failure| failure.to_string()).unwrap_or_default();
            let key = match (answer.blockers.first(), answer.missing.first()) {
                (_, Some(missing)) if answer.verdict == Verdict::Unknown => {
                    Key::Missing { fact: missing.fact.clone(), command: missing.command.clone() }
                }
                (Some(blocker), _) => Key::Stop(blocker.code.clone(), blocker.resource.clone()),
                (None, _) => Key::Failure(failure()),
            };
            (key, (!place.is_empty()).then_some(place), Some(answer))
        })
        .collect()
}

impl Cause<'_> {
    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.members.iter().filter_map(|member| member.answer.as_ref())
    }

    /// The first blocker of each answer, with its answer.
    fn stopped(&self) -> Vec<(&Answer, &Blocker)> {
        match self.key {
            Key::Stop(..) => {
                self.answers().filter_map(|one| Some((one, one.blockers.first()?))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The names of the services, as often as they have to do with it.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|member| member.service.as_str())
    }

    /// What is proven of everything that it stops.
    pub fn verdict(&self) -> Verdict {
        let intermittent = || self.answers().all(|one| one.verdict == Verdict::Intermittent);
        match self.key {
            Key::Missing { .. } => Verdict::Unknown,
            _ if intermittent() => Verdict::Intermittent,
            _ => Verdict::Blocked,
        }
    }

    /// Its code and rule, where it has any.
    pub fn kind(&self) -> String {
        let first = self.stopped().into_iter().next();
        match &self.key {
            Key::Missing { .. } => "something is not known".to_owned(),
            Key::Failure(failure) => failure.clone(),
            Key::Stop(code, _) => match first {
                Some((_, blocker)) => format!("{code} ({})", blocker.rule),
                None => code.to_string(),
            },
        }
    }

    /// What stops it, or what is missing.
    pub fn said(&self) -> String {
        let first = self.stopped().into_iter().next();
        match &self.key {
            Key::Missing { fact, .. } => format!("missing: {fact}"),
            Key::Failure(failure) => failure.clone(),
            Key::Stop(..) => first
                .map(|(_, blocker)| words::said(&blocker.resource, &blocker.what))
                .unwrap_or_default(),
        }
    }

    fn fixes(&self) -> Vec<String> {
        shared_fixes(&self.stopped())
    }

    /// What is shown first; the rest shows only once this is gone (LBH-17).
    fn symptom(&self) -> Option<String> {
        let (answer, blocker) = self.stopped().into_iter().next()?;
        let usual = || models::symptom(&answer.failure?.to_string()).map(str::to_owned);
        blocker.symptom.clone().or_else(usual)
    }

    /// Whether another failure of the same start shows before all of these (RUN-03).
    fn shows_later(&self) -> bool {
        self.members.iter().all(|member| {
            matches!(member.flow.role, Role::Start(_, Weight::StartCritical)) && !member.flow.first
        })
    }

    /// What else stops the same answers, once this is gone (RUN-03).
    fn later(&self) -> Vec<String> {
        let rest = self.stopped().into_iter().flat_map(|(one, _)| one.blockers.iter().skip(1));
        let rest = rest.filter(|blocker| match &self.key {
            Key::Stop(code, resource) => blocker.code != *code || blocker.resource != *resource,
            _ => false,
        });
        distinct(rest.map(|blocker| {
            format!("{} ({})", words::said(&blocker.resource, &blocker.what), blocker.code)
        }))
    }

    fn notes(&self) -> Vec<String> {
        let stated = self.answers().flat_map(|answer| &answer.findings);
        distinct(stated.map(|finding| finding.text.clone()))
    }

    /// `web in private-a, private-b → ecr.api, s3`, each line for what shares its places.
    fn stops(&self) -> Vec<String> {
        // (who, to whom, where), with one list of places for each flow.
        let mut flows = Ordered::new();
        for member in &self.members {
            let flow = (&member.service, std::ptr::from_ref(member.flow));
            let (_, places): &mut (_, Vec<String>) = flows.at(flow, || (member, Vec::new()));
            places.extend(member.place.clone().filter(|place| !places.contains(place)));
        }
        // Needs of one service at the same places are one line, services alike are, too.
        let mut starts = Ordered::new();
        let mut lines = Vec::new();
        for (member, places) in flows.into_values() {
            if matches!(member.flow.role, Role::Leg | Role::Clients) {
                lines.push(format!("{}{}", member.flow.why, within(&places)));
                continue;
            }
            let (service, what) = (&member.service, member.flow.what.clone());
            let start = || (service, Vec::new(), places.clone());
            let (_, whats, _): &mut (_, Vec<String>, _) =
                starts.at((service, places.clone()), start);
            if !whats.contains(&what) {
                whats.push(what);
            }
        }
        let mut merged = Ordered::new();
        for (service, whats, places) in starts.into_values() {
            let alike = || (Vec::new(), whats.clone(), places.clone());
            let (services, ..): &mut (Vec<String>, _, _) =
                merged.at((whats.clone(), places.clone()), alike);
            services.push(service.clone());
        }
        let starts = merged.into_values().into_iter().map(|(services, whats, places)| {
            format!("{}{} → {}", listed(&services), within(&places), whats.join(", "))
        });
        starts.chain(lines).collect()
    }

    /// Whether `expect` lines state all of it.
    pub fn is_expected(&self) -> bool {
        self.members.iter().all(|member| member.flow.expected)
    }

    fn show(&self, page: &mut Page<'_>) {
        page.line("");
        let verdict = self.verdict();
        let (mark, paint) = mark(Some(verdict), page.style);
        let mark = paint.paint(mark);
        match &self.key {
            Key::Missing { fact, .. } => {
                let lines = words::wrap(&format!("missing: {fact}"), page.style.width - 2);
                for (i, line) in lines.iter().enumerate() {
                    let mark = if i == 0 { mark.as_str() } else { " " };
                    page.line(&format!("{mark} {line}"));
                }
            }
            Key::Failure(failure) => page.line(&format!("{mark} {failure}")),
            Key::Stop(..) => {
                if let Some((_, blocker)) = self.stopped().first() {
                    let said = words::said(&blocker.resource, &blocker.what);
                    let place = words::place(&blocker.resource, blocker.location.as_ref(), None);
                    let place = match place.is_empty() {
                        true => place,
                        false => format!("   {}", page.style.faint.paint(&place)),
                    };
                    let code = format!("{} ({})", blocker.code, blocker.rule);
                    page.line(&format!("{mark} {said}{place}   {}", paint.paint(&code)));
                }
            }
        }
        let label = if verdict == Verdict::Unknown { "open" } else { "stops" };
        page.prose(label, &self.stops());
        if self.is_expected() {
            page.prose(
                "expect",
                &["an `expect` line states it: it does not fail the check".to_owned()],
            );
        }
        let label = if self.shows_later() { "later" } else { "shows" };
        page.prose(label, &self.symptom().into_iter().collect::<Vec<_>>());
        page.prose("fix", &self.fixes());
        page.prose("then", &self.later());
        if let Key::Missing { command: Some(command), .. } = &self.key {
            page.unbroken("run", std::slice::from_ref(command));
        }
        page.prose("note", &self.notes());
    }

    /// The same for programs.
    pub fn document(&self) -> Document {
        let first = self.stopped().into_iter().next().map(|(_, blocker)| blocker);
        Document {
            code: first.map(|blocker| blocker.code.to_string()),
            rule: first.map(|blocker| blocker.rule.to_string()),
            resource: first.map(|blocker| blocker.resource.clone()),
            what: match &self.key {
                Key::Stop(..) => first.map(|blocker| blocker.what.clone()).unwrap_or_default(),
                Key::Failure(failure) => failure.clone(),
                Key::Missing { fact, .. } => format!("missing: {fact}"),
            },
            location: first.and_then(|blocker| blocker.location.clone()),
            stops: self.stops(),
            expected: self.is_expected(),
            symptom: self.symptom(),
            fixes: self.fixes(),
            then: self.later(),
            command: match &self.key {
                Key::Missing { command, .. } => command.clone(),
                _ => None,
            },
        }
    }
}

/// A cause for programs.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct Document {
    code: Option<String>,
    rule: Option<String>,
    resource: Option<ResourceRef>,
    what: String,
    location: Option<Location>,
    stops: Vec<String>,
    expected: bool,
    symptom: Option<String>,
    fixes: Vec<String>,
    then: Vec<String>,
    command: Option<String>,
}

/// A paragraph per cause; then what is worth knowing of what works, and what it rests on.
pub(super) fn show<'a>(page: &mut Page<'_>, services: &'a [CheckedService], causes: &[Cause<'_>]) {
    causes.iter().for_each(|cause| cause.show(page));
    concerns::show(page, services);
    let told: BTreeSet<String> = causes.iter().flat_map(Cause::notes).collect();
    let answers = |one: &'a CheckedService| one.flows.iter().flat_map(|flow| &flow.answers);
    let mut notes = Ordered::new();
    let names = Names::new(services);
    for service in services {
        let own_name = names.of(service);
        let found = answers(service).flat_map(|answer| &answer.findings);
        let found = distinct(found.map(|one| one.text.as_str())).into_iter();
        let found = distinct(found.map(|text| text.replace(char::is_control, " ")));
        for note in found.into_iter().filter(|it| !told.contains(it)) {
            let (_, names): &mut (_, Vec<String>) = notes.at(note.clone(), || (note, Vec::new()));
            names.push(own_name.clone());
        }
    }
    let notes = notes.into_values();
    let notes: Vec<String> =
        notes.iter().map(|(note, names)| format!("{}: {note}", listed(names))).collect();
    let rests: BTreeSet<&Assumption> =
        services.iter().flat_map(answers).flat_map(|answer| &answer.assumptions).collect();
    let rests = distinct(rests.iter().map(|one| format!("{} = {}", one.name, one.value)));
    if !notes.is_empty() || !rests.is_empty() {
        page.line("");
    }
    page.prose("note", &notes);
    if !rests.is_empty() {
        let names = format!("{}; `reach assumptions` says what they mean", rests.join(", "));
        page.prose("assumes", &[names]);
    }
}

fn within(places: &[String]) -> String {
    match places.is_empty() {
        true => String::new(),
        false => format!(" in {}", listed(places)),
    }
}
