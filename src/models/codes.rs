//! Explanation codes, open points, symptoms and AWS CLI calls.

use super::table::rows;
use std::sync::LazyLock;

/// What an explanation code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The code.
    pub code: &'static str,
    /// What happened, in a few words.
    pub title: &'static str,
    /// Why.
    pub cause: &'static str,
    /// What the client, ECS or the load balancer shows of it.
    pub symptom: &'static str,
    /// What to change.
    pub remedy: &'static str,
    /// The rules of AWS it follows from.
    pub rule: &'static str,
}

/// An open point of AWS's documented behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssumptionEntry {
    /// Its name.
    pub name: &'static str,
    /// The value assumed.
    pub default: &'static str,
    /// The rule that leaves it open.
    pub rule: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// An AWS CLI call and what its answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallEntry {
    /// The kind of resource, by its word.
    pub kind: &'static str,
    /// The top-level key of the answer.
    pub key: &'static str,
    /// The command.
    pub command: &'static str,
}

static CODES: LazyLock<Vec<CodeEntry>> = LazyLock::new(|| {
    rows::<6>(include_str!("../../models/codes.tsv"))
        .map(|[code, title, cause, symptom, remedy, rule]| CodeEntry {
            code,
            title,
            cause,
            symptom,
            remedy,
            rule,
        })
        .collect()
});

static ASSUMPTIONS: LazyLock<Vec<AssumptionEntry>> = LazyLock::new(|| {
    rows::<4>(include_str!("../../models/assumptions.tsv"))
        .map(|[name, default, rule, meaning]| AssumptionEntry { name, default, rule, meaning })
        .collect()
});

static CALLS: LazyLock<Vec<CallEntry>> = LazyLock::new(|| {
    rows::<3>(include_str!("../../models/calls.tsv"))
        .map(|[kind, key, command]| CallEntry { kind, key, command })
        .collect()
});

/// Every explanation code.
#[must_use]
pub fn codes() -> &'static [CodeEntry] {
    &CODES
}

/// What a code means.
#[must_use]
pub fn code(code: &str) -> Option<&'static CodeEntry> {
    CODES.iter().find(|entry| entry.code == code)
}

/// What to do about a code in a situation, when there is more to say than its remedy. Every word
/// of a row's situation must hold; the first such row wins.
#[must_use]
pub fn fix(code: &str, holds: impl Fn(&str) -> bool) -> Option<&'static str> {
    rows::<3>(include_str!("../../models/fixes.tsv"))
        .find(|[of, situation, _]| *of == code && situation.split_whitespace().all(&holds))
        .map(|[_, _, fix]| fix)
}

/// Every open point.
#[must_use]
pub fn assumptions() -> &'static [AssumptionEntry] {
    &ASSUMPTIONS
}

/// An open point by its name.
#[must_use]
pub fn assumption(name: &str) -> Option<&'static AssumptionEntry> {
    ASSUMPTIONS.iter().find(|entry| entry.name == name)
}

impl AssumptionEntry {
    /// The values that are evaluated, the default first.
    #[must_use]
    pub fn values(&self) -> Vec<&'static str> {
        let others = self.rows().map(|[_, value, _]| value).filter(|value| *value != "-");
        std::iter::once(self.default).chain(others).collect()
    }

    /// Why it has its default only, where it has.
    #[must_use]
    pub fn only_default(&self) -> Option<&'static str> {
        self.rows().find(|[_, value, _]| *value == "-").map(|[_, _, why]| why)
    }

    fn rows(&self) -> impl Iterator<Item = [&'static str; 3]> {
        rows::<3>(include_str!("../../models/assumption_values.tsv"))
            .filter(|[name, ..]| *name == self.name)
    }
}

/// Every AWS CLI call that the readers understand.
#[must_use]
pub fn calls() -> &'static [CallEntry] {
    &CALLS
}

/// The AWS CLI call that lists a kind of resource.
#[must_use]
pub fn call(kind: &str) -> Option<&'static CallEntry> {
    CALLS.iter().find(|entry| entry.kind == kind)
}

/// The AWS CLI call whose answer has that top-level key.
#[must_use]
pub fn call_of_key(key: &str) -> Option<&'static CallEntry> {
    CALLS.iter().find(|entry| entry.key == key)
}

/// What is shown in a case: a service's name for a task whose start-up flow to it is dropped, or
/// the words of a failure, with what shows it in front where that matters.
#[must_use]
pub fn symptom(case: &str) -> Option<&'static str> {
    rows::<2>(include_str!("../../models/symptoms.tsv"))
        .find(|[name, _]| *name == case)
        .map(|[_, text]| text)
}
