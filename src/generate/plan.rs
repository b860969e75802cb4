//! What is ordered, and what follows from it for the whole network.

use super::draw::{below, by_percent, chance};
use super::space::{Cidr, Place, Space, Span};
use super::vpc::{Role, VpcKind, VpcPlan};
use fastrand::Rng;
use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv4Addr;
use thiserror::Error;

/// What a network is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A hub and its spokes around one transit gateway, which keeps production and development
    /// apart; NAT, endpoint, central-egress and public VPCs; interfaces share few groups.
    Fleet,
    /// The same, with a group for each interface alone that admits one host: no two are alike.
    NoReuse,
    /// The same with IPv6 beside IPv4.
    Ipv6,
    /// The same, but several VPCs have each block.
    Overlap,
    /// A chain of peered transit gateways, each with its VPCs.
    Deep,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fleet => "fleet",
            Self::NoReuse => "no-reuse",
            Self::Ipv6 => "ipv6",
            Self::Overlap => "overlap",
            Self::Deep => "deep",
        })
    }
}

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What it is like.
    pub shape: Shape,
    /// How many VPCs.
    pub vpcs: u32,
    /// How many interfaces each has, not counting those of NAT and transit gateways.
    pub interfaces: u32,
    /// What chance starts from.
    pub seed: u64,
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, vpcs, interfaces, seed } = self;
        let plural = |count: u32| if count == 1 { "" } else { "s" };
        let (several, many) = (plural(*vpcs), plural(*interfaces));
        write!(f, "{vpcs} VPC{several} of {interfaces} interface{many}, shape {shape}, seed {seed}")
    }
}

/// Why an order cannot be met.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OrderError {
    /// A shape needs more VPCs to show.
    #[error("a network of shape {shape} has at least {least} VPCs")]
    TooFewVpcs {
        /// The shape.
        shape: Shape,
        /// How many it needs.
        least: u32,
    },
    /// A VPC without interfaces.
    #[error("a VPC has at least 1 interface")]
    NoInterfaces,
    /// The largest VPC that AWS allows is too small.
    #[error("a VPC has room for {most} interfaces at most")]
    TooManyInterfaces {
        /// For how many it has room.
        most: u32,
    },
    /// The blocks do not suffice.
    #[error("10.0.0.0/8 has room for {most} VPCs of that many interfaces")]
    TooManyVpcs {
        /// For how many it has room.
        most: u32,
    },
}

/// What a VPC is, before it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// What its own chance starts from.
    pub(super) seed: u64,
    /// Which block it has.
    pub(super) block: u32,
    pub(super) kind: VpcKind,
    /// In how many zones it is.
    pub(super) zones: u8,
    /// By table of the transit gateway: whether it learns the VPC's blocks.
    pub(super) learned: [bool; 3],
}

/// How VPCs are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topology {
    /// There is only one.
    Alone,
    /// One transit gateway, with tables for the hub, for production and for development.
    Hub,
    /// So many transit gateways, each peered with the next.
    Chain(u32),
}

/// A network, of which every part is drawn when it is asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    order: Order,
    space: Space,
    heads: Vec<Head>,
    /// Pairs of VPCs, the lower first.
    peerings: Vec<(u32, u32)>,
    pub(super) topology: Topology,
}

/// The VPCs of each account but the first, which has one.
const VPCS_OF_ACCOUNT: u32 = 2;

impl Plan {
    /// Plans a network.
    ///
    /// # Errors
    /// When there can be none of that shape and size.
    pub fn new(order: Order) -> Result<Self, OrderError> {
        let Order { shape, vpcs, interfaces, seed } = order;
        let least = match shape {
            Shape::Fleet | Shape::NoReuse | Shape::Ipv6 => 1,
            Shape::Deep => 2,
            Shape::Overlap => 3,
        };
        if vpcs < least {
            return Err(OrderError::TooFewVpcs { shape, least });
        }
        if interfaces == 0 {
            return Err(OrderError::NoInterfaces);
        }
        let most = Space::most_interfaces();
        let space = Space::of(interfaces).ok_or(OrderError::TooManyInterfaces { most })?;
        if vpcs > space.blocks() {
            return Err(OrderError::TooManyVpcs { most: space.blocks() });
        }
        let topology = match shape {
            Shape::Deep => Topology::Chain((vpcs / 2).clamp(2, 8)),
            _ if vpcs == 1 => Topology::Alone,
            _ => Topology::Hub,
        };
        let mut random = Rng::with_seed(seed);
        let mut plan = Self { order, space, heads: Vec::new(), peerings: Vec::new(), topology };
        plan.draw_heads(&mut random);
        plan.draw_peerings(&mut random);
        plan.learn();
        Ok(plan)
    }

    fn draw_heads(&mut self, random: &mut Rng) {
        let Order { shape, vpcs, .. } = self.order;
        // With an odd number of blocks, production and development come to share some.
        let shared = (vpcs / 3) | 1;
        for vpc in 0..vpcs {
            let drawn = by_percent(
                random,
                VpcKind::Nat,
                &[(30, VpcKind::Endpoints), (30, VpcKind::Central), (5, VpcKind::Public)],
            );
            let kind = match (self.topology, drawn) {
                (Topology::Hub, _) if vpc == 0 => VpcKind::Hub,
                // Without a hub there is no central way out.
                (Topology::Alone | Topology::Chain(_), VpcKind::Central) => VpcKind::Nat,
                _ => drawn,
            };
            self.heads.push(Head {
                seed: random.u64(..),
                block: match (shape, vpc.checked_sub(1)) {
                    (Shape::Overlap, Some(spoke)) => 1 + spoke % shared,
                    _ => vpc,
                },
                kind,
                zones: if chance(random, 50) { 2 } else { 3 },
                learned: [false; 3],
            });
        }
    }

