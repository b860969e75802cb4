//! Which table routes a subnet, and which of its routes a packet takes.

use super::filter::Way;
use super::journal::{End, Go, lost, named};
use super::peer::{Address, List, Match, in_cidrs, read_list};
use super::walk::Walker;
use crate::network::{
    Destination, Kind, Network, PrefixListId, Route, RouteOrigin, RouteState, RouteTable,
    RouteTarget, Subnet, VpcId,
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// RT-10: never forwarded, even under a route that covers it.
const NEVER_FORWARDED: [IpNet; 2] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32)),
];

/// What a table says of an address.
pub(super) enum Lookup<'a> {
    /// It takes this route.
    Found(&'a RouteTable, &'a Route),
    /// Its best route is dead.
    Dead(&'a RouteTable),
    /// No route holds it.
    None(&'a RouteTable),
    /// AWS takes one of these for the prefix, and keeps to it.
    Several(&'a RouteTable, Option<IpNet>, Vec<&'a Route>),
    /// It cannot be told which.
    Unknown(String),
}

/// A route that holds the address.
struct Candidate<'a> {
    route: &'a Route,
    length: Length,
    /// The prefix, where it is known.
    prefix: Option<IpNet>,
}

/// How long the prefix is that holds the address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Length {
    /// Everything.
    Zero,
    /// An entry of a list whose entries do not matter: longer than nothing, how long is not known.
    Unlisted,
    /// Some prefix.
    Bits(u8),
}

impl<'a> Walker<'a> {
    /// A packet leaves `subnet` by its router (PW-01): the subnet's ACL first, then the route.
    pub(super) fn leave_by_router(
        &mut self,
        subnet: &'a Subnet,
        destination: Address<'a>,
        destination_port: u16,
    ) -> Go<&'a RouteTarget> {
        let lookup = lookup(self.network, subnet, destination);
        let lookup = self.picked_of(lookup)?;
        // PW-05
        let skips = self.network.assumptions.holds("NAT_IN_CLIENT_SUBNET_SKIPS_NACL");
        let stays = match &lookup {
            Lookup::Found(_, Route { target: RouteTarget::NatGateway(id), .. }) if skips => {
                let nat = self.network.nat_gateways.get(id);
                nat.is_some_and(|nat| nat.subnet.as_ref() == Some(&subnet.id))
            }
            Lookup::Found(_, Route { target: RouteTarget::Interface(id), .. }) => {
                let host = self.network.interfaces.get(id);
                host.is_some_and(|host| host.subnet == subnet.id)
            }
            _ => false,
        };
        if stays {
            self.note(named(subnet), "holds the next hop, with no ACL between", "PW-05");
        } else {
            self.acl(subnet, Way::Out, destination, destination_port)?;
        }
        match lookup {
            Lookup::Found(table, route) => {
                let what = format!("{} leads to {}", route.destination, route.target);
                self.note(named(table), what, "RT-04");
                if route.target != RouteTarget::Local && self.is_local(subnet, destination) {
                    self.note(named(table), "leads past the local route", "RT-08");
                }
                Ok(&route.target)
            }
            // RT-11: no fallback to a shorter prefix.
            Lookup::Dead(table) => self.drop("BAD_STATE_ROUTE", named(table), "RT-11"),
            Lookup::None(table) => self.drop("NO_ROUTE_TO_DESTINATION", named(table), "RT-12"),
            Lookup::Unknown(fact) => Err(End::Lost { fact }),
            Lookup::Several(table, ..) => lost(format!("which route of {} is used", table.id)),
        }
    }

    /// Whether a destination is in the VPC's own blocks.
    fn is_local(&self, subnet: &Subnet, destination: Address<'_>) -> bool {
        let vpc = self.network.vpcs.get(&subnet.vpc);
        vpc.is_some_and(|vpc| in_cidrs(destination, &vpc.cidrs) == Match::Yes)
    }

    /// RT-06: of several equal routes, the one that AWS picked, and keeps to.
    /// Without a pick nothing goes on: even the subnet's ACL depends on it (PW-05).
    pub(super) fn picked_of(&mut self, lookup: Lookup<'a>) -> Go<Lookup<'a>> {
        let Lookup::Several(table, prefix, routes) = lookup else { return Ok(lookup) };
        let id = table.id.as_str();
        let kept = self.kept_routes.iter().find(|(at, of, _)| *at == id && *of == prefix);
        if let Some((.., route)) = kept {
            return Ok(found(table, route));
        }
        let targets: Vec<String> = routes.iter().map(|one| one.target.to_string()).collect();
        let what = format!("picks the route to {}", targets.join(" or "));
        self.note(named(table), what, "RT-06");
        let pick = self.packet.picks.get(self.picked);
        self.picked += 1;
        let is_picked = |route: &&&Route| {
            let name = format!("the route of {id} to {}", route.target);
            pick.is_some_and(|pick| **pick == *name)
        };
        match routes.iter().find(is_picked) {
            Some(route) => {
                self.kept_routes.push((id, prefix, route));
                Ok(found(table, route))
            }
            None => lost(format!("which of several equal routes in {id} AWS picked")),
        }
    }

    /// The subnet of `vpc` that holds an address (RT-13).
    pub(super) fn local_subnet(
        &mut self,
        from: &'a Subnet,
        vpc: &VpcId,
        address: IpAddr,
    ) -> Go<&'a Subnet> {
        let mut subnets = self.network.subnets.values();
        let found = subnets.find(|subnet| subnet.vpc == *vpc && on_link(subnet, address));
        if let Some(subnet) = found {
            return Ok(subnet);
        }
        let scope = self.network.vpcs.get(vpc).map(|vpc| &vpc.about.scope);
        if !self.network.coverage.covers(scope.unwrap_or(&from.about.scope), Kind::Subnet) {
            return lost(format!("the subnets of {vpc} are not in the input"));
        }
        self.drop("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", named(from), "RT-13")
    }
}

