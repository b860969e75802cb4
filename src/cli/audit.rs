//! `reach audit`

use super::arguments::{AuditBy, AuditWanted, Format, Options};
use super::complaint::Complaint;
use super::query::load;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::audit::{By, Ports, Question, audit};
use crate::header::{Family, Protocol};
use crate::query::World;
use crate::report;
use std::mem::ManuallyDrop;

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
        },
        walks: wanted.walks,
    };
    // The process ends soon: what a large network takes is given back with it, not piece by piece.
    let world = ManuallyDrop::new(World::new(loaded.network));
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
