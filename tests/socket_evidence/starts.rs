//! Each start-up log held against the sockets of the very process that printed it (EVD-07).

use super::{accepts, read, sample};
use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use vpc_reach::network::Socket;
use vpc_reach::read::evidence;

/// Who prints words of the author's, or an address for people.
const FOR_PEOPLE: [&str; 19] = [
    "express-any4",
    "express-any6",
    "express-default",
    "http-server-node-any4",
    "http-server-node-any6",
    "http-server-node-default",
    "next-any4",
    "next-any6",
    "next-default",
    "next-loopback",
    "node-http-any4",
    "node-http-any6",
    "node-http-default",
    "serve-any4",
    "serve-any6",
    "serve-default",
    "vite-any4",
    "vite-any6",
    "vite-host",
];

fn names() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence/starts");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|it| it == "log"))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

fn on(sockets: &[Socket], port: u16) -> Vec<&Socket> {
    sockets.iter().filter(|socket| socket.port == port).collect()
}

#[test]
fn every_log_agrees_with_the_sockets_of_its_process() {
    let mut silent = Vec::new();
    let mut compared = 0;
    for name in names() {
        let dump = read(&sample(&format!("starts/{name}.ss"))).listening;
        let Ok(log) = evidence::read(&name, &sample(&format!("starts/{name}.log"))) else {
            silent.push(name);
            continue;
        };
        let log = log.listening;
        assert!(!log.ports.tcp.is_empty(), "{name}");
        for (port, _) in log.ports.tcp.ranges() {
            assert!(!on(&dump.sockets, *port).is_empty(), "{name}: nothing listens on {port}");
            for address in ["10.0.1.17", "fd00:1::17", "127.0.0.1"] {
                let address: IpAddr = address.parse().unwrap();
                let really = accepts(&on(&dump.sockets, *port), address);
                let said = accepts(&on(&log.sockets, *port), address);
                assert!(said.is_none() || said == really, "{name}: {address}: {said:?}");
                // What the network asks of it.
                assert!(said.is_some() || address.is_ipv6(), "{name}: {address} is not told");
                compared += 1;
            }
        }
        let seen: BTreeSet<u16> = dump.sockets.iter().map(|socket| socket.port).collect();
        let told: BTreeSet<u16> = log.sockets.iter().map(|socket| socket.port).collect();
        assert_eq!(told, seen, "{name}");
        assert!(!log.ports.tcp.contains(1), "{name}: a log never shows that a port is closed");
    }
    assert_eq!(silent, FOR_PEOPLE);
    assert!(compared > 180, "{compared}");
}
