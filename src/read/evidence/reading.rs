//! A dump, line by line.

use super::{Dump, Found, Line, Listing, lsof, netstat, ss, table};
use crate::header::{IntervalSet, PortSet};
use crate::network::{At, Listening, Socket};
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
    udp: usize,
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
            udp: 0,
            doubtful: false,
        }
    }

    pub fn line(&mut self, number: u32, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return;
        }
        let Some((listing, line)) = self.recognise(&words) else {
            self.doubtful |= text.contains("LISTEN") || table::begins_row(&words);
            self.dump.ignored.push((number, text.trim().to_owned()));
            return;
        };
        self.seen.insert(listing);
        match line {
            Line::Whole => {
                self.whole.insert(listing);
            }
            Line::Listens(bound) => {
                let at = At { file: self.file.clone(), line: Some(number), column: None };
                if let Some(device) = bound.device {
                    self.dump.notes.push(format!(
                        "{at}: port {} is open on the interface {device} only, which is taken to be the task's own",
                        bound.port
                    ));
                }
                let (address, port, v6_only) = (bound.address, bound.port, bound.v6_only);
                let socket = Socket { address, port, v6_only, at: Some(at) };
                self.dump.listening.sockets.push(socket);
            }
            Line::Udp => self.udp += 1,
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

    /// Both of the kernel's TCP tables are there.
    fn both_tables(&self) -> bool {
        self.whole.contains(&Listing::Table) && self.whole.contains(&Listing::Table6)
    }

    /// EVD-06: whether a port without a line is closed. `lsof` shows only the processes that its
    /// user may see, and a heading of `ss` or `netstat` does not tell what was asked for: only the
    /// listeners below it do.
    fn complete(&self) -> bool {
        let headed = [Listing::Netstat, Listing::Ss].iter().any(|one| self.whole.contains(one));
        let listeners = !self.dump.listening.sockets.is_empty();
        !self.doubtful && (self.both_tables() || headed && listeners)
    }

    pub fn finish(mut self) -> Result<Dump, ReadError> {
        let (file, complete) = (self.file.clone(), self.complete());
        if self.seen.is_empty() {
            return Err(ReadError::new(format!("{file} holds no list of sockets")).hint(
                "expected what `ss -ltn`, `netstat -ltn`, `lsof -nP -iTCP -sTCP:LISTEN` or `cat /proc/net/tcp /proc/net/tcp6` prints inside the task",
            ));
        }
        if self.dump.listening.sockets.is_empty() && !complete {
            return Err(ReadError::new(format!("{file} shows no listening TCP socket")).hint(
                "take it with `ss -ltn`; that nothing listens at all, only `cat /proc/net/tcp /proc/net/tcp6` can show",
            ));
        }
        if self.udp > 0 {
            let sockets = if self.udp == 1 { "socket" } else { "sockets" };
            self.note(format!("{} UDP {sockets} passed over: only TCP is followed", self.udp));
        }
        if self.seen.iter().all(|&listing| matches!(listing, Listing::Table6 | Listing::UdpTable)) {
            self.drop_what_ipv4_may_pass_by();
        }
        let ipv4_only = self.dump.listening.sockets.iter().all(|one| one.address.is_ipv4());
        if complete && ipv4_only && !self.both_tables() {
            self.note("every socket in it is an IPv4 one: it counts as whole, so it must not have been taken with -4".to_owned());
        }
        if !complete {
            self.note("it may not show every socket, so a port that it does not show counts as not known; `ss -ltn` with its heading shows all".to_owned());
        }
        let Listening { sockets, .. } = std::mem::take(&mut self.dump.listening);
        let shown = IntervalSet::from_ranges(sockets.iter().map(|s| (s.port, s.port)));
        let ports = if complete { PortSet::all() } else { shown };
        let at = Some(At { file, line: None, column: None });
        self.dump.listening = Listening { sockets, ports, at }.and(Listening::default());
        Ok(self.dump)
    }

    fn note(&mut self, text: String) {
        self.dump.notes.push(format!("{}: {text}", self.file));
    }

    /// EVD-06: beside an IPv6 socket that does not take IPv4, the table that is not there may hold
    /// one that does.
    fn drop_what_ipv4_may_pass_by(&mut self) {
        let sockets = &mut self.dump.listening.sockets;
        let before = sockets.len();
        sockets.retain(|socket| socket.address.is_ipv4() || socket.address.is_unspecified());
        if sockets.len() < before {
            self.note(
                "it shows no IPv4 sockets, so ports open on an IPv6 address count as not known"
                    .to_owned(),
            );
        }
    }
}
