//! `reach diagnose 'CannotPullContainerError: …'`

use super::arguments::{Format, Options};
use super::complaint::Complaint;
use super::query::{DEFAULT_FILE, load};
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::check;
use crate::diagnose::{self, Diagnosis, Held, Judgement, Network, SymptomError};
use crate::network::At;
use crate::query::World;
use crate::report;
use std::io::Read;
use std::path::Path;

pub(super) fn run(
    words: &[String],
    service: Option<&str>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let (name, text) = symptom_text(words, options)?;
    let symptoms = diagnose::read(&text).map_err(|error| complaint(&error, name, &text))?;
    let named = options.file.as_deref().is_some_and(|file| !file.is_empty());
    let world = match named || Path::new(DEFAULT_FILE).exists() {
        true => Some(World::new(load(options, terminal)?.network)),
        false => None,
    };
    if let (Some(service), Some(world)) = (service, &world) {
        known(service, world)?;
    }
    let checked = world.as_ref().map(|world| check::check(world, &[]));
    let held = world.as_ref().zip(checked.as_ref());
    let held = held.map(|(world, check)| Held { world, check, service });
    let diagnoses: Vec<Diagnosis> =
        symptoms.iter().map(|symptom| diagnose::diagnose(symptom, held.as_ref())).collect();
    let text = match options.format {
        Format::Text => report::diagnosis_text(&diagnoses, &terminal.style()),
        Format::Json => report::diagnosis_json(&diagnoses),
    };
    Ok(Shown { text, status: status(&diagnoses) })
}

/// The worst of all: a network that explains it, then what is not settled.
fn status(diagnoses: &[Diagnosis]) -> Status {
    let has = |holds: fn(&Diagnosis) -> bool| diagnoses.iter().any(holds);
    if has(|one| one.judgement == Judgement::Explained) {
        Status::Failed
    } else if has(|one| one.judgement != Judgement::Cleared || one.network == Network::Unknown) {
        Status::Unknown
    } else if has(|one| one.network == Network::Blocked) {
        Status::Failed
    } else {
        Status::AsWanted
    }
}

/// What is to be diagnosed: words, `-` for stdin, or a file of that name.
fn symptom_text<'w>(
    words: &'w [String],
    options: &Options,
) -> Result<(&'w str, String), Complaint> {
    let [one] = words else { return Ok(("the symptom", words.join(" "))) };
    if one == "-" {
        if options.file.as_deref() == Some("-")
            || options.evidence.iter().any(|text| text.ends_with("=-"))
        {
            return Err(Complaint::new("only one input can come from stdin")
                .hint("save the others in files, and name those"));
        }
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Complaint::new(format!("stdin cannot be read: {error}")))?;
        return Ok(("<stdin>", String::from_utf8_lossy(&bytes).into_owned()));
    }
    // A text is no path that exists, but for a number like 502.
    if one.parse::<u16>().is_err() && Path::new(one).is_file() {
        let bytes = std::fs::read(one)
            .map_err(|error| Complaint::new(format!("{one} cannot be read: {error}")))?;
        return Ok((one, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(("the symptom", one.clone()))
}

fn known(service: &str, world: &World) -> Result<(), Complaint> {
    use crate::network::Resource;
    let services = || world.network.services.values();
    let is = |one: &crate::network::Service| {
        one.id_text() == service
            || one.label() == service
            || one.id_text().ends_with(&format!("/{service}"))
    };
    if services().any(is) {
        return Ok(());
    }
    let names: Vec<&str> = services().map(Resource::label).collect();
    Err(Complaint::new(format!("there is no service `{service}` here")).hint(
        match names.is_empty() {
            true => "the input has no ECS service".to_owned(),
            false => format!("there is: {}", names.join(", ")),
        },
    ))
}

fn complaint(error: &SymptomError, name: &str, text: &str) -> Complaint {
    let complaint = Complaint::new(error.to_string());
    match error {
        SymptomError::NotJson { line, column, .. } => {
            let number = |value: usize| u32::try_from(value).ok();
            let at = At { file: name.into(), line: number(*line), column: number(*column) };
            complaint.at(at, text.into())
        }
        SymptomError::Empty | SymptomError::NoFailure => complaint.hint(
            "hand over a stopped task's `stoppedReason`, a service event, a target's health, an HTTP status, or the JSON of describe-tasks: reach diagnose '502'",
        ),
    }
}
