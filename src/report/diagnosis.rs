//! What symptoms come to.

use super::causes::{self, Cause, causes};
use super::page::Page;
use super::{Paint, Style, json};
use crate::answer::{Concern, Missing, ResourceRef, RuleId};
use crate::check::CheckedService;
use crate::diagnose::{Diagnosis, Judgement, Network};
use crate::models;
use serde::Serialize;

/// The version of a diagnosis. A change that a reader could notice changes it.
const DIAGNOSE_SCHEMA: &str = "reach/diagnose/1";

/// How much of what was said is shown, in characters.
const SHOWN: usize = 600;

/// A paragraph per symptom, each ending in a line break.
#[must_use]
pub fn diagnosis_text(diagnoses: &[Diagnosis], style: &Style) -> String {
    let mut page = Page { out: String::new(), style };
    for (index, diagnosis) in diagnoses.iter().enumerate() {
        if index > 0 {
            page.line("");
            page.line("");
        }
        show(&mut page, diagnosis);
    }
    page.out
}

fn show(page: &mut Page<'_>, diagnosis: &Diagnosis) {
    let paint = paint_of(diagnosis, page.style);
    let title = page.style.strong.paint(&title(diagnosis));
    page.line(&format!("{}  {title}", paint.paint(judgement_word(diagnosis.judgement))));
    let network =
        paint_of_network(diagnosis.network, page.style).paint(network_word(diagnosis.network));
    page.unbroken("network", &[network]);
    page.prose("of", &of(diagnosis).into_iter().collect::<Vec<_>>());
    page.prose("says", &[said(diagnosis)]);
    page.prose("means", &diagnosis.reasons);
    page.prose("exits", &exits(diagnosis));
    let open: Vec<String> = diagnosis.missing.iter().map(|one| clean(&one.fact)).collect();
    page.prose("open", &open);
    let commands: Vec<String> =
        diagnosis.missing.iter().filter_map(|one| one.command.as_deref().map(clean)).collect();
    page.unbroken("run", &commands);
    // What stops it is told below, with its fix.
    let explained = diagnosis.judgement == Judgement::Explained;
    if let Some(advice) = diagnosis.advice.filter(|_| !explained) {
        page.prose("look", &[format!("{} ({}): {}", advice.subject, advice.scope, advice.look)]);
        page.unbroken("", &[advice.command.to_owned()]);
    }
    let rules: Vec<String> = diagnosis.rules.iter().map(ToString::to_string).collect();
    page.prose("rules", &[rules.join(", ")]);
    let held = held(diagnosis);
    causes::show(page, &held, &causes::causes(&held));
    if !diagnosis.next.is_empty() {
        page.line("");
        page.prose("besides", &diagnosis.next.iter().map(|text| clean(text)).collect::<Vec<_>>());
    }
}

/// What decides the symptom, as a check of it alone.
fn held(diagnosis: &Diagnosis) -> Vec<CheckedService> {
    let service = diagnosis.service.iter().cloned();
    service
        .map(|service| CheckedService {
            failing_places: Vec::new(),
            service,
            flows: diagnosis.flows.clone(),
            health: Vec::new(),
            concerns: diagnosis.concerns.clone(),
        })
        .collect()
}

/// `the login to ECR timed out`
fn title(diagnosis: &Diagnosis) -> String {
    let symptom = &diagnosis.symptom;
    match symptom.kind {
        Some(kind) => format!("{} {}", symptom.stage.title, kind.words),
        None => symptom.stage.title.to_owned(),
    }
}

fn of(diagnosis: &Diagnosis) -> Option<String> {
    let service = diagnosis.service.as_ref().map(|service| format!("service {}", service.label()));
    let times = diagnosis.symptom.times;
    let by = diagnosis.symptom.by.clone().map(|by| match times {
        1 => by,
        _ => format!("{by} and {} more", times - 1),
    });
    let words: Vec<String> = service.into_iter().chain(by).map(|text| clean(&text)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn said(diagnosis: &Diagnosis) -> String {
    let text = clean(&diagnosis.symptom.said);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn exits(diagnosis: &Diagnosis) -> Vec<String> {
    let exits = diagnosis.symptom.exits.iter();
    let told = exits.map(|(container, code)| match models::exit_code(*code) {
        Some(entry) => format!("{container} {} ({code}). {}", entry.words, entry.look),
        None => format!("{container} ended with {code}. Its log."),
    });
    told.map(|text| clean(&text)).collect()
}

fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn paint_of<'s>(diagnosis: &Diagnosis, style: &'s Style) -> &'s Paint {
    match diagnosis.judgement {
        Judgement::Cleared => &style.good,
        Judgement::Explained => &style.bad,
        Judgement::Undecided | Judgement::Contradicted => &style.doubtful,
    }
}

fn paint_of_network(network: Network, style: &Style) -> &Paint {
    match network {
        Network::Proven => &style.good,
        Network::Blocked => &style.bad,
        Network::Unknown => &style.doubtful,
    }
}

fn judgement_word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Explained => "explained",
        Judgement::Contradicted => "contradicted",
        Judgement::Cleared => "cleared",
        Judgement::Undecided => "undecided",
    }
}

