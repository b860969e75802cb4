//! Security groups and network ACLs.

use super::journal::{Go, mentioned, named};
use super::peer::{Address, Match, in_cidrs, in_list};
use super::peering::may_mean;
use super::walk::{Crossed, Walker, by_prefix, owners};
use crate::answer::Party;
use crate::header::IcmpMessage;
use crate::network::{
    AclAction, GroupRule, InterfaceRole, Kind, Network, NetworkAcl, NetworkInterface, Peer,
    SecurityGroup, SecurityGroupId, Subnet, VpcId,
};

/// Which way a packet crosses a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    In,
}

impl<'a> Walker<'a> {
    /// The groups on `from` let the request out (SG-05, SG-06).
    pub(super) fn groups_let_out(
        &mut self,
        from: &NetworkInterface,
        destination: Address<'_>,
    ) -> Go {
        let (network, flow) = (self.network, self.flow);
        let carries = |holder: &SecurityGroup, group: &SecurityGroupId| {
            // SG-11: where the reference resolves; SG-19: where both groups are, too.
            let named = network.security_groups.get(group);
            let both = |vpc: &VpcId| {
                is_in(network, holder, vpc) && named.is_some_and(|one| is_in(network, one, vpc))
            };
            let shared = network.vpcs.keys().any(both) || both(&holder.vpc);
            let resolves = |vpc: &VpcId| {
                may_mean(network, from, vpc)
                    || shared && named.is_some_and(|one| is_in(network, one, vpc))
            };
            // SG-09, SG-10: a reference means the private addresses of the group's interfaces.
            let owners = match destination {
                Address::Known(to) | Address::Of(_, to) => owners(network, flow, &resolves, to),
                Address::Unlisted => Vec::new(),
            };
            let meant = |owner: &&NetworkInterface| {
                owner.groups.contains(group) && is_meant(network, owner, destination)
            };
            owners.iter().any(meant).into()
        };
        self.groups(from, Way::Out, destination, &carries)
    }

    /// The groups on `to` let the request in (SG-05, SG-06). Behind a NAT gateway nobody's are seen
    /// (NG-10); behind a network load balancer its own are (SG-15). None that is gone is (SG-16).
    pub(super) fn groups_let_in(&mut self, to: &NetworkInterface) -> Go {
        let (network, source, sender) = (self.network, self.source, self.sender);
        let crossed = self.crossed;
        if let Party::Forwarder { .. } = self.flow.source {
            self.note(named(to), "is asked for by a load balancer's node", "SG-15");
        }
        if to.role == InterfaceRole::Endpoint {
            let rule = if crossed == Crossed::Nothing { "IE-02" } else { "IE-04" };
            self.note(named(to), "has groups of its own", rule);
        }
        // IE-02: VPCE_SG_REF_OVER_PEERING
        let by_peering = match self.network.assumptions.value("VPCE_SG_REF_OVER_PEERING") {
            "true" => Match::Yes,
            "false" => Match::No,
            _ => Match::Maybe,
        };
        let carries = |_: &SecurityGroup, group: &SecurityGroupId| {
            let carries = sender.is_some_and(|sender| {
                sender.groups.contains(group) && is_meant(network, sender, source)
            });
            match crossed {
                Crossed::Peering if carries && to.role == InterfaceRole::Endpoint => by_peering,
                // SG-14, IE-04
                Crossed::Transit | Crossed::TransitUnsure if to.role == InterfaceRole::Endpoint => {
                    Match::No
                }
                Crossed::TransitUnsure if carries => Match::Maybe,
                _ => carries.into(),
            }
        };
        self.groups(to, Way::In, source, &carries)
    }

    fn groups(
        &mut self,
        interface: &NetworkInterface,
        way: Way,
        address: Address<'_>,
        carries: &dyn Fn(&SecurityGroup, &SecurityGroupId) -> Match,
    ) -> Go {
        if interface.groups.is_empty() {
            return Ok(());
        }
        let (mut any_rule, mut unsure) = (false, None);
        for id in &interface.groups {
            let Some(group) = self.network.security_groups.get(id) else {
                unsure.get_or_insert_with(|| {
                    let fact = format!("security group {id} is not in the input");
                    (mentioned(Kind::SecurityGroup, id.as_str()), fact)
                });
                continue;
            };
            for rule in rules(group, way) {
                any_rule = true;
                match self.rule_admits(rule, address, &|named| carries(group, named)) {
                    Match::Yes => {
                        let what = format!("lets {} {way:?}", address.text());
                        self.note(named(group), what, "SG-05");
                        if let Peer::Group(_) = &rule.peer {
                            self.note(named(group), "means its members", "SG-09");
                        }
                        if !self.packet.protocol.has_ports() {
                            self.note(named(group), "means the message", "SG-04");
                        }
                        return Ok(());
                    }
                    Match::Maybe => {
                        unsure.get_or_insert_with(|| {
                            let fact =
                                format!("whether a rule of {} means {}", group.id, address.text());
                            (named(group), fact)
                        });
                    }
                    Match::No => {}
                }
            }
        }
        match (unsure, any_rule) {
            (Some((resource, fact)), _) => {
                self.unsure(resource, fact, "SG-08");
                Ok(())
            }
            (None, true) if way == Way::In && self.meant_the_client(interface) => {
                self.drop("SG_REFERENCES_NOT_PRESERVED", named(interface), "SG-12")
            }
            (None, true) => self.drop("ENI_SG_RULES_MISMATCH", named(interface), "SG-06"),
            (None, false) => self.drop("SG_HAS_NO_RULES", named(interface), "SG-06"),
        }
    }

