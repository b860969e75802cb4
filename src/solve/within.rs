//! Parting headers by where an address of theirs is.

use super::rewrite::AddressTerm;
use crate::answer::Missing;
use crate::header::{AddressDimension, AddressSet, HeaderSet, IntervalSet, public_ipv4};
use smallvec::{SmallVec, smallvec};

/// Headers, by what a test says of them.
#[derive(Default)]
pub(super) struct Verdicts {
    pub(super) yes: Option<HeaderSet>,
    pub(super) no: SmallVec<[HeaderSet; 1]>,
    pub(super) maybe: Option<(HeaderSet, Missing)>,
}

impl Verdicts {
    pub(super) fn all_yes(headers: HeaderSet) -> Self {
        Self { yes: Some(headers), ..Self::default() }
    }

    pub(super) fn all_no(headers: HeaderSet) -> Self {
        Self { no: smallvec![headers], ..Self::default() }
    }

    pub(super) fn all_maybe(headers: HeaderSet, missing: Missing) -> Self {
        Self { maybe: Some((headers, missing)), ..Self::default() }
    }
}

/// The headers whose `term` is in `set`, those whose is not, and those of which it cannot be told.
pub(super) fn within(
    headers: HeaderSet,
    term: AddressTerm,
    set: &AddressSet,
    missing: &dyn Fn() -> Missing,
) -> Verdicts {
    match term {
        AddressTerm::Dimension(dimension) => {
            let addresses = headers.addresses(dimension);
            if addresses.is_subset(set) {
                return Verdicts::all_yes(headers);
            }
            if !addresses.meets(set) {
                return Verdicts::all_no(headers);
            }
            let (inside, outside) = headers.cut_addresses(dimension, set);
            Verdicts { yes: Some(inside), no: smallvec![outside], maybe: None }
        }
        AddressTerm::Known(address) if set.contains(address) => Verdicts::all_yes(headers),
        AddressTerm::Known(_) => Verdicts::all_no(headers),
        AddressTerm::Embedded => {
            let term = AddressTerm::Dimension(AddressDimension::Destination);
            within(headers, term, &set.embedded(), missing)
        }
        AddressTerm::SomePublic => {
            let common: IntervalSet<u32> = set.v4.intersection(public_ipv4());
            if common == *public_ipv4() {
                Verdicts::all_yes(headers)
            } else if common.is_empty() {
                Verdicts::all_no(headers)
            } else {
                Verdicts::all_maybe(headers, missing())
            }
        }
    }
}

/// Whether no header's `term` can be in `set`.
pub(super) fn misses(headers: &HeaderSet, term: AddressTerm, set: &AddressSet) -> bool {
    match term {
        AddressTerm::Dimension(dimension) => !headers.addresses(dimension).meets(set),
        AddressTerm::Known(address) => !set.contains(address),
        AddressTerm::Embedded => !headers.0.destination.meets(&set.embedded()),
        AddressTerm::SomePublic => !set.v4.meets(public_ipv4()),
    }
}

/// What is missing where a test hangs on a public address that nothing tells.
pub(super) fn no_address() -> Missing {
    Missing { fact: "the public address that the packet comes from".to_owned(), command: None }
}