fn network_word(network: Network) -> &'static str {
    match network {
        Network::Proven => "proven",
        Network::Blocked => "blocked",
        Network::Unknown => "unknown",
    }
}

/// What symptoms come to as one JSON object, ending in a line break.
#[must_use]
pub fn diagnosis_json(diagnoses: &[Diagnosis]) -> String {
    json::pretty(&document(diagnoses))
}

fn document(diagnoses: &[Diagnosis]) -> Document<'_> {
    Document { schema: DIAGNOSE_SCHEMA, diagnoses: diagnoses.iter().map(one).collect() }
}

fn one(diagnosis: &Diagnosis) -> One<'_> {
    let symptom = &diagnosis.symptom;
    let exits = symptom.exits.iter().map(|(container, code)| Exit {
        container,
        code: *code,
        words: models::exit_code(*code).map(|entry| entry.words),
    });
    let held = held(diagnosis);
    One {
        said: &symptom.said,
        by: symptom.by.as_deref(),
        times: symptom.times,
        stage: symptom.stage.stage,
        cause: symptom.kind.map(|kind| kind.cause),
        title: title(diagnosis),
        exits: exits.collect(),
        service: diagnosis.service.as_ref(),
        judgement: judgement_word(diagnosis.judgement),
        network: network_word(diagnosis.network),
        reasons: &diagnosis.reasons,
        causes: causes(&held).iter().map(Cause::document).collect(),
        besides: &diagnosis.next,
        missing: &diagnosis.missing,
        concerns: &diagnosis.concerns,
        look: diagnosis.advice.map(|advice| Look {
            scope: advice.scope,
            subject: advice.subject,
            text: advice.look,
            command: advice.command,
        }),
        rules: &diagnosis.rules,
    }
}

/// What symptoms come to.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Document<'a> {
    /// What this document is, and its version.
    #[cfg_attr(feature = "cli", schemars(extend("const" = DIAGNOSE_SCHEMA)))]
    schema: &'static str,
    /// One per distinct symptom.
    diagnoses: Vec<One<'a>>,
}

/// A symptom, and what it comes to.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct One<'a> {
    /// What was said.
    said: &'a str,
    /// What said it.
    by: Option<&'a str>,
    /// How often.
    times: usize,
    /// What was going on: `login`, `image`, `target-timeout`, …
    stage: &'static str,
    /// Why it failed, where the words tell: `permission`, `timeout`, …
    cause: Option<&'static str>,
    /// Both in words.
    title: String,
    /// The exit codes of containers.
    exits: Vec<Exit<'a>>,
    /// The service that it was held against.
    service: Option<&'a ResourceRef>,
    /// `explained`, `contradicted`, `cleared` or `undecided`.
    judgement: &'static str,
    /// `proven`, `blocked` or `unknown`.
    network: &'static str,
    /// Why.
    reasons: &'a [String],
    /// What stops the flows that decide it, one per distinct cause.
    causes: Vec<causes::Document>,
    /// What fails as well.
    besides: &'a [String],
    /// Facts that are missing.
    missing: &'a [Missing],
    /// Settings of the service that have to do with it.
    concerns: &'a [Concern],
    /// Where to look.
    look: Option<Look>,
    /// The rules of AWS that it rests on.
    rules: &'a [RuleId],
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Exit<'a> {
    container: &'a str,
    code: i32,
    words: Option<&'static str>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Look {
    scope: &'static str,
    subject: &'static str,
    text: &'static str,
    command: &'static str,
}

/// The JSON Schema of a diagnosis, with an example.
///
/// # Errors
/// When the example is not JSON, which a test rules out.
#[cfg(feature = "cli")]
pub fn diagnosis_schema() -> Result<serde_json::Value, serde_json::Error> {
    let mut schema = schemars::schema_for!(Document<'_>);
    schema.insert("title".to_owned(), DIAGNOSE_SCHEMA.into());
    let text = "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException";
    let symptoms = crate::diagnose::read(text).unwrap_or_default();
    let told: Vec<Diagnosis> =
        symptoms.iter().map(|one| crate::diagnose::diagnose(one, None)).collect();
    let example = serde_json::to_value(document(&told))?;
    schema.insert("examples".to_owned(), vec![example].into());
    Ok(schema.to_value())
}
