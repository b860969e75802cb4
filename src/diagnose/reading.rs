//! What a person or a program hands over: a text, lines of one, or JSON.

use super::recognise::{recognised, shortened};
use super::{Symptom, documents, wording};
use thiserror::Error;

/// Something that is no symptom.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SymptomError {
    /// There is no text.
    #[error("there is no text to diagnose")]
    Empty,
    /// It begins as JSON does, and is none.
    #[error("this begins as JSON and is none: {message}")]
    NotJson {
        /// What is wrong.
        message: String,
        /// The line, one-based.
        line: usize,
        /// The column, one-based.
        column: usize,
    },
    /// It is JSON, and shows no failure.
    #[error("the JSON shows no failure: no stopped task, no unhealthy target, no service event")]
    NoFailure,
}

/// Reads symptoms: a stop reason, a service event, a target's health, an HTTP status, lines of an
/// access log, or the JSON of describe-tasks, describe-services and describe-target-health.
///
/// # Errors
/// When there is no text, when JSON is broken, or when it shows no failure.
pub fn read(input: &str) -> Result<Vec<Symptom>, SymptomError> {
    let text = input.trim_start_matches('\u{feff}').trim();
    if !text.contains(char::is_alphanumeric) {
        return Err(SymptomError::Empty);
    }
    if text.starts_with(['{', '[']) {
        match serde_json::from_str(text) {
            Ok(value) => {
                let found = counted(documents::symptoms(&value));
                return if found.is_empty() { Err(SymptomError::NoFailure) } else { Ok(found) };
            }
            Err(error) if text.starts_with('{') => {
                let (line, column) = (error.line(), error.column());
                let message = error.to_string();
                let position = format!(" at line {line} column {column}");
                let message = message.strip_suffix(&position).unwrap_or(&message).to_owned();
                return Err(SymptomError::NotJson { message, line, column });
            }
            Err(_) => {}
        }
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let known: Option<Vec<Symptom>> = lines.map(recognised).collect();
    Ok(counted(known.unwrap_or_else(|| vec![whole(text)])))
}

/// A whole text: one symptom, known or not.
fn whole(text: &str) -> Symptom {
    let said = shortened(text);
    recognised(said).unwrap_or_else(|| wording::symptom(said, "unrecognised"))
}

/// The same symptom seen several times is one.
fn counted(all: Vec<Symptom>) -> Vec<Symptom> {
    let mut distinct: Vec<Symptom> = Vec::new();
    for symptom in all {
        let codes = |one: &Symptom| one.exits.iter().map(|(_, code)| *code).collect::<Vec<_>>();
        let same = distinct.iter_mut().find(|one| {
            one.stage == symptom.stage
                && one.kind == symptom.kind
                && one.of == symptom.of
                && codes(one) == codes(&symptom)
        });
        match same {
            Some(one) => one.times += 1,
            None => distinct.push(symptom),
        }
    }
    distinct
}
