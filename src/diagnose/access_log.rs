//! HTTP statuses: as a person writes them, and in a load balancer's access log.

use super::{Symptom, wording};

/// The columns of an application load balancer's access log that are read, from 0.
const TARGET: usize = 4;
const STATUS: usize = 8;
const TARGET_STATUS: usize = 9;

/// A line of an application load balancer's access log.
pub(super) fn symptom(line: &str) -> Option<Symptom> {
    let fields: Vec<&str> = line.split_whitespace().take(64).collect();
    let kinds = ["http", "https", "h2", "grpcs", "ws", "wss"];
    fields.first().filter(|kind| kinds.contains(kind))?;
    fields.get(1).filter(|time| time.contains('T') && time.ends_with('Z'))?;
    let target = *fields.get(TARGET)?;
    let own = fields.get(TARGET_STATUS).and_then(|text| text.parse().ok());
    let stage = of_status(fields.get(STATUS)?.parse().ok()?, own)?;
    let mut symptom = wording::symptom(line, stage);
    let group = fields.iter().find(|field| field.contains(":targetgroup/"));
    symptom.of.target_group = group.map(|arn| arn.trim_matches('"').to_owned());
    symptom.by = (target != "-").then(|| format!("target {target}"));
    Some(symptom)
}

/// A short text that is little more than a status: `502`, `HTTP/1.1 504 Gateway Time-out`.
pub(super) fn status(plain: &str) -> Option<&'static str> {
    const SHORT: usize = 160;
    if plain.len() > SHORT {
        return None;
    }
    let before = ["http", "http/1.1", "http/2", "http/1.0", "status", "code", "error", "an", "the"];
    let separated = |c: char| c.is_whitespace() || [':', ',', '(', ')', '"', '='].contains(&c);
    let words: Vec<&str> = plain.split(separated).filter(|word| !word.is_empty()).collect();
    let first = words.iter().find(|word| !before.contains(word))?;
    let number = |word: &str| word.parse::<u16>().ok().filter(|code| (200..600).contains(code));
    let own = words.iter().position(|word| *word == "target_status_code");
    let own = own.and_then(|at| number(words.get(at + 1)?));
    let balancer = |word: &&str| number(word).filter(|code| (502..=504).contains(code));
    let stated = number(first).or_else(|| words.iter().find_map(balancer))?;
    of_status(stated, own)
}

/// LBH-03…10: what the status says, with the one that the target gave.
fn of_status(status: u16, target: Option<u16>) -> Option<&'static str> {
    Some(match status {
        _ if target == Some(status) && status >= 400 => "http-own",
        502 => "http-502",
        503 => "http-503",
        504 => "http-504",
        464 => "http-464",
        400 | 405 | 408 | 413 | 414 | 431 | 460 | 463 | 561 => "http-client",
        400..=599 => "http-own",
        200..=399 => "no-failure",
        _ => return None,
    })
}
