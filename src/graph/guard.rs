//! Guards: what a passage asks of a packet.

use super::{Inspection, Note, TranslatorIndex};
use crate::answer::{Code, Failure, Missing};
use crate::header::{AddressSet, Family, PortSet, ProtocolMatch, Symbol, public_ipv4, public_ipv6};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One condition on a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The same for every packet.
    Always {
        /// What happens.
        action: Action,
        /// Whether replies are spared.
        requests_only: bool,
    },
    /// Rules on one end's address and on the port.
    Rules(RuleSet),
    /// One end's address needs a public address of its own.
    PublicAddress {
        /// Whose.
        side: Side,
        /// When it has one.
        note: Arc<Note>,
        /// When it has none.
        otherwise: Stop,
        /// Whether replies are spared.
        requests_only: bool,
    },
    /// Tests on both ends and both ports, which remember connections.
    Inspection(Box<Inspection>),
    /// Requests fare by whether one of some translators sent them last; replies are spared.
    Translated {
        /// Which.
        by: Arc<BTreeSet<TranslatorIndex>>,
        /// When one of them did.
        yes: Action,
        /// When another did, or an interface.
        no: Action,
    },
    /// Replies fare by whether the request was sent last by one of some translators; requests are
    /// spared.
    RepliesTo {
        /// Which.
        to: BTreeSet<TranslatorIndex>,
        /// What becomes of replies to one of them.
        action: Action,
    },
    /// What came from outside is stopped.
    NotFromOutside(Stop),
    /// One guard for what has just come out of some of what packets are passed through, another
    /// for the rest.
    Behind {
        /// Their ids.
        of: BTreeSet<Arc<str>>,
        /// What meets packets that one of them passed last, since they were sent or translated.
        yes: Box<Guard>,
        /// What meets all others.
        no: Box<Guard>,
    },
    /// A translator may be passed only once.
    FirstVisit {
        /// The translator.
        translator: TranslatorIndex,
        /// When it is passed again.
        otherwise: Stop,
    },
}

/// Rules, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// Whose address the rules test.
    pub side: Side,
    /// What a rule that may match or not does to the rules behind it.
    pub order: Order,
    /// Whether replies are spared, because the connection is tracked.
    pub requests_only: bool,
    /// The rules: the first that matches decides.
    pub clauses: Vec<Clause>,
    /// When none matches.
    pub otherwise: Action,
}

/// Whose address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The packet's source.
    Source,
    /// The packet's destination.
    Destination,
}

/// What an undecidable rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The first match decides, so an undecidable rule leaves everything open.
    First,
    /// Any match decides, so the rules behind an undecidable one still can.
    Any,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The protocol it is for.
    pub protocol: ProtocolMatch,
    /// The destination ports it is for.
    pub ports: PortSet,
    /// The addresses it is for.
    pub peer: PeerTest,
    /// What it does.
    pub action: Action,
}

/// How a rule tests an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerTest {
    /// Every address.
    Any,
    /// Addresses of a set.
    Addresses(AddressSet),
    /// A list of prefixes.
    List {
        /// The list's own symbol, when it lists a service's addresses.
        symbol: Option<Symbol>,
        /// Its entries, when they are known.
        entries: Option<AddressSet>,
        /// What would settle it, when they are not.
        missing: Missing,
    },
    /// Interfaces that carry a group.
    Group {
        /// The family of the addresses that it means.
        family: Family,
        /// Whether it means those that were given by the block, or all others.
        delegated: bool,
        /// The group.
        group: Arc<str>,
        /// The VPCs in which the reference resolves.
        vpcs: BTreeSet<Arc<str>>,
        /// The private addresses of the existing interfaces there that carry it.
        members: AddressSet,
        /// What it does with an interface beyond a peering connection, where that is another
        /// thing: what it stops, a further rule may admit.
        beyond_peering: Option<Box<Action>>,
        /// Whether it can mean an interface beyond a junction.
        beyond_junctions: bool,
        /// What stops a member's packets that no longer show whose they are.
        unseen: Box<Stop>,
    },
}

/// What a guard does with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Lets it through; a note where that is worth telling.
    Pass(Option<Arc<Note>>),
    /// Stops it.
    Stop(Stop),
    /// Cannot tell.
    Unknown(Missing),
}

/// A packet's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Why, as a code.
    pub code: Code,
    /// How the client sees it.
    pub failure: Failure,
    /// Why, in words.
    pub note: Arc<Note>,
    /// Whether there is no way on even if this were mended.
    pub ends: bool,
}

/// Where the addresses of an AWS list lie, by its name: it holds public ones of one family.
#[must_use]
pub fn bounds_of_list(list: &Symbol) -> AddressSet {
    match list.0.contains(".ipv6.") {
        true => AddressSet::from_v6(public_ipv6().clone()),
        false => AddressSet::from_v4(public_ipv4().clone()),
    }
}

impl Stop {
    /// A silent drop (PW-11) behind which the packet's way is still known.
    pub(super) fn dropped(code: &'static str, note: Note) -> Self {
        Self { code: Code::new(code), failure: Failure::Dropped, note: Arc::new(note), ends: false }
    }

    /// The same stop, with no way on.
    pub(super) fn ending(mut self) -> Self {
        self.ends = true;
        self
    }
}