    fn draw_peerings(&mut self, random: &mut Rng) {
        let vpcs = self.order.vpcs;
        let spokes = vpcs.saturating_sub(1);
        let mut led: BTreeSet<(u32, u32)> = BTreeSet::new();
        for _ in 0..vpcs / 8 {
            let pair = (1 + below(random, spokes), 1 + below(random, spokes));
            let (one, other) = (pair.0.min(pair.1), pair.0.max(pair.1));
            let (block, far) = (self.block(one), self.block(other));
            // AWS peers no VPCs that overlap, and a table has one route per destination.
            if block == far || led.contains(&(one, far)) || led.contains(&(other, block)) {
                continue;
            }
            led.extend([(one, far), (other, block)]);
            self.peerings.push((one, other));
        }
        self.peerings.sort_unstable();
    }

    /// Of several VPCs with one block, a table learns that of the first.
    fn learn(&mut self) {
        for table in 0_u8..3 {
            let mut known = BTreeSet::new();
            for vpc in 0..self.order.vpcs {
                let visible = match (table, self.segment(vpc)) {
                    (0, _) | (_, Segment::Hub) => true,
                    (1, segment) => segment == Segment::Prod,
                    (_, segment) => segment == Segment::Dev,
                };
                let learns = visible && known.insert(self.block(vpc));
                let head = self.heads.get_mut(vpc as usize);
                if let Some(own) = head.and_then(|one| one.learned.get_mut(usize::from(table))) {
                    *own = learns;
                }
            }
        }
    }

    /// What was ordered.
    #[must_use]
    pub fn order(&self) -> Order {
        self.order
    }

    /// How many accounts there are.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        1 + self.order.vpcs.saturating_sub(1).div_ceil(VPCS_OF_ACCOUNT)
    }

    /// How many interfaces there are, not counting those of NAT and transit gateways.
    #[must_use]
    pub fn interfaces(&self) -> u64 {
        u64::from(self.order.vpcs) * u64::from(self.order.interfaces)
    }

    /// Draws a VPC.
    pub(super) fn vpc(&self, vpc: u32) -> Option<VpcPlan> {
        self.head(vpc).map(|head| VpcPlan::draw(self, vpc, head))
    }

    /// The VPCs of an account.
    pub(super) fn vpcs_of(&self, account: u32) -> impl Iterator<Item = u32> {
        let first = account.saturating_sub(1) * VPCS_OF_ACCOUNT + 1;
        let all = if account == 0 { 0..1 } else { first..first + VPCS_OF_ACCOUNT };
        let vpcs = self.order.vpcs;
        all.filter(move |&vpc| vpc < vpcs)
    }

    /// The account of a VPC.
    pub(super) fn account(&self, vpc: u32) -> u32 {
        vpc.div_ceil(VPCS_OF_ACCOUNT)
    }

    pub(super) fn head(&self, vpc: u32) -> Option<&Head> {
        self.heads.get(vpc as usize)
    }

    fn block(&self, vpc: u32) -> u32 {
        self.head(vpc).map_or(vpc, |head| head.block)
    }

    /// What a VPC is for: accounts are for either.
    pub(super) fn segment(&self, vpc: u32) -> Segment {
        match self.account(vpc) {
            0 if self.topology == Topology::Hub => Segment::Hub,
            0 => Segment::Prod,
            account if account % 2 == 1 => Segment::Prod,
            _ => Segment::Dev,
        }
    }

    /// What a VPC is called.
    pub(super) fn name(&self, vpc: u32) -> String {
        match self.segment(vpc) {
            Segment::Hub => "hub".to_owned(),
            Segment::Prod => format!("prod-{vpc}"),
            Segment::Dev => format!("dev-{vpc}"),
        }
    }

    /// The zones of a VPC.
    pub(super) fn zones(&self, vpc: u32) -> impl Iterator<Item = u8> + use<> {
        0..self.head(vpc).map_or(0, |head| head.zones)
    }

    pub(super) fn peerings(&self) -> &[(u32, u32)] {
        &self.peerings
    }

    /// The VPCs that one is peered with.
    pub(super) fn peers(&self, vpc: u32) -> impl Iterator<Item = u32> {
        self.peerings.iter().filter_map(move |&(one, other)| match vpc {
            _ if vpc == one => Some(other),
            _ if vpc == other => Some(one),
            _ => None,
        })
    }

    /// Whether an interface of a role has an IPv6 address: AWS's own have IPv4 ones only.
    pub(super) fn has_v6(&self, role: Role) -> bool {
        self.dual_stack() && matches!(role, Role::Data | Role::Task(_))
    }

    /// Whether tasks are those of services, which have the same groups each.
    pub(super) fn has_services(&self) -> bool {
        self.order.shape != Shape::NoReuse
    }

    pub(super) fn dual_stack(&self) -> bool {
        self.order.shape == Shape::Ipv6
    }

    /// A place's blocks, of the families that the network has.
    pub(super) fn cidrs(&self, span: Span) -> impl Iterator<Item = Cidr> + use<> {
        std::iter::once(span.v4).chain(self.dual_stack().then_some(span.v6))
    }

    pub(super) fn span(&self, vpc: u32) -> Span {
        self.space.vpc(self.block(vpc), vpc)
    }

    pub(super) fn subnet(&self, vpc: u32, place: Place) -> Span {
        self.space.subnet(self.block(vpc), vpc, place)
    }

    pub(super) fn host(&self, vpc: u32, place: Place, host: u32) -> Ipv4Addr {
        self.space.host(self.block(vpc), place, host)
    }

    pub(super) fn space(&self) -> Space {
        self.space
    }
}

/// What a VPC is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Hub,
    Prod,
    Dev,
}
