//! Changing some fields of a resource without touching the others.
//!
//! A resource that came from AWS holds more than a person can write down. So a change to it is read
//! twice, from what can be written of it without the change and with it: what differs between the
//! two is the change, and everything else stays as it was, to the last field.

use crate::header::AddressSet;
use crate::network::{
    About, AclEntry, AnyResource, At, CapacityProvider, Cluster, Container, ContainerInstance,
    DhcpOptions, EgressOnlyGateway, FileSystem, Firewall, FirewallPolicy, GroupRule, HostedZone,
    Instance, InternetGateway, Listener, LoadBalancer, NatGateway, NetworkAcl, NetworkInterface,
    Peer, PeeringConnection, PrefixList, PublicAccessBlock, PublicAccessExclusion, Record,
    ResolverRule, Route, RouteTable, SecurityGroup, Service, ServiceTarget, Socket, StatedNeed,
    StatefulRule, StatelessRule, Subnet, Tags, Target, TargetGroup, Task, TaskDefinition,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRoute, TransitGatewayRouteTable,
    VirtualPrivateGateway, Vpc, VpcEndpoint,
};
use std::collections::BTreeSet;

/// The field of a resource that cannot be written down exactly, and so not be changed in part.
pub type Unsettled = &'static str;

/// A value that can be changed in part.
trait Settle: Sized {
    /// The value with what differs between `before` and `after`.
    fn settle(self, before: &Self, after: Self) -> Result<Self, Unsettled>;
}

/// A value as far as it matters to packets: where it was stated, and under which id, does not.
trait Plain: Clone {
    fn strip(&mut self);

    fn stripped(&self) -> Self {
        let mut plain = self.clone();
        plain.strip();
        plain
    }
}

/// Where something was stated, and what depends on nothing else: the later one counts.
trait Loose: PartialEq + Sized {
    fn loose(self, before: &Self, after: Self) -> Self {
        if after == *before { self } else { after }
    }
}

fn loose<T: Loose>(base: T, before: &T, after: T) -> T {
    base.loose(before, after)
}

impl Loose for Option<At> {}
impl Loose for Option<AddressSet> {}

/// Another tag changes nothing else.
impl Loose for About {
    fn loose(self, before: &Self, after: Self) -> Self {
        let tags = match after.tags == before.tags {
            true => self.tags.clone(),
            false => after.tags.clone(),
        };
        let other = |about: &Self| Self { tags: Tags::default(), ..about.clone() };
        let kept = if other(&after) == other(before) { self } else { after };
        Self { tags, ..kept }
    }
}

/// A value that is replaced as a whole, if it is known in full.
fn whole<T: PartialEq>(name: Unsettled, base: T, before: &T, after: T) -> Result<T, Unsettled> {
    match (after == *before, base == *before) {
        (true, _) => Ok(base),
        (false, true) => Ok(after),
        (false, false) => Err(name),
    }
}

fn set<T: Ord>(mut base: BTreeSet<T>, before: &BTreeSet<T>, after: BTreeSet<T>) -> BTreeSet<T> {
    base.retain(|one| after.contains(one) || !before.contains(one));
    base.extend(after.into_iter().filter(|one| !before.contains(one)));
    base
}

/// Items that can be told apart.
trait Items: Sized {
    fn settle_items(self, name: Unsettled, before: &Self, after: Self) -> Result<Self, Unsettled>;
}

impl<T: Plain + PartialEq + Item> Items for Vec<T> {
    fn settle_items(self, name: Unsettled, before: &Self, after: Self) -> Result<Self, Unsettled> {
        if after == *before {
            return Ok(self);
        }
        // Each item that could be written down, with the one that it was written from.
        let mut left: Vec<Option<T>> = self.into_iter().map(Some).collect();
        let mut origin: Vec<Option<T>> = Vec::new();
        for one in before {
            let plain = one.stripped();
            let same = |it: &&mut Option<T>| it.as_ref().is_some_and(|it| it.same(&plain));
            origin.push(left.iter_mut().find(same).and_then(Option::take));
        }
        let mut kept = vec![false; before.len()];
        let mut items = Vec::new();
        for one in after {
            let equal = before.iter().zip(&kept).position(|(other, kept)| !kept && *other == one);
            let partly =
                || before.iter().zip(&kept).position(|(other, kept)| !kept && other.partly(&one));
            match equal.or_else(partly) {
                Some(index) => {
                    if let Some(kept) = kept.get_mut(index) {
                        *kept = true;
                    }
                    match (origin.get_mut(index).and_then(Option::take), before.get(index)) {
                        (Some(base), Some(before)) => items.push(base.settle_item(before, one)?),
                        // Not written exactly: the original is among those that are left.
                        _ if equal.is_some() => {}
                        _ => return Err(name),
                    }
                }
                None => items.push(one),
            }
        }
        // What was not written exactly cannot be taken away.
        let gone = kept.iter().zip(&origin).any(|(kept, origin)| !kept && origin.is_none());
        if gone {
            return Err(name);
        }
        items.extend(left.into_iter().flatten());
        Ok(items)
    }
}

