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
use vpc_reach::network::Socket;
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

fn shown(sockets: &[Socket]) -> Vec<Shown> {
    sockets.iter().map(|s| (s.port, s.address.to_string(), s.v6_only)).collect()
}

fn expected(sockets: &[(u16, &str, Option<bool>)]) -> Vec<Shown> {
    sockets.iter().map(|&(port, address, v6_only)| (port, address.to_owned(), v6_only)).collect()
}
