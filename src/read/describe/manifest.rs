//! What a capture says of itself: which kinds it saw in full, and which it could not see.

use super::Capture;
use crate::models;
use crate::network::{Gap, Kind, Scope};
use crate::read::manifest::{CallRecord, CallStatus, Manifest};
use std::collections::BTreeSet;

/// Holds the kinds that were seen against what the captures say of their calls, and notes what
/// they could not see.
pub(super) fn settle(
    capture: &mut Capture,
    manifests: &[Manifest],
    kinds: &mut Vec<(Scope, Kind)>,
) {
    for manifest in manifests {
        let mut unseen: BTreeSet<(Scope, Kind)> = BTreeSet::new();
        for record in &manifest.calls {
            let listed = kinds_of(&record.call).map(|kind| (record.scope(), kind));
            match record.status {
                // No answer at all is an answer too: there was nothing to ask for.
                CallStatus::Ok => kinds.extend(listed),
                _ => {
                    unseen.extend(listed);
                    capture.network.gaps.push(gap(record));
                }
            }
        }
        kinds.retain(|seen| !unseen.contains(seen));
        notes(capture, manifest);
    }
    capture.network.gaps.sort();
}

/// The kinds that a call lists in full: those whose first call it is.
fn kinds_of(call: &str) -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(move |kind| {
        models::call(kind.word()).is_some_and(|entry| named(entry.command) == call)
    })
}

/// `ec2 describe-vpcs` of `aws ec2 describe-vpcs --vpc-ids …`
fn named(command: &str) -> String {
    command.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")
}

fn gap(record: &CallRecord) -> Gap {
    let place = format!("{}/{}", record.account, record.region);
    let error = record.error.as_deref().unwrap_or_default();
    let why = match record.status {
        CallStatus::Denied => format!("denied in {place}: grant {}", record.action),
        CallStatus::Unsupported => format!("not supported in {place}"),
        CallStatus::Failed => format!("failed in {place}: {error}"),
        CallStatus::Omitted => {
            format!(
                "not captured in {place}: not built in, reach snapshot --print-script asks for it"
            )
        }
        _ if error.is_empty() => format!("not captured in {place}: go on with --resume"),
        _ => format!("not captured in {place}: {error}"),
    };
    Gap { scope: record.scope(), call: record.call.clone(), why }
}

fn notes(capture: &mut Capture, manifest: &Manifest) {
    let lines = &mut capture.notes.lines;
    if let Some(focus) = &manifest.focus {
        lines.push(format!("the capture holds only what {focus} needs"));
    }
    if manifest.ended.is_none() {
        lines.push(
            "the capture did not come to its end: go on with `reach snapshot --resume`".to_owned(),
        );
    }
    for status in [CallStatus::Denied, CallStatus::Failed, CallStatus::Unsupported] {
        let calls: BTreeSet<&str> = manifest
            .calls
            .iter()
            .filter(|record| record.status == status)
            .map(|record| match status {
                CallStatus::Denied => record.action.as_str(),
                _ => record.call.as_str(),
            })
            .collect();
        if !calls.is_empty() {
            let calls = calls.into_iter().collect::<Vec<_>>().join(", ");
            lines.push(format!("{status} when the network was captured: {calls}"));
        }
    }
    lines.extend(manifest.notes.iter().cloned());
}