impl<T: Plain + PartialEq + Item> Items for Option<Vec<T>> {
    fn settle_items(self, name: Unsettled, before: &Self, after: Self) -> Result<Self, Unsettled> {
        if after == *before {
            return Ok(self);
        }
        match (self, before, after) {
            (Some(base), Some(before), Some(after)) => {
                base.settle_items(name, before, after).map(Some)
            }
            (base, before, after) => whole(name, base, before, after),
        }
    }
}

/// An item of a list.
trait Item: Plain + PartialEq {
    /// Whether it is what was written down; both stand without their places.
    fn same(&self, plain: &Self) -> bool {
        self.stripped() == *plain
    }

    /// Whether it is the same thing, changed.
    fn partly(&self, _other: &Self) -> bool {
        false
    }

    /// It with what differs.
    fn settle_item(self, before: &Self, after: Self) -> Result<Self, Unsettled> {
        Ok(if after == *before { self } else { after })
    }
}

impl Plain for About {
    fn strip(&mut self) {
        self.at = None;
    }
}

impl Plain for Option<At> {
    fn strip(&mut self) {
        *self = None;
    }
}

impl Plain for Option<AddressSet> {
    fn strip(&mut self) {}
}

impl<T: Plain> Plain for Vec<T> {
    fn strip(&mut self) {
        self.iter_mut().for_each(Plain::strip);
    }
}

impl<T: Plain> Plain for Option<Vec<T>> {
    fn strip(&mut self) {
        self.iter_mut().for_each(Plain::strip);
    }
}

impl Plain for GroupRule {
    fn strip(&mut self) {
        self.at = None;
        self.rule_id = None;
        if let Peer::Group(reference) = &mut self.peer {
            reference.peering_status = None;
        }
    }
}

macro_rules! items {
    ($($item:ident { $($place:ident),* })*) => {$(
        impl Plain for $item {
            fn strip(&mut self) {
                $(self.$place = None;)*
            }
        }
        impl Item for $item {}
    )*};
}

items! {
    Route { at }
    AclEntry { at }
    Socket { at }
    StatedNeed { at }
    Listener { at }
    TransitGatewayRoute { at }
    Record {}
    Target {}
    ServiceTarget {}
}

impl Item for GroupRule {}

/// A container is known by its name.
impl Item for Container {
    fn same(&self, plain: &Self) -> bool {
        self.name == plain.name
    }

    fn partly(&self, other: &Self) -> bool {
        self.name == other.name
    }

    fn settle_item(self, before: &Self, after: Self) -> Result<Self, Unsettled> {
        self.settle(before, after)
    }
}

macro_rules! settled {
    ($($name:ident {
        loose: [$($loose:ident),*],
        whole: [$($whole:ident),*],
        sets: [$($set:ident),*],
        lists: [$($list:ident),*],
    })*) => {$(
        impl Settle for $name {
            fn settle(self, before: &Self, after: Self) -> Result<Self, Unsettled> {
                Ok(Self {
                    $($loose: loose(self.$loose, &before.$loose, after.$loose),)*
                    $($whole: whole(stringify!($whole), self.$whole, &before.$whole, after.$whole)?,)*
                    $($set: set(self.$set, &before.$set, after.$set),)*
                    $($list: self.$list.settle_items(stringify!($list), &before.$list, after.$list)?,)*
                })
            }
        }

        impl Plain for $name {
            fn strip(&mut self) {
                $(self.$loose.strip();)*
                $(self.$list.strip();)*
            }
        }
    )*};
}

impl Plain for Firewall {
    fn strip(&mut self) {
        self.about.strip();
        if let Some(policy) = &mut self.policy {
            policy.stateless.iter_mut().for_each(|rule| rule.at = None);
            policy.stateful.iter_mut().for_each(|rule| rule.at = None);
        }
    }
}

