//! A live capture: the policy that allows it, the script that stands in for it, and what came of it.

use super::Style;
use crate::models::{self, SnapshotCall, redactions, snapshot_calls};
use crate::read::manifest::{CallRecord, CallStatus, Manifest, NEEDS, SCHEMA};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What a capture needs to be allowed beyond its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyNeeds {
    /// Listing the Regions of an account.
    pub all_regions: bool,
    /// Listing the accounts of the organization.
    pub organization: bool,
    /// Assuming a role of that ARN.
    pub assume: Option<String>,
}

/// The IAM policy that allows a capture, and nothing else.
#[must_use]
pub fn capture_policy(needs: &PolicyNeeds) -> String {
    let mut actions: BTreeSet<&str> = snapshot_calls().iter().map(|call| call.action).collect();
    if needs.all_regions {
        actions.insert("ec2:DescribeRegions");
    }
    if needs.organization {
        actions.insert("organizations:ListAccounts");
    }
    // AP-01
    let mut statements = vec![json!({
        "Sid": "ReachSnapshot", "Effect": "Allow", "Action": actions, "Resource": "*"
    })];
    if let Some(role) = &needs.assume {
        statements.push(json!({
            "Sid": "ReachAssume", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role
        }));
    }
    format!("{:#}\n", json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A POSIX shell script of AWS CLI calls that saves what a capture would.
#[must_use]
pub fn capture_script() -> String {
    let calls = |global: bool| {
        let lines = snapshot_calls().iter().filter(|call| call.global == global).map(lines_of);
        lines.collect::<Vec<_>>().join("\n")
    };
    include_str!("snapshot.sh")
        .replace("@KEEP@", &expression("environment"))
        .replace("@SECRET@", &expression("flag"))
        .replace("@FIELD@", &expression("field"))
        .replace("@NEEDS@", NEEDS)
        .replace("@SCHEMA@", SCHEMA)
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@REGIONAL@", &calls(false))
        .replace("@GLOBAL@", &calls(true))
}

/// The patterns of a subject as one extended regular expression, in lower case.
fn expression(subject: &str) -> String {
    let patterns = redactions().iter().filter(|rule| rule.subject == subject);
    let patterns = patterns.map(|rule| rule.pattern.to_ascii_lowercase().replace('*', ".*"));
    patterns.collect::<Vec<_>>().join("|")
}

/// The lines of the script that make one call.
fn lines_of(call: &SnapshotCall) -> String {
    let SnapshotCall { service, name, .. } = call;
    let arguments = match call.arguments {
        "" => String::new(),
        arguments => format!(" {}", arguments.replace("{region}", "\"$region\"")),
    };
    let suffix = call.variant.map(|variant| format!(".{variant}")).unwrap_or_default();
    let mut lines = String::new();
    for each in &call.each {
        let source = match each.variant {
            Some(variant) => format!("{}.{variant}", each.call),
            None => each.call.to_owned(),
        };
        let rest = format!("{source} {} {service} {name} {}{arguments}", each.field, each.option);
        let line = match each.batch {
            Some(size) => format!("    batches {size} {rest}\n"),
            None => format!("    each '{suffix}' {rest}\n"),
        };
        lines.push_str(&line);
    }
    if call.each.is_empty() {
        lines = format!("    ask {name}{suffix} {service} {name}{arguments}\n");
    }
    let variant = call.variant.unwrap_or_default();
    lines + &format!("    note '{service} {name}' '{variant}' {}", call.action)
}

/// What came of a capture: how much is there, and what is missing.
#[must_use]
pub fn capture_text(manifest: &Manifest, output: &str, style: &Style) -> String {
    let mut text = String::new();
    let made = manifest.calls.iter().filter(|record| record.status == CallStatus::Ok).count();
    let answers: u32 = manifest.calls.iter().map(|record| record.pages).sum();
    let accounts = count(manifest.accounts.len(), "account");
    let regions = count(manifest.regions.len(), "Region");
    let calls = count(manifest.calls.len(), "call");
    // A line of text cannot fail to be written to a string.
    let _ = writeln!(
        text,
        "{}: {accounts}, {regions}; {made} of {calls} answered in full, {answers} pages",
        style.strong.paint(output)
    );
    for status in
        [CallStatus::Denied, CallStatus::Failed, CallStatus::Pending, CallStatus::Unsupported]
    {
        missing(&mut text, manifest, status, style);
    }
    text.push_str(&omitted(manifest, style));
    for note in &manifest.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

/// One line per call and error, with where it happened and what is unknown without it.
fn missing(text: &mut String, manifest: &Manifest, status: CallStatus, style: &Style) {
    let mut places: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    let mut actions: BTreeMap<&str, &str> = BTreeMap::new();
    // What a call lacks that lacks its arguments is told with the call that would have told them.
    let told: BTreeSet<_> = manifest
        .calls
        .iter()
        .filter(|record| record.status != CallStatus::Ok && !record.lacks_arguments())
        .map(|record| without(&record.call))
        .collect();
    let wanted = |record: &&CallRecord| {
        record.status == status
            && !(record.lacks_arguments() && told.contains(&without(&record.call)))
    };
    for record in manifest.calls.iter().filter(wanted) {
        let error = record.error.as_deref().unwrap_or("not asked");
        let place = format!("{}/{}", record.account, record.region);
        places.entry((record.call.as_str(), error)).or_default().insert(place);
        actions.insert(record.call.as_str(), record.action.as_str());
    }
    for ((call, error), places) in places {
        let shown: Vec<&str> = places.iter().take(3).map(String::as_str).collect();
        let more = places.len().saturating_sub(shown.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let without = without(call).map(|what| format!("; unknown: {what}")).unwrap_or_default();
        let what = match status {
            CallStatus::Denied => {
                let action = actions.get(call).copied().unwrap_or_default();
                format!("grant {action}")
            }
            _ => error.to_owned(),
        };
        let paint = if status == CallStatus::Unsupported { &style.faint } else { &style.doubtful };
        let head = paint.paint(&format!("{status}: {call}"));
        let _ = writeln!(text, "{head}  {}{more}: {what}{without}", shown.join(", "));
    }
}

/// What is unknown without a call: `ec2 describe-vpcs`.
fn without(call: &str) -> Option<&'static str> {
    let name = call.split(' ').nth(1).unwrap_or(call);
    models::snapshot_call(name).and_then(|call| call.without)
}

/// What captured does not know how to make: one line per thing that is unknown without it.
fn omitted(manifest: &Manifest, style: &Style) -> String {
    let mut calls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for record in manifest.calls.iter().filter(|record| record.status == CallStatus::Omitted) {
        let without = without(&record.call).unwrap_or("what they tell");
        calls.entry(without).or_default().insert(&record.call);
    }
    let mut text = String::new();
    for (without, calls) in calls {
        let first = calls.first().copied().unwrap_or_default();
        let more = match calls.len() {
            0 | 1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        let head = style.faint.paint(&format!("not built in: {first}{more}"));
        let _ =
            writeln!(text, "{head}  unknown: {without}; the script of --print-script asks for it");
    }
    text
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
