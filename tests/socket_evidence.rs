//! Socket dumps as evidence of what listens: every format, and what follows for the load balancer.

#[path = "socket_evidence/kernel.rs"]
mod kernel;
#[path = "socket_evidence/logs.rs"]
mod logs;
#[path = "socket_evidence/prompt.rs"]
mod prompt;
#[path = "socket_evidence/samples.rs"]
mod samples;
#[path = "socket_evidence/starts.rs"]
mod starts;
#[path = "socket_evidence/verdicts.rs"]
mod verdicts;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use vpc_reach::header::Protocol;
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

/// CTR-02, from its words: what the sockets of a port do with a packet to `address`; nothing when
/// it cannot be told.
fn accepts(sockets: &[&Socket], address: IpAddr) -> Option<bool> {
    let one = |socket: &&Socket| match (socket.address, address) {
        (bound, to) if bound == to => Some(true),
        (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(_)) => Some(true),
        (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(_)) => Some(true),
        (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V4(_)) => {
            socket.v6_only.map(|v6_only| !v6_only)
        }
        _ => Some(false),
    };
    let answers: Vec<Option<bool>> =
        sockets.iter().map(|socket| one(socket).filter(|_| !socket.likely)).collect();
    match () {
        () if answers.contains(&Some(true)) => Some(true),
        () if answers.contains(&None) => None,
        () => Some(false),
    }
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