/// A policy whose rules stand where they stood.
fn placed(mut policy: FirewallPolicy, former: Option<&FirewallPolicy>) -> FirewallPolicy {
    let (stateless, stateful) =
        former.map_or((&[][..], &[][..]), |one| (&one.stateless[..], &one.stateful[..]));
    for rule in &mut policy.stateless {
        let same = |one: &&StatelessRule| {
            StatelessRule { at: rule.at.clone(), ..(**one).clone() } == *rule
        };
        rule.at = stateless.iter().find(same).map_or(rule.at.clone(), |one| one.at.clone());
    }
    for rule in &mut policy.stateful {
        let same =
            |one: &&StatefulRule| StatefulRule { at: rule.at.clone(), ..(**one).clone() } == *rule;
        rule.at = stateful.iter().find(same).map_or(rule.at.clone(), |one| one.at.clone());
    }
    policy
}

/// A policy is changed as a whole: the order of its rules is what it says.
impl Settle for Firewall {
    fn settle(self, before: &Self, after: Self) -> Result<Self, Unsettled> {
        let (base_plain, before_plain, after_plain) =
            (self.stripped(), before.stripped(), after.stripped());
        let policy = match (
            after_plain.policy == before_plain.policy,
            base_plain.policy == before_plain.policy,
        ) {
            (true, _) => self.policy,
            (false, true) => after.policy.map(|policy| placed(policy, self.policy.as_ref())),
            (false, false) => return Err("policy"),
        };
        Ok(Self {
            id: self.id,
            about: loose(self.about, &before.about, after.about),
            endpoints: whole("endpoints", self.endpoints, &before.endpoints, after.endpoints)?,
            policy,
        })
    }
}