    /// SG-12: whether a rule would mean the client, if who sent the packet still showed.
    fn meant_the_client(&self, interface: &NetworkInterface) -> bool {
        let client = self.flow.source.interface().and_then(|id| self.network.interfaces.get(id));
        if self.source.is_v6() && !self.references_mean_v6() {
            return false;
        }
        let Some(client) = client.filter(|_| self.forwarded) else { return false };
        if !is_meant(self.network, client, Address::Known(self.packet.source)) {
            return false;
        }
        let groups = interface.groups.iter().filter_map(|id| self.network.security_groups.get(id));
        groups.flat_map(|group| &group.ingress).any(|rule| {
            matches!(&rule.peer, Peer::Group(named) if client.groups.contains(&named.group))
                && rule.protocol.matches(self.packet.protocol)
                && rule.ports.contains(self.packet.destination_port)
                && is_message(rule.icmp, self.packet.destination_port)
        })
    }

    fn rule_admits(
        &self,
        rule: &GroupRule,
        address: Address<'_>,
        carries: &dyn Fn(&SecurityGroupId) -> Match,
    ) -> Match {
        // SG-03: the destination port, both ways.
        let port = self.packet.destination_port;
        let carried = rule.ports.contains(port) && is_message(rule.icmp, port);
        if !rule.protocol.matches(self.packet.protocol) || !carried {
            return Match::No;
        }
        match &rule.peer {
            // SG-07: a block means addresses of its own family.
            Peer::Cidr(cidr) => in_cidrs(address, std::slice::from_ref(cidr)),
            Peer::PrefixList(list) => in_list(self.network, address, list),
            // SG-09, SG-12: whose address it is must still be visible.
            Peer::Group(_) if address.is_v6() && !self.references_mean_v6() => Match::No,
            Peer::Group(reference) => carries(&reference.group),
        }
    }

    /// The ACL of `subnet` lets a packet across the subnet's edge (NA-09). `address` is the
    /// destination of one that leaves and the source of one that enters (NA-04): a public one on
    /// the way through a gateway endpoint, too (NA-11).
    pub(super) fn acl(
        &mut self,
        subnet: &Subnet,
        way: Way,
        address: Address<'_>,
        destination_port: u16,
    ) -> Go {
        let Some(acl) = self.acl_of(subnet) else {
            let fact = format!("the network ACL of subnet {} is not in the input", subnet.id);
            self.unsure(named(subnet), fact, "NA-07");
            return Ok(());
        };
        let mut entries: Vec<_> = match way {
            Way::Out => acl.egress.iter().collect(),
            Way::In => acl.ingress.iter().collect(),
        };
        // NA-02: by number; the first that matches decides.
        entries.sort_by_key(|entry| entry.number);
        for entry in entries {
            if !entry.protocol.matches(self.packet.protocol)
                || !entry.ports.contains(destination_port)
                || !is_message(entry.icmp, destination_port)
            {
                continue;
            }
            match in_cidrs(address, &[entry.cidr]) {
                Match::No => {}
                Match::Maybe => {
                    let fact = format!("whether {} holds {}", entry.cidr, address.text());
                    self.unsure(named(acl), fact, "NA-02");
                    return Ok(());
                }
                Match::Yes if entry.action == AclAction::Allow => {
                    let what = format!(
                        "entry {} lets {} port {destination_port} {way:?}",
                        entry.number,
                        address.text()
                    );
                    self.note(named(acl), what, "NA-02");
                    return Ok(());
                }
                Match::Yes => return self.drop("SUBNET_ACL_RESTRICTION", named(acl), "NA-02"),
            }
        }
        // NA-03: no match at all is a denial.
        self.drop("SUBNET_ACL_RESTRICTION", named(acl), "NA-03")
    }

    /// NA-07: the ACL that lists the subnet, else its VPC's default one.
    fn acl_of(&self, subnet: &Subnet) -> Option<&'a NetworkAcl> {
        let acls = &self.network.network_acls;
        acls.values()
            .find(|acl| acl.subnets.contains(&subnet.id))
            .or_else(|| acls.values().find(|acl| acl.is_default && acl.vpc == subnet.vpc))
    }
}

/// SG-09: open, SG_REF_MATCHES_DELEGATED_PREFIX.
fn is_meant(network: &Network, holder: &NetworkInterface, address: Address<'_>) -> bool {
    let delegated = match address {
        Address::Known(address) | Address::Of(_, address) => by_prefix(holder, address),
        Address::Unlisted => false,
    };
    !delegated || network.assumptions.holds("SG_REF_MATCHES_DELEGATED_PREFIX")
}

/// SG-19: whether a group may be on interfaces of a VPC.
fn is_in(network: &Network, group: &SecurityGroup, vpc: &VpcId) -> bool {
    let carries = |one: &NetworkInterface| one.vpc == *vpc && one.groups.contains(&group.id);
    group.vpc == *vpc || network.interfaces.values().any(carries)
}

/// SG-04, NA-05: a type and a code, each of which may be any.
fn is_message(rule: Option<(i16, i16)>, port: u16) -> bool {
    let Some((kind, code)) = rule else { return true };
    let message = IcmpMessage::of_port(port);
    (kind < 0 || kind == i16::from(message.kind)) && (code < 0 || code == i16::from(message.code))
}

fn rules(group: &SecurityGroup, way: Way) -> &[GroupRule] {
    match way {
        Way::Out => &group.egress,
        Way::In => &group.ingress,
    }
}
