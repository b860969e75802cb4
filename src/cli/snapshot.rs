//! `reach snapshot` and `reach check --live`

use super::arguments::{Options, Snapshot, Source};
use super::complaint::Complaint;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::report::{self, PolicyNeeds};

pub(super) fn run(
    wanted: &Snapshot,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    if wanted.print_policy {
        let text = report::capture_policy(&needs(&wanted.source));
        return Ok(Shown { text, status: Status::AsWanted });
    }
    if wanted.print_script {
        return Ok(Shown { text: report::capture_script(), status: Status::AsWanted });
    }
    #[cfg(feature = "aws")]
    return super::live::snapshot(wanted, options, terminal);
    #[cfg(not(feature = "aws"))]
    Err(not_built(options, terminal))
}

/// Captures into a folder that is gone afterwards, and checks it.
pub(super) fn check(
    source: &Source,
    baseline: Option<&str>,
    fixes: super::check::Fixes<'_>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    #[cfg(feature = "aws")]
    return super::live::check(source, baseline, fixes, options, terminal);
    #[cfg(not(feature = "aws"))]
    {
        let _ = (source, baseline, fixes);
        Err(not_built(options, terminal))
    }
}

/// What the policy has to allow beyond the calls.
fn needs(source: &Source) -> PolicyNeeds {
    let role = source.role_name.as_ref().map(|name| format!("arn:aws:iam::*:role/{name}"));
    PolicyNeeds {
        all_regions: source.region.iter().any(|region| region == "all"),
        organization: source.organization,
        assume: source.role_arn.clone().or(role),
    }
}

#[cfg(not(feature = "aws"))]
fn not_built(_: &Options, _: &Terminal) -> Complaint {
    Complaint::new(
        "this reach is built without live capture, so that it holds nothing of AWS's SDK",
    )
    .hint("build it in: cargo install --path . --features aws")
    .hint(
        "or let the AWS CLI capture the same: reach snapshot --print-script > snapshot.sh, then \
             sh snapshot.sh capture us-east-1 (reach snapshot --print-policy prints what it needs)",
    )
}
