//! One VPC.

use super::draw::{below, by_percent, chance};
use super::filters::{Drawing, Entry, Group, GroupPlan};
use super::plan::{Head, Plan, Shape};
use super::space::{ANYWHERE, Cidr, PRIVATE, Place, Span, Tier};
use fastrand::Rng;
use std::collections::BTreeSet;
use std::fmt;

/// How a VPC's hosts get out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VpcKind {
    /// As those of `Nat`, and others' too.
    Hub,
    /// Through NAT gateways.
    Nat,
    /// Not at all: to endpoints only.
    Endpoints,
    /// Through the hub.
    Central,
    /// By public addresses of their own.
    Public,
}

impl VpcKind {
    pub(super) fn has_internet(self) -> bool {
        matches!(self, Self::Hub | Self::Nat | Self::Public)
    }

    fn has_nat(self) -> bool {
        matches!(self, Self::Hub | Self::Nat)
    }

    fn has_endpoints(self) -> bool {
        matches!(self, Self::Hub | Self::Endpoints)
    }
}

/// The services that have interface endpoints.
pub(super) const ENDPOINTS: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];

/// A route table within its VPC: of one zone, or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Table {
    pub(super) tier: Tier,
    pub(super) zone: Option<u8>,
}

impl Table {
    /// Its number within the VPC; 0 is the main one's.
    pub(super) fn number(self) -> u64 {
        let tier = match self.tier {
            Tier::Work => 1,
            Tier::Edge => 2,
            Tier::Transit => 3,
        };
        tier << 4 | self.zone.map_or(0, |zone| 1 + u64::from(zone))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.zone {
            Some(zone) => write!(f, "{}", Place { tier: self.tier, zone }),
            None => f.write_str(self.tier.word()),
        }
    }
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    InternetGateway,
    EgressOnlyGateway,
    /// The NAT gateway of a zone.
    Nat(u8),
    TransitGateway(u32),
    /// The peering with another VPC.
    Peering(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TablePlan {
    pub(super) table: Table,
    pub(super) routes: Vec<(Cidr, Target)>,
    /// Whether it leads to the gateway endpoint for S3.
    pub(super) s3: bool,
}

/// What an interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A node of the load balancer.
    Front,
    /// Of an endpoint, by position in [`ENDPOINTS`].
    Endpoint(usize),
    /// A database.
    Data,
    /// A task of a service.
    Task(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InterfacePlan {
    pub(super) number: u32,
    pub(super) place: Place,
    /// Which address of the subnet it has.
    pub(super) host: u32,
    pub(super) groups: Vec<Group>,
    pub(super) role: Role,
    /// Whether it has a public address.
    pub(super) public: bool,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) port: u16,
    /// The groups of its tasks, without those of single ones.
    pub(super) groups: Vec<Group>,
    /// Whether its tasks have public addresses.
    pub(super) public: bool,
}

/// A whole VPC.
#[derive(Clone, Debug)]
pub(super) struct VpcPlan {
    pub(super) vpc: u32,
    pub(super) name: String,
    pub(super) account: u32,
    pub(super) kind: VpcKind,
    pub(super) zones: u8,
    /// The zones that have a NAT gateway.
    pub(super) nats: u8,
    pub(super) tables: Vec<TablePlan>,
    pub(super) groups: Vec<GroupPlan>,
    /// The entries of the work subnets' own ACL, where they have one.
    pub(super) acl: Option<Vec<Entry>>,
    pub(super) services: Vec<Service>,
    /// The services of AWS that it has endpoints for, by position in [`ENDPOINTS`].
    pub(super) endpoints: usize,
    /// Whether it has a load balancer.
    pub(super) front: bool,
    pub(super) interfaces: Vec<InterfacePlan>,
}

impl VpcPlan {
    pub(super) fn draw(plan: &Plan, vpc: u32, head: &Head) -> Self {
        let random = &mut Rng::with_seed(head.seed);
        let Head { kind, zones, .. } = *head;
        let order = plan.order();
        // A few interfaces are enough for tasks alone; more show the rest.
        let mut left = order.interfaces;
        let mut take = |count: u32, leaves: u32| {
            let taken = left >= count + leaves;
            left -= if taken { count } else { 0 };
            taken
        };
        let each = u32::from(zones);
        let front = take(each, each);
        let wanted = if kind.has_endpoints() { ENDPOINTS.len() } else { 0 };
        let endpoints = (0..wanted).take_while(|_| take(each, each)).count();
        let data = take(each, 4);

        let shared = chance(random, 40);
        let nats = match kind.has_nat() {
            true if shared => 1,
            true => zones,
            false => 0,
        };
        let mut new = Self {
            vpc,
            name: plan.name(vpc),
            account: plan.account(vpc),
            kind,
            zones,
            nats,
            tables: Vec::new(),
            groups: Vec::new(),
            acl: None,
            services: Vec::new(),
            endpoints,
            front,
            interfaces: Vec::new(),
        };
        new.draw_tables(plan, shared, random);
        new.draw_services(left, random);
        let mut drawing = Drawing { plan, vpc, random };
        new.groups = drawing.groups(kind, &new.services);
        if kind != VpcKind::Hub && chance(drawing.random, 10) {
            new.acl = Some(drawing.acl());
        }
        new.share_extras(random);
        new.draw_interfaces(data, left);
        if order.shape == Shape::NoReuse {
            let mut drawing = Drawing { plan, vpc, random };
            let mut known: Vec<(Role, Group)> = Vec::new();
            for interface in &mut new.interfaces {
                // All interfaces of a load balancer or an endpoint have the same groups.
                let shared = matches!(interface.role, Role::Front | Role::Endpoint(_));
                let before = known.iter().find(|(role, _)| shared && *role == interface.role);
                let group = before.map_or(Group::Own(interface.number), |&(_, group)| group);
                if before.is_none() {
                    new.groups.push(drawing.alone(group));
                    known.extend(shared.then_some((interface.role, group)));
                }
                interface.groups.push(group);
            }
        }
        new
    }

    fn draw_tables(&mut self, plan: &Plan, shared: bool, random: &mut Rng) {
        let transit = plan.gateway(self.vpc).map(Target::TransitGateway);
        let both = |span: Span, target: Target| plan.cidrs(span).map(move |cidr| (cidr, target));
        let s3 = self.kind.has_endpoints() || chance(random, 70);
        let work: Vec<Option<u8>> =
            if shared { vec![None] } else { (0..self.zones).map(Some).collect() };
        for zone in work {
            let mut routes = Vec::new();
            match (self.kind, transit) {
                (VpcKind::Hub | VpcKind::Nat, _) => {
                    routes.push((ANYWHERE.v4, Target::Nat(zone.unwrap_or(0))));
                    if plan.dual_stack() {
                        routes.push((ANYWHERE.v6, Target::EgressOnlyGateway));
                    }
                }
                (VpcKind::Public, _) => routes.extend(both(ANYWHERE, Target::InternetGateway)),
                (VpcKind::Central, Some(transit)) => routes.push((ANYWHERE.v4, transit)),
                (VpcKind::Central | VpcKind::Endpoints, _) => {}
            }
            // Some tables were forgotten when the transit gateway came.
            let connected = self.kind == VpcKind::Hub || chance(random, 95);
            let inner = transit.into_iter().flat_map(|transit| both(PRIVATE, transit));
            routes.extend(inner.filter(|_| connected));
            for other in plan.peers(self.vpc) {
                routes.extend(both(plan.span(other), Target::Peering(other)));
            }
            let s3 = s3 && chance(random, 95);
            self.tables.push(TablePlan { table: Table { tier: Tier::Work, zone }, routes, s3 });
        }
        let mut edge = Vec::new();
        match (self.kind, transit) {
            (kind, _) if kind.has_internet() => {
                edge.extend(both(ANYWHERE, Target::InternetGateway))
            }
            (VpcKind::Central, Some(transit)) => edge.push((ANYWHERE.v4, transit)),
            _ => {}
        }
        edge.extend(transit.into_iter().flat_map(|transit| both(PRIVATE, transit)));
        let table = Table { tier: Tier::Edge, zone: None };
        self.tables.push(TablePlan { table, routes: edge, s3: false });
        if transit.is_some() {
            let way_out = (ANYWHERE.v4, Target::Nat(0));
            let routes = plan.is_hub(self.vpc).then_some(way_out).into_iter().collect();
            let table = Table { tier: Tier::Transit, zone: None };
            self.tables.push(TablePlan { table, routes, s3: false });
        }
    }

    fn draw_services(&mut self, tasks: u32, random: &mut Rng) {
        let public = self.kind == VpcKind::Public;
        for number in 0..(tasks / 12).clamp(1, 14) {
            let others = [(20, 8081), (20, 8443), (20, 3000), (20, 443)];
            let port = by_percent(random, 8080, &others);
            let mut groups = vec![Group::App(number)];
            groups.extend(chance(random, 50).then_some(Group::Common));
            groups.extend(chance(random, 30).then_some(Group::Admin));
            let public = public && chance(random, 66);
            self.services.push(Service { port, groups, public });
        }
    }

    /// Gives some services a further group.
    fn share_extras(&mut self, random: &mut Rng) {
        let is_extra = |group: &Group| matches!(group, Group::Extra(_));
        let extras: Vec<Group> = self.groups.iter().map(|one| one.group).filter(is_extra).collect();
        let Ok(count) = u32::try_from(extras.len()) else { return };
        for service in &mut self.services {
            if chance(random, 25)
                && let Some(extra) = extras.get(below(random, count) as usize)
            {
                service.groups.push(*extra);
            }
        }
    }

    fn draw_interfaces(&mut self, data: bool, tasks: u32) {
        let zones = self.zones;
        // AWS keeps the first four addresses of a subnet.
        let mut next = [4_u32; 12];
        let mut all: Vec<InterfacePlan> = Vec::new();
        let mut add = |tier: Tier, zone: u8, groups: &[Group], role: Role, public: bool| {
            let place = Place { tier, zone };
            let Some(next) = next.get_mut(usize::from(place.number())) else { return };
            let (host, number) = (*next, u32::try_from(all.len()).unwrap_or(u32::MAX));
            *next += 1;
            let groups = groups.to_vec();
            all.push(InterfacePlan { number, place, host, groups, role, public });
        };
        let internet = self.kind.has_internet();
        for zone in (0..zones).filter(|_| self.front) {
            add(Tier::Edge, zone, &[Group::Front], Role::Front, internet);
        }
        for endpoint in 0..self.endpoints {
            for zone in 0..zones {
                add(Tier::Work, zone, &[Group::Endpoints], Role::Endpoint(endpoint), false);
            }
        }
        for zone in (0..zones).filter(|_| data) {
            add(Tier::Work, zone, &[Group::Data], Role::Data, false);
        }
        // One task of a service in each zone, then of the next service.
        let services = (0..).zip(&self.services).cycle();
        let places = services.flat_map(|one| (0..zones).map(move |zone| (one, zone)));
        for ((number, service), zone) in places.take(tasks as usize) {
            add(Tier::Work, zone, &service.groups, Role::Task(number), service.public);
        }
        self.interfaces = all;
    }

    /// The subnets.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let tiers: BTreeSet<Tier> = self.tables.iter().map(|one| one.table.tier).collect();
        let zones = self.zones;
        tiers.into_iter().flat_map(move |tier| (0..zones).map(move |zone| Place { tier, zone }))
    }

    /// The table of a subnet.
    pub(super) fn table_of(&self, place: Place) -> Option<Table> {
        let own = Some(place.zone);
        let mut tables = self.tables.iter().map(|one| one.table);
        tables.find(|one| one.tier == place.tier && (one.zone.is_none() || one.zone == own))
    }

    /// Whether it has a gateway endpoint for S3.
    pub(super) fn has_s3(&self) -> bool {
        self.tables.iter().any(|one| one.s3)
    }

    /// Whether its hosts get out over IPv6.
    pub(super) fn has_egress_only(&self) -> bool {
        let leads = |&(_, target): &(Cidr, Target)| target == Target::EgressOnlyGateway;
        self.tables.iter().any(|one| one.routes.iter().any(leads))
    }

    /// The interfaces of a role.
    pub(super) fn in_role(&self, role: Role) -> impl Iterator<Item = &InterfacePlan> {
        self.interfaces.iter().filter(move |one| one.role == role)
    }

    /// What a service is called in the whole network.
    pub(super) fn service_name(&self, number: u32) -> String {
        format!("{}-app-{number}", self.name)
    }
}
