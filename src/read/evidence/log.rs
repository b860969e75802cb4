//! Lines that servers print when they begin to listen (EVD-07).

use super::shape::{self, Gaps};
use super::{Bound, message};
use crate::header::{IntervalSet, Protocol, ProtocolMatch};
use crate::models::{Shows, StartupLine, startup_lines};
use crate::network::{At, KnownPorts, Listening, Socket};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// A log, as far as it is read.
pub(super) struct Log {
    file: Arc<str>,
    /// What the last start of each program opened.
    opened: Vec<Opened>,
    /// The address that the next lines of a program are about, whatever they say.
    every: BTreeMap<&'static str, IpAddr>,
    /// Whether the next `::` of a program excludes IPv4.
    alone: BTreeMap<&'static str, Option<bool>>,
    /// The port of the last address for people.
    local: Option<u16>,
    /// The lines that are known, and show no address.
    silent: Vec<(u32, &'static str)>,
    notes: Vec<String>,
}

struct Opened {
    program: &'static str,
    shows: Shows,
    verified: bool,
    socket: Socket,
}

const ANY4: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
const ANY6: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

impl Log {
    pub fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            opened: Vec::new(),
            every: BTreeMap::new(),
            alone: BTreeMap::new(),
            local: None,
            silent: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether any line was known.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.silent.is_empty() && self.notes.is_empty()
    }

    /// Reads a line; whether it is a known one.
    pub fn line(&mut self, number: u32, text: &str) -> bool {
        let mut known = false;
        for message in message::messages(text) {
            let found = startup_lines()
                .iter()
                .find_map(|shape| Some((shape, shape::find(shape.text, &message)?)));
            if let Some((shape, gaps)) = found {
                known = true;
                self.known(number, shape, &gaps);
            }
        }
        known
    }

    fn known(&mut self, number: u32, shape: &'static StartupLine, gaps: &Gaps) {
        let program = shape.program;
        match shape.shows {
            Shows::Start => {
                self.opened.retain(|one| one.program != program);
                self.every.remove(program);
                self.alone.remove(program);
            }
            Shows::Every => {
                let address = gaps.host.as_deref().and_then(|host| host.parse().ok());
                self.every.extend(address.map(|address| (program, address)));
            }
            Shows::Alone => {
                self.alone.insert(program, shape.wildcard.v6_only);
            }
            Shows::Several => {
                let own = self.opened.iter_mut().filter(|one| one.program == program);
                own.filter(|one| one.socket.address == ANY6)
                    .for_each(|one| one.socket.v6_only = shape.wildcard.v6_only);
            }
            Shows::Local => self.local = gaps.port,
            Shows::Loopback => {
                if let Some(port) = self.local {
                    self.open(number, shape, &[("localhost".to_owned(), port)]);
                }
            }
            Shows::Nothing => self.silent.push((number, program)),
            Shows::Address | Shows::Addresses | Shows::Unset | Shows::Set => {
                let alone = gaps.host.clone().zip(gaps.port);
                let binds: Vec<_> = gaps.binds.iter().cloned().chain(alone).collect();
                self.open(number, shape, &binds);
            }
        }
    }

    /// A line shows what a program has opened. What an earlier start of it had open is gone.
    fn open(&mut self, number: u32, shape: &'static StartupLine, binds: &[(String, u16)]) {
        let at = At { file: self.file.clone(), line: Some(number), column: None };
        let mut sockets = Vec::new();
        for (host, port) in binds {
            match self.sockets(shape, host, *port) {
                Some(found) => sockets.extend(found),
                None => self.notes.push(format!(
                    "{at}: {} listens on port {port} of `{host}`, a name that only the task can look up",
                    shape.program
                )),
            }
        }
        if matches!(shape.shows, Shows::Address | Shows::Loopback) {
            self.opened.retain(|one| one.program != shape.program);
        }
        self.opened.retain(|one| !sockets.iter().any(|new| clash(&one.socket, new)));
        self.opened.extend(sockets.into_iter().map(|socket| Opened {
            program: shape.program,
            shows: shape.shows,
            verified: shape.verified,
            socket: Socket { at: Some(at.clone()), ..socket },
        }));
    }

