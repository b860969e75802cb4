//! What failures are called, what they say of the network, and where to look.

use super::table::rows;
use std::sync::LazyLock;

/// Words that tell at which stage something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageWords {
    /// The words; ` … ` stands for anything between, `=` in front for a word of its own.
    pub pattern: &'static str,
    /// The stage.
    pub stage: &'static str,
}

/// Words that tell why something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseWords {
    /// The words, as in [`StageWords`].
    pub pattern: &'static str,
    /// The cause.
    pub cause: &'static str,
    /// The stages for which the words mean that; `-` for every one.
    pub after: &'static str,
}

/// A stage at which a task or a request fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureStage {
    /// Its word.
    pub stage: &'static str,
    /// What was going on, in words.
    pub title: &'static str,
    /// What decides it in a check.
    pub flows: &'static str,
    /// How a blocked flow that shows itself like this fails, where no cause says more.
    pub fits: &'static str,
    /// Whether words of a cause count.
    pub causes: bool,
    /// The rules that it follows from.
    pub rules: &'static str,
}

/// A way in which a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureKind {
    /// Its word.
    pub cause: &'static str,
    /// What happened, as the rest of a sentence that begins with the call.
    pub words: &'static str,
    /// How a blocked flow that shows itself like this fails.
    pub fits: &'static str,
    /// The rules that it follows from.
    pub rules: &'static str,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Whose matter it is: `network`, `listener`, `load balancer`, `setting`, `application`.
    pub scope: &'static str,
    /// What decides it, in a word or two: `execution role`.
    pub subject: &'static str,
    /// Where to look, as sentences.
    pub look: &'static str,
    /// The command that shows it.
    pub command: &'static str,
}

/// What an exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitCode {
    /// What happened, as the rest of a sentence that begins with the container.
    pub words: &'static str,
    /// Where to look, as sentences.
    pub look: &'static str,
}

static STAGE_WORDS: LazyLock<Vec<StageWords>> = LazyLock::new(|| {
    rows::<2>(include_str!("../../models/stop-reasons.tsv"))
        .map(|[pattern, stage]| StageWords { pattern, stage })
        .collect()
});

static CAUSE_WORDS: LazyLock<Vec<CauseWords>> = LazyLock::new(|| {
    rows::<3>(include_str!("../../models/failure-causes.tsv"))
        .map(|[pattern, cause, after]| CauseWords { pattern, cause, after })
        .collect()
});

static STAGES: LazyLock<Vec<FailureStage>> = LazyLock::new(|| {
    rows::<6>(include_str!("../../models/failure-stages.tsv"))
        .map(|[stage, title, flows, fits, causes, rules]| FailureStage {
            stage,
            title,
            flows,
            fits,
            causes: causes == "yes",
            rules,
        })
        .collect()
});

static KINDS: LazyLock<Vec<FailureKind>> = LazyLock::new(|| {
    rows::<4>(include_str!("../../models/failure-kinds.tsv"))
        .map(|[cause, words, fits, rules]| FailureKind { cause, words, fits, rules })
        .collect()
});

/// Words of stages, in the order in which they are tried.
#[must_use]
pub fn stage_words() -> &'static [StageWords] {
    &STAGE_WORDS
}

/// Words of causes, in the order in which they are tried (ERR-15).
#[must_use]
pub fn cause_words() -> &'static [CauseWords] {
    &CAUSE_WORDS
}

/// A stage by its word.
#[must_use]
pub fn failure_stage(stage: &str) -> Option<&'static FailureStage> {
    STAGES.iter().find(|one| one.stage == stage)
}

/// A cause by its word.
#[must_use]
pub fn failure_kind(cause: &str) -> Option<&'static FailureKind> {
    KINDS.iter().find(|one| one.cause == cause)
}

/// Where to look for a failure at a stage, for a cause.
#[must_use]
pub fn advice(stage: &str, cause: Option<&str>) -> Option<Advice> {
    let holds = |list: &str, one: &str| list.split(' ').any(|word| word == "*" || word == one);
    rows::<6>(include_str!("../../models/failure-advice.tsv"))
        .find(|[stages, causes, ..]| holds(stages, stage) && holds(causes, cause.unwrap_or("-")))
        .map(|[_, _, scope, subject, look, command]| Advice { scope, subject, look, command })
}

/// What a container's exit code says.
#[must_use]
pub fn exit_code(code: i32) -> Option<ExitCode> {
    let code = code.to_string();
    rows::<3>(include_str!("../../models/exit-codes.tsv"))
        .find(|[number, ..]| *number == code)
        .map(|[_, words, look]| ExitCode { words, look })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_failures_name_each_other_rightly() {
        for words in stage_words() {
            assert!(failure_stage(words.stage).is_some(), "{words:?}");
            assert_eq!(words.pattern, words.pattern.to_lowercase());
        }
        let fits = ["works", "leg-works", "apart", "-", "dropped", "refused", "no-name"];
        for words in cause_words() {
            assert!(failure_kind(words.cause).is_some(), "{words:?}");
            assert_eq!(words.pattern, words.pattern.to_lowercase());
            for stage in words.after.split(' ').filter(|stage| *stage != "-") {
                assert!(failure_stage(stage).is_some(), "{words:?}");
            }
        }
        for stage in STAGES.iter() {
            assert!(stage.fits.split(' ').all(|one| fits.contains(&one)), "{stage:?}");
            assert!(advice(stage.stage, None).is_some(), "{stage:?}");
            for kind in KINDS.iter().filter(|_| stage.causes) {
                let possible = cause_words().iter().any(|words| {
                    let after = words.after.split(' ').any(|one| one == "-" || one == stage.stage);
                    words.cause == kind.cause && after
                });
                let found = advice(stage.stage, Some(kind.cause)).is_some();
                assert!(found || !possible, "no advice for {} {}", stage.stage, kind.cause);
            }
        }
        for kind in KINDS.iter() {
            assert!(kind.fits.split(' ').all(|one| fits.contains(&one)), "{kind:?}");
        }
        assert!(exit_code(137).is_some() && exit_code(42).is_none());
    }
}
