//! What a person asks, as text.

use super::Verdict;
use crate::header::Protocol;
use std::fmt;
use thiserror::Error;

/// A query: `task-eni -> ecr.dkr`, `web to db:5432`, `eni-1 -> 10.0.3.7:53/udp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The client.
    pub source: Place,
    /// The server.
    pub destination: Place,
    /// Whether it is asked of everybody but the client: `only front -> web:8080` holds where that is
    /// blocked.
    pub only: bool,
}

/// One end of a query, as written. What it names is for the network to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// A name, an id, an ARN, an address, a CIDR, a host name, a role.
    pub text: String,
    /// The port, where one is written.
    pub port: Option<u16>,
    /// The protocol, where one is written.
    pub protocol: Option<Protocol>,
}

/// A line of a scenario's `expect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// What is asked.
    pub query: Query,
    /// What should come out.
    pub verdict: Verdict,
    /// The file and line that state it.
    pub at: Option<super::Location>,
}

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuerySyntaxError {
    /// There is no arrow.
    #[error("a query is `SOURCE -> DESTINATION`, and `{0}` has no `->`")]
    NoArrow(String),
    /// One side of the arrow is empty.
    #[error("a query is `SOURCE -> DESTINATION`, and `{0}` has no {1}")]
    NoSide(String, &'static str),
    /// One end cannot be read.
    #[error(transparent)]
    Place(#[from] PlaceSyntax),
}

/// An end of a query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlaceSyntax {
    /// The port is no port.
    #[error("`{port}` in `{text}` is no port: a port is a number from 1 to 65535")]
    Port {
        /// The whole end.
        text: String,
        /// What stands where the port should.
        port: String,
    },
    /// The protocol is not one that queries know.
    #[error("`/{protocol}` in `{text}` is no protocol: write /tcp or /udp")]
    Protocol {
        /// The whole end.
        text: String,
        /// What stands where the protocol should.
        protocol: String,
    },
    /// The source has a port.
    #[error("`{0}`: a port belongs to the destination, not to the source")]
    SourcePort(String),
}

impl Query {
    /// Reads a query from its two ends.
    ///
    /// # Errors
    /// When an end is empty or its port or protocol cannot be read.
    pub fn from_ends(source: &str, destination: &str) -> Result<Self, QuerySyntaxError> {
        let (source, destination) = (source.trim(), destination.trim());
        let (source, only) = match source.strip_prefix("only ") {
            Some(source) => (source.trim(), true),
            None => (source, false),
        };
        for (text, side) in [(source, "source"), (destination, "destination")] {
            if text.is_empty() {
                let whole = format!("{source} -> {destination}");
                return Err(QuerySyntaxError::NoSide(whole.trim().to_owned(), side));
            }
        }
        let source: Place = source.parse()?;
        if source.port.is_some() {
            return Err(PlaceSyntax::SourcePort(source.to_string()).into());
        }
        Ok(Self { source, destination: destination.parse()?, only })
    }
}

impl std::str::FromStr for Query {
    type Err = QuerySyntaxError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let split = text.split_once("->").or_else(|| text.split_once('→'));
        let split = split.or_else(|| text.split_once(" to "));
        let (source, destination) =
            split.ok_or_else(|| QuerySyntaxError::NoArrow(text.trim().to_owned()))?;
        Self::from_ends(source, destination)
    }
}

impl std::str::FromStr for Place {
    type Err = PlaceSyntax;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = text.trim();
        let mut rest = whole;
        let mut protocol = None;
        if let Some(before) = rest.strip_suffix(" icmp") {
            (rest, protocol) = (before.trim_end(), Some(Protocol::Icmp));
        }
        // `/udp` is a protocol; `/24` is part of a CIDR; `service/web` has its slash before the name.
        if let Some((before, last)) = rest.rsplit_once('/') {
            let number = last.parse::<u8>().is_ok();
            let after_port = before.parse::<std::net::IpAddr>().is_err()
                && before.rsplit_once(':').is_some_and(|(_, p)| p.parse::<u16>().is_ok());
            match last {
                "tcp" => protocol = Some(Protocol::Tcp),
                "udp" => protocol = Some(Protocol::Udp),
                "icmp" if !after_port => protocol = Some(Protocol::Icmp),
                _ if after_port && !number && !whole.starts_with("arn:") => {
                    return Err(PlaceSyntax::Protocol {
                        text: whole.to_owned(),
                        protocol: last.to_owned(),
                    });
                }
                _ => {}
            }
            if protocol.is_some() {
                rest = before;
            }
        }
        let mut port = None;
        // An IPv6 address has colons of its own: its port needs brackets, as in a URL.
        if let Some(inner) = rest.strip_prefix('[') {
            if let Some((address, after)) = inner.split_once(']') {
                if let Some(written) = after.strip_prefix(':') {
                    port = Some(read_port(whole, written)?);
                }
                return Ok(Self { text: address.to_owned(), port, protocol });
            }
        } else if let Some((before, last)) = rest.rsplit_once(':')
            // A tag may have colons of its own: `tag/aws:cloudformation:stack-name=web`.
            && !(rest.starts_with("tag/") && last.parse::<u16>().is_err())
            && rest.parse::<std::net::IpAddr>().is_err()
            && rest.parse::<ipnet::IpNet>().is_err()
            && !last.contains('/')
            && !(whole.starts_with("arn:") && last.parse::<u16>().is_err())
            && !(whole.starts_with("arn:") && before.matches(':').count() < 5)
        {
            port = Some(read_port(whole, last)?);
            rest = before;
        }
        Ok(Self { text: rest.to_owned(), port, protocol })
    }
}

