//! What a live capture asks AWS for, and what of the answers stays out of it.

use super::table::rows;
use std::sync::LazyLock;

/// A call of `reach snapshot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotCall {
    /// The AWS CLI's word for the service: `ec2`.
    pub service: &'static str,
    /// The call: `describe-vpcs`.
    pub name: &'static str,
    /// Which of several forms of the call it is.
    pub variant: Option<&'static str>,
    /// The IAM action that allows it.
    pub action: &'static str,
    /// The earlier answers that say what it is asked for; empty for a call without an argument.
    pub each: Vec<Each>,
    /// What the AWS CLI is told besides.
    pub arguments: &'static str,
    /// The most that one page holds.
    pub page: Option<u16>,
    /// Whether it is the account's call, in no Region.
    pub global: bool,
    /// What it does when one service is asked for.
    pub focus: Focus,
    /// What is unknown without it, in words.
    pub without: Option<&'static str>,
}

/// Where a call's argument comes from: every text under `field` in the answers of `call`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Each {
    /// The earlier call.
    pub call: &'static str,
    /// The form of it, when only one is meant.
    pub variant: Option<&'static str>,
    /// The key in its answers.
    pub field: &'static str,
    /// The option of the AWS CLI that takes the value.
    pub option: &'static str,
    /// How many values one call takes, when it takes several.
    pub batch: Option<usize>,
}

/// What a call does when one service is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    /// Lists everything.
    All,
    /// Is left out.
    Skip,
    /// Keeps to the service's VPC by the filter of that name.
    Filter(&'static str),
}

/// A rule of what is taken out of answers before they are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedactionRule {
    /// What is looked at: `environment`, `flag`, `field`.
    pub subject: &'static str,
    /// A name; `*` stands for anything before or after it.
    pub pattern: &'static str,
}

impl RedactionRule {
    /// Whether a name is meant, in whatever case.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let pattern = self.pattern.to_ascii_lowercase();
        match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
            (Some(inner), Some(_)) => name.contains(inner.trim_end_matches('*')),
            (Some(end), None) => name.ends_with(end),
            (None, Some(start)) => name.starts_with(start),
            (None, None) => name == pattern,
        }
    }
}

static CALLS: LazyLock<Vec<SnapshotCall>> = LazyLock::new(|| {
    let stated = |cell: &'static str| Some(cell).filter(|cell| *cell != "-");
    rows::<9>(include_str!("../../models/snapshot.tsv"))
        .map(|[call, variant, action, each, arguments, page, place, focus, without]| {
            let (service, name) = call.split_once(' ').unwrap_or(("", call));
            SnapshotCall {
                service,
                name,
                variant: stated(variant),
                action,
                each: stated(each)
                    .map_or_else(Vec::new, |each| each.split("; ").map(source).collect()),
                arguments: stated(arguments).unwrap_or_default(),
                page: page.parse().ok(),
                global: place == "global",
                focus: match focus {
                    "all" => Focus::All,
                    "skip" => Focus::Skip,
                    filter => Focus::Filter(filter),
                },
                without: stated(without),
            }
        })
        .collect()
});

static REDACTIONS: LazyLock<Vec<RedactionRule>> = LazyLock::new(|| {
    rows::<2>(include_str!("../../models/redaction.tsv"))
        .map(|[subject, pattern]| RedactionRule { subject, pattern })
        .collect()
});

/// `list-hosted-zones:private Id --id`, `list-services serviceArns --services/10`
fn source(text: &'static str) -> Each {
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (call, field, option) = (word(), word(), word());
    let (call, variant) = match call.split_once(':') {
        Some((call, variant)) => (call, Some(variant)),
        None => (call, None),
    };
    let (option, batch) = match option.split_once('/') {
        Some((option, batch)) => (option, batch.parse().ok()),
        None => (option, None),
    };
    Each { call, variant, field, option, batch }
}

/// Every call of a capture, each behind those that it takes its arguments from.
#[must_use]
pub fn snapshot_calls() -> &'static [SnapshotCall] {
    &CALLS
}

/// The call of that name, in its first form.
#[must_use]
pub fn snapshot_call(name: &str) -> Option<&'static SnapshotCall> {
    CALLS.iter().find(|call| call.name == name)
}

/// What is kept and what is taken out of answers before they are saved.
#[must_use]
pub fn redactions() -> &'static [RedactionRule] {
    &REDACTIONS
}

/// What an error code of AWS's means for a call that reads: `throttled`, `denied`, `credentials`,
/// `unsupported`, `passing` or `gone`.
#[must_use]
pub fn fault(code: &str) -> Option<&'static str> {
    let meant = |pattern: &str| match pattern.strip_prefix('*') {
        Some(end) => code.ends_with(end),
        None => code == pattern,
    };
    rows::<2>(include_str!("../../models/faults.tsv"))
        .find(|[_, pattern]| meant(pattern))
        .map(|[cause, _]| cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_comes_behind_those_it_takes_its_arguments_from() {
        for (index, call) in CALLS.iter().enumerate() {
            assert!(call.action.split_once(':').is_some(), "{}", call.name);
            for each in &call.each {
                let before = CALLS.iter().take(index).any(|one| one.name == each.call);
                assert!(before, "{} needs {}", call.name, each.call);
                assert!(each.option.starts_with("--"), "{}", call.name);
            }
        }
    }

    #[test]
    fn patterns_are_whole_names_beginnings_ends_and_parts() {
        let rule = |pattern| RedactionRule { subject: "flag", pattern };
        assert!(rule("PORT").matches("port") && !rule("PORT").matches("PORTAL"));
        assert!(rule("*_HOST").matches("UVICORN_HOST") && !rule("*_HOST").matches("HOST"));
        assert!(rule("NODE*").matches("node_env") && !rule("NODE*").matches("my_node"));
        assert!(rule("*token*").matches("splunk-token-2"));
    }
}
