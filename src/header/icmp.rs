//! ICMP messages: where TCP and UDP have ports, they have a type and a code.

use super::PortSet;

/// A message's type and code. Headers carry them in the place of the destination port, the type in
/// the high byte: so the port of a request is that of the message sent, and the port that its
/// reply goes to is that of the message which answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IcmpMessage {
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
}

impl IcmpMessage {
    /// What ping sends, by the number of its protocol, and what answers it.
    #[must_use]
    pub fn echo(v6: bool) -> (Self, Self) {
        let message = |kind| Self { kind, code: 0 };
        match v6 {
            false => (message(8), message(0)),
            true => (message(128), message(129)),
        }
    }

    /// The message in the place of a port.
    #[must_use]
    pub fn port(self) -> u16 {
        u16::from_be_bytes([self.kind, self.code])
    }

    /// The message that stands in the place of a port.
    #[must_use]
    pub fn of_port(port: u16) -> Self {
        let [kind, code] = port.to_be_bytes();
        Self { kind, code }
    }

    /// All messages of a type and code, in the place of ports; a negative one is any.
    #[must_use]
    pub fn ports(kind: i16, code: i16) -> PortSet {
        let all = |number: i16| u8::try_from(number).map_or((0, u8::MAX), |one| (one, one));
        let (kinds, codes) = (all(kind), all(code));
        let sets = (kinds.0..=kinds.1).map(|kind| {
            let end = |code| Self { kind, code }.port();
            (end(codes.0), end(codes.1))
        });
        PortSet::from_ranges(sets)
    }
}
