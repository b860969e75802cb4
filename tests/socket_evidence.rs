//! Socket dumps as evidence of what listens: every format, and what follows for the load balancer.

#[path = "socket_evidence/kernel.rs"]
mod kernel;
#[path = "socket_evidence/prompt.rs"]
mod prompt;
#[path = "socket_evidence/samples.rs"]
mod samples;
#[path = "socket_evidence/verdicts.rs"]
mod verdicts;

use std::fs;
use std::path::Path;
use vpc_reach::header::Protocol;
use vpc_reach::read::evidence::{self, Dump};

/// The text of a sample.
fn sample(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence").join(name))
        .unwrap()
}

fn read(text: &str) -> Dump {
    evidence::read("dump.txt", text).unwrap()
}

/// Port, address and, for `::`, whether it is for IPv6 only.
type Shown = (u16, String, Option<bool>);

/// The sockets of a protocol.
fn shown(dump: &Dump, protocol: Protocol) -> Vec<Shown> {
    let of = dump.listening.sockets.iter().filter(|one| one.protocol.matches(protocol));
    of.map(|one| (one.port, one.address.to_string(), one.v6_only)).collect()
}

fn tcp(dump: &Dump) -> Vec<Shown> {
    shown(dump, Protocol::Tcp)
}

fn expected(sockets: &[(u16, &str, Option<bool>)]) -> Vec<Shown> {
    sockets.iter().map(|&(port, address, v6_only)| (port, address.to_owned(), v6_only)).collect()
}