/// PW-04: whether an address is on the subnet's own link.
pub(super) fn on_link(subnet: &Subnet, address: IpAddr) -> bool {
    subnet.cidrs.iter().any(|cidr| cidr.contains(&address))
}

/// RT-01: the table that lists the subnet, else its VPC's main table.
fn table_of<'a>(network: &'a Network, subnet: &Subnet) -> Option<&'a RouteTable> {
    let tables = &network.route_tables;
    tables
        .values()
        .find(|table| table.subnets.contains(&subnet.id))
        .or_else(|| tables.values().find(|table| table.main && table.vpc == subnet.vpc))
}

pub(super) fn lookup<'a>(
    network: &'a Network,
    subnet: &Subnet,
    destination: Address<'_>,
) -> Lookup<'a> {
    let Some(table) = table_of(network, subnet) else {
        return Lookup::Unknown(format!(
            "the route table of subnet {} is not in the input",
            subnet.id
        ));
    };
    lookup_in(network, table, &subnet.vpc, destination)
}

/// What a table of `vpc` says of an address.
pub(super) fn lookup_in<'a>(
    network: &Network,
    table: &'a RouteTable,
    vpc: &VpcId,
    destination: Address<'_>,
) -> Lookup<'a> {
    if in_cidrs(destination, &NEVER_FORWARDED) == Match::Yes {
        return Lookup::None(table);
    }
    let mut candidates = Vec::new();
    // RT-11
    let absent = network.assumptions.holds("RT_FILTERED_IS_ABSENT");
    for route in &table.routes {
        if absent && matches!(route.state, RouteState::Other(_)) {
            continue;
        }
        if let Err(fact) = hold(network, vpc, route, destination, &mut candidates) {
            return Lookup::Unknown(fact);
        }
    }
    // RT-19
    let open = network.assumptions.holds("RS_VS_PROPAGATED_INDETERMINATE");
    choose(table, candidates, open)
}

/// Adds the route, once for each of its prefixes that holds the address.
fn hold<'a>(
    network: &Network,
    vpc: &VpcId,
    route: &'a Route,
    destination: Address<'_>,
    candidates: &mut Vec<Candidate<'a>>,
) -> Result<(), String> {
    match &route.destination {
        Destination::Cidr(cidr) => {
            if !loses_to_local(network, vpc, route, *cidr) {
                hold_cidr(route, *cidr, destination, candidates)?;
            }
        }
        Destination::PrefixList(id) => {
            hold_list(network, vpc, route, id, destination, candidates)?;
        }
    }
    Ok(())
}

