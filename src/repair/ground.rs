//! What candidates are made from: the network, and one answer that fails.

use super::Edit;
use crate::answer::{Answer, Blocker, End};
use crate::header::Protocol;
use crate::models;
use crate::network::{
    EndpointType, Kind, Network, Route, RouteTable, RouteTableId, RouteTarget, SecurityGroupId,
    Subnet, SubnetId, VpcEndpoint, VpcId,
};
use crate::read::scenario::Overlay;
use ipnet::IpNet;
use std::collections::BTreeSet;

/// A network, an answer that fails, and what stops it.
pub(super) struct Ground<'a> {
    pub network: &'a Network,
    /// Every answer that fails: the other placements of the same flow.
    pub failing: &'a [&'a Answer],
    pub answer: &'a Answer,
    pub blocker: &'a Blocker,
    pub protocol: Protocol,
}

/// A way to go on: edits that belong together.
pub(super) type Way = Vec<Edit>;

/// An edit, if its text is an overlay.
pub(super) fn edit(what: String, yaml: &str, commands: Vec<String>) -> Option<Edit> {
    let overlay = Overlay::read("fix.yaml", yaml).ok()?;
    let key = overlay.to_yaml();
    Some(Edit { what, overlay, commands, key })
}

/// Text as YAML takes it whatever it holds.
pub(super) fn quoted(text: impl ToString) -> String {
    serde_json::Value::from(text.to_string()).to_string()
}

/// `[a, b]`
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    format!("[{}]", items.join(", "))
}