    /// The sockets that an address word means (EVD-13); none for a name that is not known here.
    fn sockets(&self, shape: &StartupLine, host: &str, port: u16) -> Option<Vec<Socket>> {
        let protocol = ProtocolMatch::Only(Protocol::Tcp);
        let on = |address| Socket { protocol, ..Socket::new(address, port) };
        let every6 = Socket { v6_only: Some(true), ..on(ANY6) };
        let maybe6 = Socket { likely: true, ..every6.clone() };
        let host = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host);
        let wildcard = shape.wildcard;
        Some(match self.every.get(shape.program).copied().or_else(|| host.parse().ok()) {
            Some(ANY6) => {
                // EVD-13: a property of the program.
                let stated = wildcard.v6_only.filter(|_| !wildcard.inferred);
                let alone = self.alone.get(shape.program).copied().flatten();
                vec![Socket { v6_only: stated.or(alone), ..on(ANY6) }]
            }
            Some(ANY4) if wildcard.both || shape.shows == Shows::Unset => vec![on(ANY4), maybe6],
            Some(address) => vec![on(Bound::new(address, port).address)],
            None => match host {
                "0" => vec![on(ANY4)],
                "*" | "+" => vec![on(ANY4), maybe6],
                // EVD-07: no word at all means both families.
                "" => vec![on(ANY4), every6],
                // CTR-07: one of them, or both.
                "localhost" => {
                    vec![on(Ipv4Addr::LOCALHOST.into()), on(Ipv6Addr::LOCALHOST.into())]
                }
                _ => return None,
            },
        })
    }

    /// What the log shows, and what a person should know about it.
    pub fn finish(mut self) -> (Listening, Vec<String>) {
        self.join_sets();
        let known = self.opened.iter().filter(|one| one.verified && !one.socket.likely);
        let ports = IntervalSet::from_ranges(known.map(|one| (one.socket.port, one.socket.port)));
        let ports = KnownPorts { tcp: ports, ..KnownPorts::default() };
        for one in &mut self.opened {
            if one.verified {
                continue;
            }
            one.socket.likely = true;
            let at = one.socket.at.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
            self.notes.push(format!(
                "{at}{} likely listens there: that it prints this is not verified (BT_UNVERIFIED_TEXT_NO_PROOF), and `ss -ltn` in the task would prove it",
                one.program
            ));
        }
        if self.opened.is_empty() {
            let told = self.silent.iter().map(|(number, program)| {
                format!("{}:{number}: {program} prints no address that it is bound to", self.file)
            });
            self.notes.extend(told);
        }
        let sockets = self.opened.into_iter().map(|one| one.socket).collect();
        let at = Some(At { file: self.file, line: None, column: None });
        let logged = ports.clone();
        let listening = Listening { sockets, ports, logged, at }.and(Listening::default());
        (listening, self.notes)
    }

    /// EVD-08: a program that names each address has bound them all when it names loopback beside
    /// others.
    fn join_sets(&mut self) {
        let of_sets = self.opened.iter().filter(|one| one.shows == Shows::Set);
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for Opened { socket, .. } in of_sets.filter(|one| one.socket.address.is_ipv4()) {
            match socket.address.is_loopback() {
                true => inside.push(socket.port),
                false => outside.push(socket.port),
            }
        }
        let every = |port: &u16| inside.contains(port) && outside.contains(port);
        for one in self.opened.iter_mut().filter(|one| one.shows == Shows::Set) {
            if one.socket.address.is_ipv4() && every(&one.socket.port) {
                one.socket.address = ANY4;
            }
        }
    }
}

/// Whether two sockets cannot be open at once, or are the same.
fn clash(one: &Socket, other: &Socket) -> bool {
    let same_family = one.address.is_ipv4() == other.address.is_ipv4();
    let wildcard = one.address.is_unspecified() || other.address.is_unspecified();
    one.port == other.port && same_family && (wildcard || one.address == other.address)
}
