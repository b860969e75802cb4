//! What a person or a program hands over: a text, lines of one, or JSON.

use super::{Belongs, Symptom, access_log, documents, wording};
use crate::models::{FailureStage, failure_stage};
use thiserror::Error;

/// The most of a text that is looked at, in bytes: ECS's own texts are far shorter.
const MOST: usize = 64 * 1024;

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
    recognised(said).unwrap_or_else(|| symptom(said, "unrecognised"))
}

fn shortened(text: &str) -> &str {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// A text that says what it is.
pub(super) fn recognised(text: &str) -> Option<Symptom> {
    let text = shortened(text);
    if let Some(line) = access_log::symptom(text) {
        return Some(line);
    }
    let plain = wording::plain(text);
    let exit = exit_code(&plain);
    let stage = wording::stage(&plain).map(|stage| stage.stage);
    let stage = stage.or(exit.map(|_| "exited")).or_else(|| access_log::status(&plain))?;
    let mut found = symptom(text, stage);
    found.exits = exit.map(|code| ("a container".to_owned(), code)).into_iter().collect();
    Some(found)
}

/// A symptom of a stage, with the cause that its words name.
pub(super) fn symptom(said: &str, stage: &str) -> Symptom {
    let stage = failure_stage(stage).unwrap_or(&UNRECOGNISED);
    Symptom {
        said: said.to_owned(),
        by: None,
        stage,
        kind: wording::cause(&wording::plain(said), stage),
        exits: Vec::new(),
        of: Belongs::default(),
        times: 1,
    }
}

static UNRECOGNISED: FailureStage = FailureStage {
    stage: "unrecognised",
    title: "the text is not one that is known",
    flows: "-",
    fits: "-",
    causes: false,
    rules: "ERR-15",
};

/// The number in `exit code 137`, `exited with code 1`, `exitCode: 2`.
fn exit_code(plain: &str) -> Option<i32> {
    let (_, rest) = plain.split_once("exit")?;
    let between = [" ", ":", "=", "\"", "(", "ed", "with", "code", "status"];
    let mut rest = rest;
    while let Some(next) = between.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = next;
    }
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|code| (0..=255).contains(code))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_read_as_people_and_aws_write_it() {
        for text in ["exit code 137", "exited with code 137", "exitcode: 137", "exit 137"] {
            assert_eq!(exit_code(text), Some(137), "{text}");
        }
        assert_eq!(exit_code("essential container in task exited"), None);
        assert_eq!(exit_code("exit code 99999999999"), None);
    }
}