fn read_port(whole: &str, port: &str) -> Result<u16, PlaceSyntax> {
    port.parse()
        .ok()
        .filter(|&port| port > 0)
        .ok_or_else(|| PlaceSyntax::Port { text: whole.to_owned(), port: port.to_owned() })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A tag that ends like a port needs brackets, too.
        let port_like =
            |text: &str| text.rsplit_once(':').is_some_and(|(_, it)| it.parse::<u16>().is_ok());
        match (self.text.contains(':') && !self.text.starts_with("arn:"), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.text)?,
            (true, None) if self.text.starts_with("tag/") && port_like(&self.text) => {
                write!(f, "[{}]", self.text)?;
            }
            (_, Some(port)) => write!(f, "{}:{port}", self.text)?,
            (_, None) => f.write_str(&self.text)?,
        }
        match self.protocol {
            Some(Protocol::Udp) => f.write_str("/udp"),
            Some(Protocol::Icmp) => f.write_str("/icmp"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let only = if self.only { "only " } else { "" };
        write!(f, "{only}{} -> {}", self.source, self.destination)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (String, Option<u16>, Option<Protocol>) {
        let Place { text, port, protocol } = text.parse().unwrap();
        (text, port, protocol)
    }

    #[test]
    fn ends_are_read_with_their_port_and_protocol() {
        assert_eq!(place("ecr.dkr"), ("ecr.dkr".into(), None, None));
        assert_eq!(place("db:5432"), ("db".into(), Some(5432), None));
        assert_eq!(
            place("service/web:80/tcp"),
            ("service/web".into(), Some(80), Some(Protocol::Tcp))
        );
        assert_eq!(place("10.0.0.2:53/udp"), ("10.0.0.2".into(), Some(53), Some(Protocol::Udp)));
        assert_eq!(place("10.0.0.0/24"), ("10.0.0.0/24".into(), None, None));
        assert_eq!(place("10.0.0.0/24/udp"), ("10.0.0.0/24".into(), None, Some(Protocol::Udp)));
        assert_eq!(place("::1/icmp"), ("::1".into(), None, Some(Protocol::Icmp)));
        for ping in ["db/icmp", "db icmp"] {
            assert_eq!(place(ping), ("db".into(), None, Some(Protocol::Icmp)));
        }
        assert_eq!(place("[::1]/icmp"), ("::1".into(), None, Some(Protocol::Icmp)));
        assert_eq!(place("2001:db8::1"), ("2001:db8::1".into(), None, None));
        assert_eq!(place("[2001:db8::1]:443"), ("2001:db8::1".into(), Some(443), None));
        let arn = "arn:aws:ecs:us-east-1:111122223333:service/app/web";
        assert_eq!(place(arn), (arn.into(), None, None));
        let definition = "arn:aws:ecs:us-east-1:111122223333:task-definition/web:7";
        assert_eq!(place(&format!("{arn}:8080")), (arn.into(), Some(8080), None));
        assert_eq!(place(definition).0, "arn:aws:ecs:us-east-1:111122223333:task-definition/web");
    }

    #[test]
    fn bad_ports_and_protocols_are_named() {
        assert!(matches!("db:http".parse::<Place>(), Err(PlaceSyntax::Port { .. })));
        assert!(matches!("db:0".parse::<Place>(), Err(PlaceSyntax::Port { .. })));
        assert!(matches!("db:70000".parse::<Place>(), Err(PlaceSyntax::Port { .. })));
        assert!(matches!("db:53/sctp".parse::<Place>(), Err(PlaceSyntax::Protocol { .. })));
        assert!(matches!("db:53/icmp".parse::<Place>(), Err(PlaceSyntax::Protocol { .. })));
        assert!(matches!("a:1 -> b".parse::<Query>(), Err(QuerySyntaxError::Place(_))));
        assert!(matches!("task-eni".parse::<Query>(), Err(QuerySyntaxError::NoArrow(_))));
        assert!(matches!("-> b".parse::<Query>(), Err(QuerySyntaxError::NoSide(_, "source"))));
    }

    #[test]
    fn a_query_prints_in_its_normal_form() {
        for (text, normal) in [
            ("task-eni->ecr.dkr", "task-eni -> ecr.dkr"),
            ("web to db:5432", "web -> db:5432"),
            ("a → [::1]:53/udp", "a -> [::1]:53/udp"),
            ("web -> db icmp", "web -> db/icmp"),
        ] {
            assert_eq!(text.parse::<Query>().unwrap().to_string(), normal);
        }
    }
}