fn hold_cidr<'a>(
    route: &'a Route,
    cidr: IpNet,
    destination: Address<'_>,
    candidates: &mut Vec<Candidate<'a>>,
) -> Result<(), String> {
    let length = match cidr.prefix_len() {
        0 => Length::Zero,
        bits => Length::Bits(bits),
    };
    match in_cidrs(destination, &[cidr]) {
        Match::Yes => candidates.push(Candidate { route, length, prefix: Some(cidr) }),
        Match::No => {}
        Match::Maybe => return Err(format!("whether {cidr} holds {}", destination.text())),
    }
    Ok(())
}

/// RT-04: every entry of a list competes with its own length.
fn hold_list<'a>(
    network: &Network,
    vpc: &VpcId,
    route: &'a Route,
    id: &PrefixListId,
    destination: Address<'_>,
    candidates: &mut Vec<Candidate<'a>>,
) -> Result<(), String> {
    match read_list(network, destination, id) {
        List::Entries(entries) => {
            for &entry in entries {
                if !loses_to_local(network, vpc, route, entry) {
                    hold_cidr(route, entry, destination, candidates)?;
                }
            }
        }
        List::Symbol(Match::Yes) => {
            candidates.push(Candidate { route, length: Length::Unlisted, prefix: None });
        }
        List::Symbol(_) | List::Unknown(Match::No) => {}
        List::Unknown(_) => {
            return Err(format!("the entries of prefix list {id}"));
        }
    }
    Ok(())
}

/// RT-07: what a virtual private gateway propagates within the VPC's own range loses to the local
/// route even where it is longer. What a person states there does not (RT-08).
fn loses_to_local(network: &Network, vpc: &VpcId, route: &Route, cidr: IpNet) -> bool {
    let vpc = network.vpcs.get(vpc);
    route.origin == RouteOrigin::EnableVgwRoutePropagation
        && vpc.is_some_and(|vpc| vpc.cidrs.iter().any(|own| own.contains(&cidr)))
}

/// RT-04, RT-05, RT-06, RT-08: the longest; of several, the one whose kind ranks first; of several of
/// those that lead different ways, AWS picks one.
fn choose<'a>(
    table: &'a RouteTable,
    candidates: Vec<Candidate<'a>>,
    open_rank: bool,
) -> Lookup<'a> {
    let Some(longest) = candidates.iter().map(|candidate| candidate.length).max() else {
        return Lookup::None(table);
    };
    let unlisted = candidates.iter().find(|candidate| candidate.length == Length::Unlisted);
    if let (Some(unlisted), Length::Bits(_)) = (unlisted, longest) {
        return Lookup::Unknown(format!(
            "whether an entry of {} is longer than the other routes of {}",
            unlisted.route.destination, table.id
        ));
    }
    let mut best: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.length == longest).collect();
    let first = best.iter().map(|one| rank(one.route)).min();
    best.retain(|one| Some(rank(one.route)) == first);
    // RT-19: where it is not open, a Route Server's route comes first.
    let by_server = |one: &&Candidate| one.route.origin == RouteOrigin::Advertisement;
    let leads_on = |one: &&Candidate| best.iter().any(|two| two.route.target != one.route.target);
    if !open_rank && first == Some(3) && best.iter().any(|one| by_server(one) && leads_on(one)) {
        best.retain(by_server);
    }
    let prefix = best.first().and_then(|one| one.prefix);
    let mut routes: Vec<&Route> = Vec::new();
    for one in best {
        if !routes.iter().any(|route| route.target == one.route.target) {
            routes.push(one.route);
        }
    }
    match routes.as_slice() {
        [] => Lookup::None(table),
        [route] => found(table, route),
        _ => Lookup::Several(table, prefix, routes),
    }
}

/// A route that is dead is taken all the same.
fn found<'a>(table: &'a RouteTable, route: &'a Route) -> Lookup<'a> {
    match route.state {
        RouteState::Active => Lookup::Found(table, route),
        RouteState::Blackhole | RouteState::Other(_) => Lookup::Dead(table),
    }
}

/// RT-05: local, then static, then prefix lists, then propagated and, with them, a Route Server's
/// (RT-19).
fn rank(route: &Route) -> u8 {
    match (&route.target, route.origin, &route.destination) {
        (RouteTarget::Local, ..) => 0,
        (_, RouteOrigin::EnableVgwRoutePropagation | RouteOrigin::Advertisement, _) => 3,
        (_, _, Destination::PrefixList(_)) => 2,
        (_, _, Destination::Cidr(_)) => 1,
    }
}