settled! {
    PublicAccessExclusion {
        loose: [about],
        whole: [id, excluded, mode, state],
        sets: [],
        lists: [],
    }
    PublicAccessBlock {
        loose: [about],
        whole: [id, mode],
        sets: [],
        lists: [],
    }
    Vpc {
        loose: [about],
        whole: [id, cidrs, private_v6, dns_support, dns_hostnames, dhcp_options, public_access, encryption_enforced],
        sets: [],
        lists: [],
    }
    Subnet {
        loose: [about],
        whole: [id, vpc, cidrs, dns64, zone, map_public_ip, available_addresses, public_access],
        sets: [],
        lists: [],
    }
    RouteTable {
        loose: [about],
        whole: [id, vpc, main],
        sets: [subnets, gateways],
        lists: [routes],
    }
    InternetGateway {
        loose: [about],
        whole: [id, attachments],
        sets: [],
        lists: [],
    }
    NatGateway {
        loose: [about],
        whole: [id, vpc, subnet, route_table, expands, connectivity, state, addresses, undocumented],
        sets: [],
        lists: [],
    }
    VpcEndpoint {
        loose: [about],
        whole: [appliance_passes, policy, dns_records, families, id, vpc, endpoint_type, service_name, service_region, state, private_dns, private_dns_only_for_inbound_resolver, private_dns_names],
        sets: [subnets, groups, interfaces, route_tables],
        lists: [],
    }
    EgressOnlyGateway {
        loose: [about],
        whole: [id, attachments],
        sets: [],
        lists: [],
    }
    VirtualPrivateGateway {
        loose: [about],
        whole: [id, attachments],
        sets: [],
        lists: [],
    }
    PeeringConnection {
        loose: [about],
        whole: [id, ends, state, undocumented],
        sets: [],
        lists: [],
    }
    TransitGateway {
        loose: [about],
        whole: [id, group_references, undocumented],
        sets: [],
        lists: [],
    }
    TransitGatewayAttachment {
        loose: [about],
        whole: [id, transit_gateway, attached, state, appliance_mode, group_references, ipv6],
        sets: [],
        lists: [],
    }
    TransitGatewayRouteTable {
        loose: [about],
        whole: [id, transit_gateway],
        sets: [associations],
        lists: [routes],
    }
    SecurityGroup {
        loose: [about],
        whole: [id, vpc],
        sets: [],
        lists: [ingress, egress],
    }
    NetworkAcl {
        loose: [about],
        whole: [id, vpc, is_default],
        sets: [subnets],
        lists: [ingress, egress],
    }
    PrefixList {
        loose: [about],
        whole: [id, entries],
        sets: [],
        lists: [],
    }
    NetworkInterface {
        loose: [about, planned, sockets_at],
        whole: [deny_igw, forwards, id, subnet, vpc, addresses, prefixes, planned_public, source_dest_check, usable, role, instance, sockets_known, published, operating_system],
        sets: [groups],
        lists: [sockets],
    }
    Instance {
        loose: [about],
        whole: [id, state, interfaces],
        sets: [],
        lists: [],
    }
    LoadBalancer {
        loose: [about],
        whole: [id, balancer_type, scheme, vpc, dns_name, families, public_ipv4, cross_zone, idle_seconds],
        sets: [subnets, groups],
        lists: [listeners],
    }
    TargetGroup {
        loose: [about, at],
        whole: [id, vpc, port, protocol, target_type, family, health_check_port, health_check, preserve_client_ip, cross_zone],
        sets: [load_balancers],
        lists: [targets],
    }
    Service {
        loose: [about],
        whole: [id, cluster, launch_type, capacity_provider, subnets, assign_public_ip, platform_version, task_definition, desired_count, maximum_percent, grace_seconds, execute_command, service_connect, observed],
        sets: [groups],
        lists: [targets, needs],
    }
    Task {
        loose: [about],
        whole: [id, group, cluster, launch_type, last_status, task_definition, interfaces, subnet, container_instance, stop_code, stopped_reason, containers, observed],
        sets: [],
        lists: [],
    }
    TaskDefinition {
        loose: [about],
        whole: [id, network_mode, operating_system, cpu_architecture, cpu, memory, execution_role, task_role, volumes, proxy, not_modelled],
        sets: [],
        lists: [containers],
    }
    Cluster {
        loose: [about],
        whole: [id, default_providers, execute_key, execute_logs, execute_bucket],
        sets: [],
        lists: [],
    }
    CapacityProvider {
        loose: [about],
        whole: [id, source],
        sets: [],
        lists: [],
    }
    ContainerInstance {
        loose: [about],
        whole: [id, cluster, instance, capacity_provider, agent_connected, dynamic_ports],
        sets: [],
        lists: [],
    }
    FileSystem {
        loose: [about],
        whole: [id, mount_targets],
        sets: [],
        lists: [],
    }
    DhcpOptions {
        loose: [about],
        whole: [id, name_servers, answers],
        sets: [],
        lists: [],
    }
    HostedZone {
        loose: [about],
        whole: [id, domain, private, vpcs],
        sets: [],
        lists: [records],
    }
    ResolverRule {
        loose: [about],
        whole: [id, domain, rule_type, vpcs, targets, answers],
        sets: [],
        lists: [],
    }
    Container {
        loose: [at],
        whole: [name, image, optional, port_mappings, command, entry_point, environment, user, health_check, depends_on, secrets, repository_credentials, environment_files, log, firelens],
        sets: [],
        lists: [listens],
    }
}

macro_rules! any {
    ($($kind:ident),* $(,)?) => {
        /// The resource with what differs between `before` and `after`, which were written from
        /// it. Everything else stays as it is.
        ///
        /// # Errors
        /// The field that differs and cannot be written down exactly.
        pub fn settle(
            base: AnyResource,
            before: &AnyResource,
            after: AnyResource,
        ) -> Result<AnyResource, Unsettled> {
            match (base, before, after) {
                $((AnyResource::$kind(base), AnyResource::$kind(before), AnyResource::$kind(after)) => {
                    Ok((*base).settle(before, *after)?.into())
                })*
                (base, ..) => Ok(base),
            }
        }

        /// The resource without the places where it and its parts were stated, and the ids of its
        /// rules: what packets see of it.
        #[must_use]
        pub fn plain(mut resource: AnyResource) -> AnyResource {
            match &mut resource {
                $(AnyResource::$kind(resource) => resource.strip(),)*
                AnyResource::Other(resource) => resource.about.strip(),
            }
            resource
        }
    };
}

any! {
    PublicAccessBlock, PublicAccessExclusion, Firewall, Vpc, Subnet, RouteTable, InternetGateway, EgressOnlyGateway, NatGateway, VpcEndpoint, VirtualPrivateGateway, PeeringConnection, TransitGateway, TransitGatewayAttachment, TransitGatewayRouteTable, SecurityGroup, NetworkAcl, PrefixList, NetworkInterface, Instance, LoadBalancer, TargetGroup, Service, Task, TaskDefinition, Cluster, CapacityProvider, ContainerInstance, FileSystem, DhcpOptions, HostedZone, ResolverRule,
}
