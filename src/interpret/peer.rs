//! Whether an address is one that a rule, entry or route speaks of.

use crate::header::{AddressSet, Symbol, public_ipv4, public_ipv6};
use crate::network::{Network, PrefixListId};
use ipnet::IpNet;
use std::net::IpAddr;

/// An address as a check sees it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Address<'a> {
    /// A known address.
    Known(IpAddr),
    /// One of the addresses that a symbol stands for.
    Of(&'a Symbol, IpAddr),
    /// A public IPv4 address that exists but that nobody knows.
    Unlisted,
}

impl Address<'_> {
    /// As words for a step.
    pub(super) fn text(self) -> String {
        match self {
            Self::Known(address) => address.to_string(),
            Self::Of(symbol, address) => format!("{address} of {symbol}"),
            Self::Unlisted => "a public address that is not known".to_owned(),
        }
    }

    /// Whether it could appear on the internet.
    fn is_public(self) -> bool {
        match self {
            Self::Known(IpAddr::V4(address)) => public_ipv4().contains(address.into()),
            Self::Known(IpAddr::V6(address)) => public_ipv6().contains(address.into()),
            Self::Of(..) | Self::Unlisted => true,
        }
    }

    /// Whether it is of IPv6.
    pub(super) fn is_v6(self) -> bool {
        matches!(self, Self::Known(IpAddr::V6(_)) | Self::Of(_, IpAddr::V6(_)))
    }
}

/// The answer of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Yes,
    No,
    Maybe,
}

impl From<bool> for Match {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether `address` lies in one of `cidrs`.
pub(super) fn in_cidrs(address: Address<'_>, cidrs: &[IpNet]) -> Match {
    match address {
        // PW-14: a prefix of the other family holds nothing of this one.
        Address::Known(address) | Address::Of(_, address) => {
            cidrs.iter().any(|cidr| cidr.contains(&address)).into()
        }
        Address::Unlisted => {
            let covered = AddressSet::from_nets(cidrs).v4.intersection(public_ipv4());
            match covered.is_empty() {
                true => Match::No,
                false if covered == *public_ipv4() => Match::Yes,
                false => Match::Maybe,
            }
        }
    }
}

/// What is known of a prefix list, for one address.
pub(super) enum List<'a> {
    /// Its entries, which are to be compared with the address.
    Entries(&'a [IpNet]),
    /// Its entries do not matter: it stands for a symbol, and the address is of one.
    Symbol(Match),
    /// Its entries are not known.
    Unknown(Match),
}

/// Reads a prefix list for a test of `address` (SG-08).
pub(super) fn read_list<'a>(
    network: &'a Network,
    address: Address<'_>,
    list: &PrefixListId,
) -> List<'a> {
    let Some(list) = network.prefix_lists.get(list) else { return List::Unknown(Match::Maybe) };
    let name = list.about.name.as_deref().unwrap_or_default();
    // AWS's own lists are named after their services and Regions (GE-02), and so are the symbols.
    let of_aws = name.starts_with("com.amazonaws.") || name.starts_with("cn.com.amazonaws.");
    match (address, &list.entries) {
        (Address::Of(symbol, _), _) if of_aws => List::Symbol((&*symbol.0 == name).into()),
        (_, Some(entries)) => List::Entries(entries),
        // A service's public side has no private address.
        (_, None) if of_aws && !address.is_public() => List::Unknown(Match::No),
        // Its name says of which family it is.
        (_, None) if of_aws && address.is_v6() != name.contains(".ipv6.") => {
            List::Unknown(Match::No)
        }
        (_, None) => List::Unknown(Match::Maybe),
    }
}

/// Whether `address` lies in a prefix list.
pub(super) fn in_list(network: &Network, address: Address<'_>, list: &PrefixListId) -> Match {
    match read_list(network, address, list) {
        List::Entries(entries) => in_cidrs(address, entries),
        List::Symbol(answer) | List::Unknown(answer) => answer,
    }
}
