//! What listens: dumps of `ss`, `netstat`, `lsof` or the kernel's own tables, and what servers
//! print when they start.
//!
//! ```
//! use vpc_reach::read::evidence;
//! let dump = evidence::read("ss.txt", "LISTEN 0 128 127.0.0.1:8080 0.0.0.0:*\nbash-5.1#\n")?;
//! assert_eq!(dump.listening.sockets[0].address.to_string(), "127.0.0.1");
//! assert_eq!(dump.ignored, [(2, "bash-5.1#".to_owned())]);
//! # Ok::<(), vpc_reach::read::ReadError>(())
//! ```

mod log;
mod lsof;
mod message;
mod netstat;
mod reading;
mod shape;
mod ss;
mod table;

use super::ReadError;
use crate::network::Listening;
use std::net::IpAddr;

/// What a dump or a log shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// The sockets that listen, and the ports of which the dump says everything (EVD-06).
    pub listening: Listening,
    /// What a log in the same file tells: it counts for less (EVD-01).
    pub log: Option<Listening>,
    /// The lines that are of no known form, by number.
    pub ignored: Vec<(u32, String)>,
    /// What a person should know about the reading.
    pub notes: Vec<String>,
}

/// Reads dumps and logs, several in one file too, each line by what it looks like.
///
/// # Errors
/// When no line is of a known form, or when nothing in it can show listening sockets.
pub fn read(file: &str, text: &str) -> Result<Dump, ReadError> {
    let mut reading = reading::Reading::new(file);
    for (number, line) in (1..).zip(text.lines()) {
        reading.line(number, line);
    }
    reading.finish()
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Listing {
    Ss,
    Netstat,
    Lsof,
    /// `/proc/net/tcp`
    Table,
    /// `/proc/net/tcp6`
    Table6,
    /// `/proc/net/udp`
    UdpTable,
    /// `/proc/net/udp6`
    UdpTable6,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// The heading of a listing that leaves out no listening socket of the protocols it shows.
    Whole,
    /// A TCP socket listens.
    Listens(Bound),
    /// A UDP socket takes what comes (CTR-19).
    Receives(Bound),
    /// Another heading, a connection, a socket of another kind.
    Other,
}

/// A line of a known form.
type Found = Option<(Listing, Line)>;

/// A socket as a line shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    address: IpAddr,
    port: u16,
    v6_only: Option<bool>,
    /// The interface that a wildcard address is bound to.
    device: Option<String>,
}

impl Bound {
    /// CTR-03: an IPv4 address that is written as `::ffff:a.b.c.d` is that address.
    fn new(address: IpAddr, port: u16) -> Self {
        Self { address: address.to_canonical(), port, v6_only: None, device: None }
    }
}

/// `host:port`, of which the host may hold colons. Port 0 is no port that listens.
fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|&port| port > 0)?;
    Some((host, port))
}