impl<'a> Ground<'a> {
    pub fn source(&self) -> &'a End {
        &self.answer.source
    }

    pub fn destination(&self) -> &'a End {
        &self.answer.destination
    }

    pub fn port(&self) -> Option<u16> {
        self.destination().port
    }

    pub fn protocol_word(&self) -> &'static str {
        match self.protocol {
            Protocol::Udp => "udp",
            Protocol::Icmp | Protocol::Icmpv6 if self.is_ipv6() => "icmpv6",
            Protocol::Icmp | Protocol::Icmpv6 => "icmp",
            _ => "tcp",
        }
    }

    pub fn subnet(&self, end: &End) -> Option<&'a Subnet> {
        let named = end.subnet.as_ref().map(|subnet| subnet.id.as_str());
        let own = || {
            let interface = self.network.interfaces.get(end.resource.id.as_str())?;
            Some(interface.subnet.as_str())
        };
        self.network.subnets.get(named.or_else(own)?)
    }

    /// The VPC of the client.
    pub fn home(&self) -> Option<&'a VpcId> {
        self.subnet(self.source()).map(|subnet| &subnet.vpc)
    }

    /// The subnets that the failing placements are in.
    pub fn source_subnets(&self) -> BTreeSet<SubnetId> {
        let subnets = self.failing.iter().filter_map(|answer| self.subnet(&answer.source));
        subnets.map(|subnet| subnet.id.clone()).collect()
    }

    /// The AWS service that is asked for.
    pub fn service(&self) -> Option<&'static models::Service> {
        let resource = &self.destination().resource;
        (resource.kind == "aws-service").then(|| models::service(&resource.id))?
    }

    /// The endpoints of the service that is asked for, in the client's VPC.
    pub fn endpoints(&self, of: EndpointType) -> Vec<&'a VpcEndpoint> {
        let (Some(service), Some(home)) = (self.service(), self.home()) else { return Vec::new() };
        let all = self.network.vpc_endpoints.values();
        all.filter(|one| {
            one.endpoint_type == of
                && one.vpc == *home
                && models::service(&one.service_name).is_some_and(|it| it.name == service.name)
        })
        .collect()
    }

    pub fn is_public(&self, end: &End) -> bool {
        let inside = |block: &IpNet| {
            let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
            let private = private.iter().filter_map(|text| text.parse::<IpNet>().ok());
            let stated = self.network.vpcs.values().flat_map(|vpc| vpc.cidrs.iter().copied());
            private.chain(stated).any(|known| known.contains(block))
        };
        end.addresses.contains("public address")
            || end.resource.kind == "internet"
            || end.resource.kind == "address" && stated(end).is_some_and(|block| !inside(&block))
    }

    /// Whether the flow is one of IPv6.
    pub fn is_ipv6(&self) -> bool {
        self.source().addresses.contains(':')
    }

    /// Whether it is for IPv4 addresses that DNS64 wrote as IPv6 (NG-13).
    pub fn is_by_dns64(&self) -> bool {
        self.destination().addresses.contains("by DNS64")
    }

    /// The groups that a rule could name for an end.
    pub fn groups(&self, end: &End) -> Vec<SecurityGroupId> {
        let id = end.resource.id.as_str();
        let interface = |id: &str| {
            let interface = self.network.interfaces.get(id);
            interface.map(|one| one.groups.clone()).unwrap_or_default()
        };
        let groups: BTreeSet<SecurityGroupId> = match Kind::from_word(&end.resource.kind) {
            Some(Kind::Service) => {
                self.network.services.get(id).map(|one| one.groups.clone()).unwrap_or_default()
            }
            Some(Kind::LoadBalancer) => self
                .network
                .load_balancers
                .get(id)
                .map(|one| one.groups.clone())
                .unwrap_or_default(),
            Some(Kind::NetworkInterface) => interface(id),
            Some(Kind::Instance) => {
                let instance = self.network.instances.get(id);
                let all = instance.into_iter().flat_map(|one| &one.interfaces);
                all.flat_map(|id| interface(id.as_str())).collect()
            }
            Some(Kind::Task) => {
                let task = self.network.tasks.get(id);
                let all = task.into_iter().flat_map(|one| &one.interfaces);
                all.flat_map(|id| interface(id.as_str())).collect()
            }
            _ => {
                let endpoints = self.endpoints(EndpointType::Interface);
                endpoints.into_iter().flat_map(|one| one.groups.clone()).collect()
            }
        };
        groups.into_iter().collect()
    }

    /// The blocks that hold an end's addresses, no wider than its subnets.
    pub fn blocks(&self, end: &End) -> Vec<IpNet> {
        if self.is_public(end) {
            return stated(end).into_iter().collect();
        }
        if let Some(subnet) = self.subnet(end) {
            return subnet
                .cidrs
                .iter()
                .filter(|cidr| matches!(cidr, IpNet::V4(_)))
                .copied()
                .collect();
        }
        if self.service().is_some() && std::ptr::eq(end, self.destination()) {
            let endpoints = self.endpoints(EndpointType::Interface);
            let subnets = endpoints.into_iter().flat_map(|one| &one.subnets);
            let subnets = subnets.filter_map(|id| self.network.subnets.get(id));
            let blocks: BTreeSet<IpNet> = subnets.flat_map(|one| one.cidrs.clone()).collect();
            return blocks.into_iter().collect();
        }
        stated(end).into_iter().collect()
    }

    /// The blocks of the VPC that an end is in.
    pub fn vpc_blocks(&self, end: &End) -> Vec<IpNet> {
        let vpc = self.subnet(end).and_then(|subnet| self.network.vpcs.get(&subnet.vpc));
        let blocks = vpc.map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
        blocks.into_iter().filter(|block| matches!(block, IpNet::V4(_))).collect()
    }

    /// The table that routes a subnet: its own, else the VPC's main one.
    pub fn table_of(&self, subnet: &Subnet) -> Option<&'a RouteTable> {
        let tables = || self.network.route_tables.values();
        let own = tables().find(|table| table.subnets.contains(&subnet.id));
        own.or_else(|| tables().find(|table| table.main && table.vpc == subnet.vpc))
    }

    pub fn table(&self, id: &str) -> Option<&'a RouteTable> {
        self.network.route_tables.get(&RouteTableId::from(id))
    }

    /// The ids that the blocker's resource stands for.
    pub fn stopping(&self) -> Vec<String> {
        self.blocker.resource.id.split(',').map(|id| id.trim().to_owned()).collect()
    }
}

/// The one address or block that an end is.
fn stated(end: &End) -> Option<IpNet> {
    let single = end.addresses.parse::<std::net::IpAddr>().ok();
    end.addresses.parse::<IpNet>().ok().or_else(|| single.map(IpNet::from))
}

/// A table's default route.
pub(super) fn default_route(table: &RouteTable) -> Option<&Route> {
    let everywhere = IpNet::V4(ipnet::Ipv4Net::default());
    let is_default =
        |route: &&Route| route.destination == crate::network::Destination::Cidr(everywhere);
    table.routes.iter().find(is_default)
}

/// Whether a table leads straight to the internet.
pub(super) fn leads_out(table: &RouteTable) -> bool {
    default_route(table)
        .is_some_and(|route| matches!(route.target, RouteTarget::InternetGateway(_)))
}
