//! Ids that point nowhere.

use super::super::{
    At, Destination, Excluded, GroupRule, Kind, Network, Peer, Resource, RouteTarget, Scope,
    closest,
};
use super::Problem;

/// An id that points nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// The kind of thing that it names.
    pub kind: Kind,
    /// The id.
    pub id: String,
    /// The kind in words: `security group`.
    pub what: &'static str,
    /// What names it: "subnet `a`".
    pub from: String,
    /// Whose that is, and where.
    pub scope: Scope,
    /// Where it names it.
    pub at: Option<At>,
}

pub(super) fn check(network: &Network, problems: &mut Vec<Problem>) {
    for Dangling { kind, id, what, from, at, .. } in network.dangling() {
        let same_kind = network.resources().filter(|(other, ..)| *other == kind);
        let hint = match closest(&id, same_kind.map(|(_, id, _)| id)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("state it, or name another {what}"),
        };
        let message = format!("{from} names {what} `{id}`, and there is none");
        problems.push(Problem::new(at.as_ref(), message, hint));
    }
}

impl Network {
    /// Every id that something names and nothing has.
    #[must_use]
    pub fn dangling(&self) -> Vec<Dangling> {
        let mut check = Check { network: self, found: Vec::new() };
        check.networking();
        check.hosts();
        check.balancing();
        check.ecs();
        check.found
    }
}

struct Check<'a> {
    network: &'a Network,
    found: Vec<Dangling>,
}

