//! What a text says: the stage first, then the cause (ERR-15).

use super::{Belongs, Symptom};
use crate::models::{
    FailureKind, FailureStage, cause_words, failure_kind, failure_stage, stage_words,
};

/// A text as the patterns are written: lower case, one kind of apostrophe, single spaces.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The stage that a text speaks of, when it is one that is known.
pub(super) fn stage(plain: &str) -> Option<&'static FailureStage> {
    let words = stage_words().iter().find(|words| matches(plain, words.pattern))?;
    failure_stage(words.stage)
}

/// The cause that a text names: of several, the one that says most (ERR-15).
pub(super) fn cause(plain: &str, stage: &FailureStage) -> Option<&'static FailureKind> {
    if !stage.causes {
        return None;
    }
    let holds = |after: &str| after.split(' ').any(|one| one == "-" || one == stage.stage);
    let mut words = cause_words().iter();
    let words = words.find(|words| holds(words.after) && matches(plain, words.pattern))?;
    failure_kind(words.cause)
}

/// A symptom of a stage, with the cause that its words name.
pub(super) fn symptom(said: &str, stage: &str) -> Symptom {
    let stage = failure_stage(stage).unwrap_or(&UNRECOGNISED);
    Symptom {
        said: said.to_owned(),
        by: None,
        stage,
        kind: cause(&plain(said), stage),
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

/// Whether all parts of a pattern occur, in their order.
fn matches(plain: &str, pattern: &str) -> bool {
    if let Some(word) = pattern.strip_prefix('=') {
        return stands_alone(plain, word);
    }
    let mut rest = plain;
    pattern.split(" … ").all(|part| match rest.split_once(part) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// Whether a word occurs that is no part of a longer one.
fn stands_alone(plain: &str, word: &str) -> bool {
    plain.match_indices(word).any(|(start, found)| {
        let before = plain.get(..start).and_then(|text| text.chars().next_back());
        let behind = plain.get(start + found.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_occur_in_their_order_and_words_alone() {
        assert!(matches("lookup x on 10.0.0.2:53: i/o timeout", "lookup … :53 … i/o timeout"));
        assert!(!matches("i/o timeout, lookup x", "lookup … i/o timeout"));
        assert!(stands_alone("status 403 forbidden", "403"));
        assert!(!stands_alone("111122224031.dkr.ecr", "403"));
        assert_eq!(plain("The task can\u{2019}t\n pull"), "the task can't pull");
    }
}
