//! A dump or a log, line by line.

use super::log::Log;
use super::{Dump, Found, Line, Listing, lsof, netstat, ss, table};
use crate::header::{IntervalSet, PortSet, Protocol, ProtocolMatch};
use crate::network::{At, KnownPorts, Listening, Socket};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) struct Reading {
    file: Arc<str>,
    dump: Dump,
    /// The kernel's table that the last heading began.
    under: Option<Listing>,
    /// The listings of which anything was read.
    seen: BTreeSet<Listing>,
    /// Those that began with the heading of a whole one.
    whole: BTreeSet<Listing>,
    /// The lines that servers print.
    log: Log,
    /// Some line looks like a listening socket and cannot be read.
    doubtful: bool,
}

impl Reading {
    pub fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            dump: Dump::default(),
            under: None,
            seen: BTreeSet::new(),
            whole: BTreeSet::new(),
            log: Log::new(file),
            doubtful: false,
        }
    }

    pub fn line(&mut self, number: u32, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return;
        }
        let Some((listing, line)) = self.recognise(&words) else {
            if self.log.line(number, text) {
                return;
            }
            self.doubtful |= text.contains("LISTEN") || table::begins_row(&words);
            self.dump.ignored.push((number, text.trim().to_owned()));
            return;
        };
        self.seen.insert(listing);
        let protocol =
            if matches!(line, Line::Receives(_)) { Protocol::Udp } else { Protocol::Tcp };
        match line {
            Line::Whole => {
                self.whole.insert(listing);
            }
            Line::Listens(bound) | Line::Receives(bound) => {
                let at = At { file: self.file.clone(), line: Some(number), column: None };
                if let Some(device) = bound.device {
                    self.dump.notes.push(format!(
                        "{at}: port {} is open on the interface {device} only, which is taken to be the task's own",
                        bound.port
                    ));
                }
                let socket = Socket {
                    protocol: ProtocolMatch::Only(protocol),
                    v6_only: bound.v6_only,
                    at: Some(at),
                    ..Socket::new(bound.address, bound.port)
                };
                self.dump.listening.sockets.push(socket);
            }
            Line::Other => {}
        }
    }

    fn recognise(&mut self, words: &[&str]) -> Found {
        if let Some(listing) = table::heading(words) {
            self.under = Some(listing);
            return Some((listing, Line::Whole));
        }
        let others = [ss::line, netstat::line, lsof::line];
        table::row(words, self.under).or_else(|| others.iter().find_map(|format| format(words)))
    }

    /// Both of the kernel's tables of a protocol are there.
    fn both_tables(&self, protocol: Protocol) -> bool {
        let (v4, v6) = match protocol {
            Protocol::Udp => (Listing::UdpTable, Listing::UdpTable6),
            _ => (Listing::Table, Listing::Table6),
        };
        self.whole.contains(&v4) && self.whole.contains(&v6)
    }

    /// The sockets of a protocol.
    fn of(&self, protocol: Protocol) -> impl Iterator<Item = &Socket> {
        self.dump.listening.sockets.iter().filter(move |one| one.protocol.matches(protocol))
    }

    /// EVD-06: whether a port without a line is closed. `lsof` shows only the processes that its
    /// user may see, and a heading of `ss` or `netstat` does not tell what was asked for: only the
    /// listeners below it do.
    fn complete(&self, protocol: Protocol) -> bool {
        let headed = [Listing::Netstat, Listing::Ss].iter().any(|one| self.whole.contains(one));
        let listeners = self.of(protocol).next().is_some();
        !self.doubtful && (self.both_tables(protocol) || headed && listeners)
    }

    pub fn finish(mut self) -> Result<Dump, ReadError> {
        let file = self.file.clone();
        if self.seen.is_empty() {
            return self.only_a_log();
        }
        let none = self.dump.listening.sockets.is_empty();
        if none && !self.complete(Protocol::Tcp) && !self.complete(Protocol::Udp) {
            return Err(ReadError::new(format!("{file} shows no listening socket")).hint(
                "take it with `ss -ltn`; that nothing listens at all, only `cat /proc/net/tcp /proc/net/tcp6` can show",
            ));
        }
        let (tcp, udp) = (self.ports_of(Protocol::Tcp), self.ports_of(Protocol::Udp));
        let Listening { sockets, .. } = std::mem::take(&mut self.dump.listening);
        let at = Some(At { file, line: None, column: None });
        let ports = KnownPorts { tcp, udp };
        let dumped = Listening { sockets, ports, at, ..Listening::default() };
        self.dump.listening = dumped.and(Listening::default());
        if !self.log.is_empty() {
            let (log, notes) = self.log.finish();
            self.dump.log = Some(log);
            self.dump.notes.extend(notes);
        }
        Ok(self.dump)
    }

    /// EVD-07: of a log, the lines that are not known are none of our business.
    fn only_a_log(mut self) -> Result<Dump, ReadError> {
        let file = &self.file;
        if self.log.is_empty() {
            return Err(ReadError::new(format!("{file} holds no list of sockets")).hint(
                "expected what `ss -ltn`, `netstat -ltn`, `lsof -nP -iTCP -sTCP:LISTEN` or `cat /proc/net/tcp /proc/net/tcp6` prints inside the task, or a log with the line that a known server prints when it starts",
            ));
        }
        self.dump.ignored.clear();
        (self.dump.listening, self.dump.notes) = self.log.finish();
        if self.dump.listening.sockets.is_empty() {
            let mut told = self.dump.notes.into_iter();
            let why = told.next().unwrap_or_else(|| file.to_string());
            return Err(ReadError::new(format!("no address in the log: {why}"))
                .hint("take a list of sockets instead, with `ss -ltn` inside the task"));
        }
        Ok(self.dump)
    }

    /// The ports of a protocol of which the dump says everything.
    fn ports_of(&mut self, protocol: Protocol) -> PortSet {
        self.drop_what_ipv4_may_pass_by(protocol);
        let complete = self.complete(protocol);
        let ports = IntervalSet::from_ranges(self.of(protocol).map(|one| (one.port, one.port)));
        let ipv4_only = self.of(protocol).all(|one| one.address.is_ipv4());
        let (word, option) = match protocol {
            Protocol::Udp => ("UDP", "u"),
            _ => ("TCP", "t"),
        };
        if complete && ipv4_only && !self.both_tables(protocol) {
            self.note(format!("every {word} socket in it is an IPv4 one: it counts as whole, so it must not have been taken with -4"));
        }
        if complete {
            return PortSet::all();
        }
        if !ports.is_empty() {
            self.note(format!("it may not show every {word} socket, so a port that it does not show counts as not known; `ss -l{option}n` with its heading shows all"));
        }
        ports
    }

    fn note(&mut self, text: String) {
        self.dump.notes.push(format!("{}: {text}", self.file));
    }

    /// EVD-06: beside an IPv6 socket that does not take IPv4, the table that is not there may hold
    /// one that does.
    fn drop_what_ipv4_may_pass_by(&mut self, protocol: Protocol) {
        let (v4, v6) = match protocol {
            Protocol::Udp => (Listing::UdpTable, Listing::UdpTable6),
            _ => (Listing::Table, Listing::Table6),
        };
        let tools = [Listing::Ss, Listing::Netstat, Listing::Lsof];
        if !self.seen.contains(&v6) || self.seen.iter().any(|one| *one == v4 || tools.contains(one))
        {
            return;
        }
        let sockets = &mut self.dump.listening.sockets;
        let before = sockets.len();
        sockets.retain(|socket| {
            !socket.protocol.matches(protocol)
                || socket.address.is_ipv4()
                || socket.address.is_unspecified()
        });
        if sockets.len() < before {
            self.note(
                "it shows no IPv4 sockets, so ports open on an IPv6 address count as not known"
                    .to_owned(),
            );
        }
    }
}