impl Check<'_> {
    /// Holds one reference against what there is.
    fn refer(&mut self, from: &impl Resource, what: &'static str, kind: Kind, id: &str) {
        self.refer_at(from, from.about().at.as_ref(), what, kind, id);
    }

    fn refer_at(
        &mut self,
        from: &impl Resource,
        at: Option<&At>,
        what: &'static str,
        kind: Kind,
        id: &str,
    ) {
        if self.network.has(kind, id) {
            return;
        }
        self.found.push(Dangling {
            kind,
            id: id.to_owned(),
            what,
            from: format!("{} `{}`", kind_in_words(from), from.label()),
            scope: from.about().scope.clone(),
            at: at.cloned(),
        });
    }

    fn refer_all<'i>(
        &mut self,
        from: &impl Resource,
        what: &'static str,
        kind: Kind,
        ids: impl IntoIterator<Item = &'i str>,
    ) {
        for id in ids {
            self.refer(from, what, kind, id);
        }
    }

    fn networking(&mut self) {
        for vpc in self.network.vpcs.values() {
            let options = vpc.dhcp_options.iter().map(|id| id.as_str());
            self.refer_all(vpc, "DHCP option set", Kind::DhcpOptions, options);
        }
        for subnet in self.network.subnets.values() {
            self.refer(subnet, "VPC", Kind::Vpc, subnet.vpc.as_str());
        }
        for table in self.network.route_tables.values() {
            self.refer(table, "VPC", Kind::Vpc, table.vpc.as_str());
            let subnets = table.subnets.iter().map(|id| id.as_str());
            self.refer_all(table, "subnet", Kind::Subnet, subnets);
            for route in &table.routes {
                let at = route.at.as_ref();
                if let Destination::PrefixList(id) = &route.destination {
                    self.refer_at(table, at, "prefix list", Kind::PrefixList, id.as_str());
                }
                let (what, kind, id) = match &route.target {
                    RouteTarget::InternetGateway(id) => {
                        ("internet gateway", Kind::InternetGateway, id.as_str())
                    }
                    RouteTarget::EgressOnlyGateway(id) => {
                        ("egress-only internet gateway", Kind::EgressOnlyGateway, id.as_str())
                    }
                    RouteTarget::NatGateway(id) => ("NAT gateway", Kind::NatGateway, id.as_str()),
                    RouteTarget::GatewayEndpoint(id) => {
                        ("endpoint", Kind::VpcEndpoint, id.as_str())
                    }
                    RouteTarget::TransitGateway(id) => {
                        ("transit gateway", Kind::TransitGateway, id.as_str())
                    }
                    RouteTarget::Peering(id) => {
                        ("peering connection", Kind::PeeringConnection, id.as_str())
                    }
                    RouteTarget::Interface(id) => {
                        ("interface", Kind::NetworkInterface, id.as_str())
                    }
                    RouteTarget::LoadBalancerEndpoint(id) => {
                        ("endpoint", Kind::VpcEndpoint, id.as_str())
                    }
                    RouteTarget::Local | RouteTarget::Other { .. } => continue,
                };
                self.refer_at(table, at, what, kind, id);
            }
        }
        for gateway in self.network.internet_gateways.values() {
            let vpcs = gateway.attachments.iter().map(|(vpc, _)| vpc.as_str());
            self.refer_all(gateway, "VPC", Kind::Vpc, vpcs);
        }
        for gateway in self.network.virtual_private_gateways.values() {
            let vpcs = gateway.attachments.iter().map(|(vpc, _)| vpc.as_str());
            self.refer_all(gateway, "VPC", Kind::Vpc, vpcs);
        }
        for gateway in self.network.egress_only_gateways.values() {
            let vpcs = gateway.attachments.iter().map(|(vpc, _)| vpc.as_str());
            self.refer_all(gateway, "VPC", Kind::Vpc, vpcs);
        }
        for nat in self.network.nat_gateways.values() {
            self.refer(nat, "VPC", Kind::Vpc, nat.vpc.as_str());
            let subnet = nat.subnet.iter().map(|id| id.as_str());
            self.refer_all(nat, "subnet", Kind::Subnet, subnet);
            let table = nat.route_table.iter().map(|id| id.as_str());
            self.refer_all(nat, "route table", Kind::RouteTable, table);
        }
        for endpoint in self.network.vpc_endpoints.values() {
            self.refer(endpoint, "VPC", Kind::Vpc, endpoint.vpc.as_str());
            let interfaces = endpoint.interfaces.iter().map(|id| id.as_str());
            self.refer_all(endpoint, "interface", Kind::NetworkInterface, interfaces);
            let subnets = endpoint.subnets.iter().map(|id| id.as_str());
            self.refer_all(endpoint, "subnet", Kind::Subnet, subnets);
            let groups = endpoint.groups.iter().map(|id| id.as_str());
            self.refer_all(endpoint, "security group", Kind::SecurityGroup, groups);
            let tables = endpoint.route_tables.iter().map(|id| id.as_str());
            self.refer_all(endpoint, "route table", Kind::RouteTable, tables);
        }
        for firewall in self.network.firewalls.values() {
            let endpoints = firewall.endpoints.keys().map(|id| id.as_str());
            self.refer_all(firewall, "endpoint", Kind::VpcEndpoint, endpoints);
        }
        for peering in self.network.peerings.values() {
            let vpcs = peering.ends.iter().map(|end| end.vpc.as_str());
            self.refer_all(peering, "VPC", Kind::Vpc, vpcs);
        }
        for exclusion in self.network.public_access_exclusions.values() {
            match &exclusion.excluded {
                Excluded::Vpc(id) => self.refer(exclusion, "VPC", Kind::Vpc, id.as_str()),
                Excluded::Subnet(id) => {
                    self.refer(exclusion, "subnet", Kind::Subnet, id.as_str());
                }
            }
        }
        for group in self.network.security_groups.values() {
            self.refer(group, "VPC", Kind::Vpc, group.vpc.as_str());
            for GroupRule { peer, at, .. } in group.ingress.iter().chain(&group.egress) {
                let (what, kind, id) = match peer {
                    // SG-16: a rule may outlive the group of a peered VPC.
                    Peer::Group(reference) if reference.peering_status.is_none() => {
                        ("security group", Kind::SecurityGroup, reference.group.as_str())
                    }
                    Peer::PrefixList(id) => ("prefix list", Kind::PrefixList, id.as_str()),
                    Peer::Group(_) | Peer::Cidr(_) => continue,
                };
                self.refer_at(group, at.as_ref(), what, kind, id);
            }
        }
        for acl in self.network.network_acls.values() {
            self.refer(acl, "VPC", Kind::Vpc, acl.vpc.as_str());
            let subnets = acl.subnets.iter().map(|id| id.as_str());
            self.refer_all(acl, "subnet", Kind::Subnet, subnets);
        }
    }

    fn hosts(&mut self) {
        for interface in self.network.interfaces.values() {
            self.refer(interface, "subnet", Kind::Subnet, interface.subnet.as_str());
            self.refer(interface, "VPC", Kind::Vpc, interface.vpc.as_str());
            let groups = interface.groups.iter().map(|id| id.as_str());
            self.refer_all(interface, "security group", Kind::SecurityGroup, groups);
            let instance = interface.instance.iter().map(|id| id.as_str());
            self.refer_all(interface, "instance", Kind::Instance, instance);
        }
        for instance in self.network.instances.values() {
            let interfaces = instance.interfaces.iter().map(|id| id.as_str());
            self.refer_all(instance, "interface", Kind::NetworkInterface, interfaces);
        }
    }

    fn balancing(&mut self) {
        for balancer in self.network.load_balancers.values() {
            self.refer(balancer, "VPC", Kind::Vpc, balancer.vpc.as_str());
            let subnets = balancer.subnets.iter().map(|id| id.as_str());
            self.refer_all(balancer, "subnet", Kind::Subnet, subnets);
            let groups = balancer.groups.iter().map(|id| id.as_str());
            self.refer_all(balancer, "security group", Kind::SecurityGroup, groups);
            for listener in balancer.listeners.iter().flatten() {
                for id in listener.target_groups() {
                    let (at, id) = (listener.at.as_ref(), id.as_str());
                    self.refer_at(balancer, at, "target group", Kind::TargetGroup, id);
                }
            }
        }
        for group in self.network.target_groups.values() {
            let vpc = group.vpc.iter().map(|id| id.as_str());
            self.refer_all(group, "VPC", Kind::Vpc, vpc);
            let balancers = group.load_balancers.iter().map(|id| id.as_str());
            self.refer_all(group, "load balancer", Kind::LoadBalancer, balancers);
        }
    }

    fn ecs(&mut self) {
        for service in self.network.services.values() {
            let subnets = service.subnets.iter().map(|id| id.as_str());
            self.refer_all(service, "subnet", Kind::Subnet, subnets);
            let groups = service.groups.iter().map(|id| id.as_str());
            self.refer_all(service, "security group", Kind::SecurityGroup, groups);
            let definition = service.task_definition.iter().map(|id| id.as_str());
            self.refer_all(service, "task definition", Kind::TaskDefinition, definition);
            let targets = service.targets.iter().flat_map(|target| {
                std::iter::once(&target.target_group).chain(&target.alternate).map(|id| id.as_str())
            });
            self.refer_all(service, "target group", Kind::TargetGroup, targets);
        }
        for task in self.network.tasks.values() {
            let definition = task.task_definition.iter().map(|id| id.as_str());
            self.refer_all(task, "task definition", Kind::TaskDefinition, definition);
            let interfaces = task.interfaces.iter().map(|id| id.as_str());
            self.refer_all(task, "interface", Kind::NetworkInterface, interfaces);
        }
    }
}

/// What a resource is, at the start of a message's sentence.
fn kind_in_words<R: Resource>(_: &R) -> String {
    match R::KIND {
        Kind::Vpc => "VPC".to_owned(),
        Kind::NatGateway => "NAT gateway".to_owned(),
        Kind::NetworkAcl => "network ACL".to_owned(),
        Kind::PeeringConnection => "peering connection".to_owned(),
        Kind::NetworkInterface => "interface".to_owned(),
        other => other.word().replace('-', " "),
    }
}
