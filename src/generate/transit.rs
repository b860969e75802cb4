//! Transit gateways: their tables, and what those hold.

use super::plan::{Plan, Segment, Topology};
use super::space::{ANYWHERE, Cidr, PRIVATE, Place, Tier};
use super::vpc::VpcKind;

/// Where a transit gateway's route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To a VPC's attachment.
    Vpc(u32),
    /// To the next transit gateway of the chain: this peering joins it and the one after.
    Peering(u32),
    Blackhole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TransitRoute {
    pub(super) to: Cidr,
    pub(super) way: Way,
    /// Whether the attachment propagates it.
    pub(super) learned: bool,
}

/// A route table of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TransitTable {
    pub(super) number: u32,
    pub(super) gateway: u32,
    pub(super) name: String,
}

impl Plan {
    /// How many transit gateways there are.
    pub(super) fn gateways(&self) -> u32 {
        match self.topology {
            Topology::Alone => 0,
            Topology::Hub => 1,
            Topology::Chain(gateways) => gateways,
        }
    }

    /// What a transit gateway is called.
    pub(super) fn gateway_name(&self, gateway: u32) -> String {
        match self.topology {
            Topology::Chain(_) => format!("center-{gateway}"),
            _ => "center".to_owned(),
        }
    }

    /// The transit gateway that a VPC is attached to.
    pub(super) fn gateway(&self, vpc: u32) -> Option<u32> {
        match self.topology {
            Topology::Alone => None,
            Topology::Hub => Some(0),
            Topology::Chain(gateways) => {
                let share = u64::from(vpc) * u64::from(gateways) / u64::from(self.order().vpcs);
                u32::try_from(share).ok()
            }
        }
    }

    /// The account that owns a transit gateway: that of its first VPC.
    pub(super) fn gateway_account(&self, gateway: u32) -> u32 {
        let shares = u64::from(gateway) * u64::from(self.order().vpcs);
        let first = shares.div_ceil(u64::from(self.gateways().max(1)));
        self.account(u32::try_from(first).unwrap_or(0))
    }

    /// The peerings of transit gateways: each joins the one of its number and the one after.
    pub(super) fn transit_peerings(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.gateways().saturating_sub(1)
    }

    /// The table that a VPC's attachment is associated with.
    pub(super) fn transit_table(&self, vpc: u32) -> Option<u32> {
        match (self.topology, self.segment(vpc)) {
            (Topology::Hub, Segment::Hub) => Some(0),
            (Topology::Hub, Segment::Prod) => Some(1),
            (Topology::Hub, Segment::Dev) => Some(2),
            _ => self.gateway(vpc),
        }
    }

    /// The tables of a transit gateway.
    pub(super) fn transit_tables(&self, gateway: u32) -> Vec<TransitTable> {
        let table =
            |number: u32, name: &str| TransitTable { number, gateway, name: name.to_owned() };
        match self.topology {
            Topology::Alone => Vec::new(),
            Topology::Hub => (0..).zip(["hub", "prod", "dev"]).map(|(n, t)| table(n, t)).collect(),
            Topology::Chain(_) => vec![table(gateway, &self.gateway_name(gateway))],
        }
    }

    /// Whether a table learns a VPC's blocks from its attachment.
    pub(super) fn learns(&self, table: u32, vpc: u32) -> bool {
        match self.topology {
            Topology::Alone => false,
            Topology::Hub => {
                let learned = self.head(vpc).and_then(|head| head.learned.get(table as usize));
                learned.copied().unwrap_or(false)
            }
            Topology::Chain(_) => self.gateway(vpc) == Some(table),
        }
    }

    /// The routes of a table.
    pub(super) fn transit_routes(&self, table: u32) -> impl Iterator<Item = TransitRoute> {
        let learned = (0..self.order().vpcs).filter_map(move |vpc| {
            let (way, learned) = match self.learns(table, vpc) {
                true => (Way::Vpc(vpc), true),
                false => (self.toward(table, vpc)?, false),
            };
            let route = move |to| TransitRoute { to, way, learned };
            Some(self.cidrs(self.span(vpc)).map(route))
        });
        learned.flatten().chain(self.stated(table))
    }

    /// In a chain, the way to another transit gateway's VPC.
    fn toward(&self, gateway: u32, vpc: u32) -> Option<Way> {
        let Topology::Chain(_) = self.topology else { return None };
        let there = self.gateway(vpc)?;
        let peering = if there > gateway { gateway } else { gateway.checked_sub(1)? };
        Some(Way::Peering(peering))
    }

    /// What a table of a segment holds besides: nothing leads from one segment to the other, and the
    /// hub leads out.
    fn stated(&self, table: u32) -> impl Iterator<Item = TransitRoute> + use<> {
        let segment = self.topology == Topology::Hub && table > 0;
        let way_out = TransitRoute { to: ANYWHERE.v4, way: Way::Vpc(0), learned: false };
        let kept = |to| TransitRoute { to, way: Way::Blackhole, learned: false };
        let all = std::iter::once(way_out).chain(self.cidrs(PRIVATE).map(kept));
        all.filter(move |_| segment)
    }

    /// Where a VPC has interfaces of its transit gateway.
    pub(super) fn transit_places(&self, vpc: u32) -> impl Iterator<Item = Place> + use<> {
        let tier = Tier::Transit;
        self.zones(vpc).map(move |zone| Place { tier, zone })
    }

    /// Whether the network has a central way out.
    pub(super) fn is_hub(&self, vpc: u32) -> bool {
        self.head(vpc).is_some_and(|head| head.kind == VpcKind::Hub)
    }
}
