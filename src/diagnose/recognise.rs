//! What one text is: a line of an access log, a status, or words of ECS or a load balancer.

use super::{Symptom, access_log, wording};

/// The most of a text that is looked at, in bytes: ECS's own texts are far shorter.
const MOST: usize = 64 * 1024;

/// As much of a text as is looked at.
pub(super) fn shortened(text: &str) -> &str {
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
    let mut found = wording::symptom(text, stage);
    found.exits = exit.map(|code| ("a container".to_owned(), code)).into_iter().collect();
    Some(found)
}

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
