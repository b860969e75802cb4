//! `reach audit`

use super::arguments::{AuditBy, AuditWanted, Format, Options};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::audit::{By, Ports, Question, audit, groups};
use crate::header::{Family, Protocol};
use crate::query::World;
use crate::report;
use std::mem::ManuallyDrop;

/// More classes have too many pairs to be of use to anybody.
const MOST_CLASSES: usize = 2_000;

pub(super) fn run(
    wanted: &AuditWanted,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let loaded = load(options, terminal)?;
    let question = Question {
        protocol: if wanted.udp { Protocol::Udp } else { Protocol::Tcp },
        family: if wanted.ipv6 { Family::V6 } else { Family::V4 },
        ports: match wanted.every_port {
            true => Ports::Every,
            false => Ports::These(wanted.port.clone()),
        },
        by: match wanted.by {
            AuditBy::Vpc => By::Vpc,
            AuditBy::Account => By::Account,
            AuditBy::Subnet => By::Subnet,
            AuditBy::Class => By::Class,
        },
        walks: wanted.walks,
    };
    // The process ends soon: what a large network takes is given back with it, not piece by piece.
    let world = ManuallyDrop::new(World::new(loaded.network));
    if question.by == By::Class {
        let classes = groups(&world.network, &world.graph, &question).len();
        if classes > MOST_CLASSES {
            let message = format!(
                "{classes} classes of interfaces are too many to tell pair by pair: {MOST_CLASSES} are the most"
            );
            return Err(Complaint::new(message)
                .hint("count --by subnet or --by vpc, or read the accounts of interest alone"));
        }
    }
    let audit = audit(&world.network, &world.graph, &question);
    if audit.interfaces == 0 {
        let message =
            format!("there is no interface with an {} address here to count", question.family);
        return Err(Complaint::new(message).hint(
            "an audit counts what exists; of what is planned, `reach check` says how it fares",
        ));
    }
    let text = match (options.format, wanted.csv) {
        (_, true) => report::audit_csv(&audit),
        (Format::Text, false) => report::audit_text(&audit, &question, &terminal.style()),
        (Format::Json, false) => report::audit_json(&audit, &question, &loaded.notes),
    };
    let unknown = audit.ports.iter().any(|port| port.pairs.unknown > 0);
    Ok(Shown { text, status: if unknown { Status::Unknown } else { Status::AsWanted } })
}
