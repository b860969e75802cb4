//! Security groups and network ACLs.

use super::draw::{below, by_percent, chance};
use super::plan::Plan;
use super::space::{ANYWHERE, Cidr, PRIVATE, Place, Span, Tier};
use super::vpc::{Service, VpcKind};
use fastrand::Rng;
use std::fmt;

/// A security group within its VPC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// The one that every VPC has.
    Default,
    /// The load balancer's.
    Front,
    /// Of the databases.
    Data,
    Endpoints,
    /// What many have besides their own.
    Common,
    Admin,
    /// Each service's own.
    App(u32),
    /// Some more, of some services.
    Extra(u32),
    /// Of one interface alone.
    Own(u32),
}

impl Group {
    /// Its number within the VPC.
    pub(super) fn number(self) -> u64 {
        let (kind, number) = match self {
            Self::Default => (0, 0),
            Self::Front => (1, 0),
            Self::Data => (2, 0),
            Self::Endpoints => (3, 0),
            Self::Common => (4, 0),
            Self::Admin => (5, 0),
            Self::App(number) => (6, number),
            Self::Extra(number) => (7, number),
            Self::Own(number) => (8, number),
        };
        kind << 32 | u64::from(number)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Front => f.write_str("front"),
            Self::Data => f.write_str("data"),
            Self::Endpoints => f.write_str("endpoints"),
            Self::Common => f.write_str("common"),
            Self::Admin => f.write_str("admin"),
            Self::App(number) => write!(f, "app-{number}"),
            Self::Extra(number) => write!(f, "extra-{number}"),
            Self::Own(number) => write!(f, "own-{number}"),
        }
    }
}

/// Whom a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Cidr(Cidr),
    Group {
        vpc: u32,
        group: Group,
    },
    /// S3, by AWS's prefix list.
    S3,
}

/// The ports of a rule over TCP; all traffic without them.
pub(super) type Ports = Option<(u16, u16)>;

/// Rules of one direction, one per range of ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules(pub(super) Vec<(Ports, Vec<Peer>)>);

impl Rules {
    /// Adds a rule, unless it is there.
    fn allow(&mut self, ports: Ports, peer: Peer) {
        match self.0.iter_mut().find(|(own, _)| *own == ports) {
            Some((_, peers)) if peers.contains(&peer) => {}
            Some((_, peers)) => peers.push(peer),
            None => self.0.push((ports, vec![peer])),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupPlan {
    pub(super) group: Group,
    pub(super) ingress: Rules,
    pub(super) egress: Rules,
}

/// An entry of a network ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u32,
    pub(super) egress: bool,
    pub(super) allow: bool,
    pub(super) ports: Ports,
    pub(super) cidr: Cidr,
}

/// Draws the filters of one VPC.
pub(super) struct Drawing<'d> {
    pub(super) plan: &'d Plan,
    pub(super) vpc: u32,
    pub(super) random: &'d mut Rng,
}

const fn port(port: u16) -> Ports {
    Some((port, port))
}

const HTTPS: Ports = port(443);
const POSTGRES: Ports = port(5432);

/// The ephemeral ports that AWS recommends to admit.
const EPHEMERAL: Ports = Some((1024, 65535));

impl Drawing<'_> {
    fn span(&self, rules: &mut Rules, ports: Ports, span: Span) {
        for cidr in self.plan.cidrs(span) {
            rules.allow(ports, Peer::Cidr(cidr));
        }
    }

    fn to(&self, ports: Ports, span: Span) -> Rules {
        let mut rules = Rules::default();
        self.span(&mut rules, ports, span);
        rules
    }

    fn own(&self, group: Group) -> Peer {
        Peer::Group { vpc: self.vpc, group }
    }

    /// The blocks of some VPC.
    fn some_vpc(&mut self) -> Span {
        let vpc = below(self.random, self.plan.order().vpcs);
        self.plan.span(vpc)
    }

    /// The blocks of a subnet of some VPC.
    fn some_subnet(&mut self, zones: u32) -> Span {
        let vpc = below(self.random, self.plan.order().vpcs);
        let zone = if below(self.random, zones) == 0 { 0 } else { 1 };
        self.plan.subnet(vpc, Place { tier: Tier::Work, zone })
    }

    /// A block around some host, of that many bits.
    fn some_host(&mut self, length: u8) -> Cidr {
        let order = self.plan.order();
        let vpc = below(self.random, order.vpcs);
        let zone = if chance(self.random, 50) { 0 } else { 1 };
        let host = 4 + below(self.random, order.interfaces / 3);
        let address = u32::from(self.plan.host(vpc, Place { tier: Tier::Work, zone }, host));
        Cidr::V4(address >> (32 - length) << (32 - length), length)
    }

    /// The groups that interfaces share.
    pub(super) fn groups(&mut self, kind: VpcKind, services: &[Service]) -> Vec<GroupPlan> {
        let nothing = Rules::default;
        let apps = || (0..).map(Group::App).take(services.len());
        let mut front = GroupPlan {
            group: Group::Front,
            ingress: self.to(HTTPS, ANYWHERE),
            egress: self.to(None, ANYWHERE),
        };
        self.span(&mut front.ingress, port(80), ANYWHERE);
        let mut default =
            GroupPlan { group: Group::Default, ingress: nothing(), egress: front.egress.clone() };
        default.ingress.allow(None, self.own(Group::Default));
        let mut all = vec![default, front];

        let mut data = GroupPlan { group: Group::Data, ingress: nothing(), egress: nothing() };
        for group in apps() {
            if chance(self.random, 60) {
                data.ingress.allow(POSTGRES, self.own(group));
            }
        }
        all.push(data);

        let mut endpoints =
            GroupPlan { group: Group::Endpoints, ingress: nothing(), egress: nothing() };
        match chance(self.random, 85) {
            true if kind == VpcKind::Hub => self.span(&mut endpoints.ingress, HTTPS, PRIVATE),
            true => self.span(&mut endpoints.ingress, HTTPS, self.plan.span(self.vpc)),
            false => endpoints.ingress.allow(HTTPS, self.own(Group::App(0))),
        }
        all.push(endpoints);

        let mut common =
            GroupPlan { group: Group::Common, ingress: nothing(), egress: self.to(HTTPS, PRIVATE) };
        if chance(self.random, 30) {
            self.span(&mut common.ingress, HTTPS, PRIVATE);
        } else {
            for _ in 0..3 {
                let span = self.some_vpc();
                self.span(&mut common.ingress, HTTPS, span);
            }
        }
        all.push(common);

        let hub = self.plan.span(0);
        let mut admin =
            GroupPlan { group: Group::Admin, ingress: self.to(port(22), hub), egress: nothing() };
        self.span(&mut admin.ingress, Some((9000, 9100)), hub);
        let span = self.some_subnet(2);
        self.span(&mut admin.ingress, HTTPS, span);
        all.push(admin);

        for (group, service) in apps().zip(services) {
            let app = self.app(group, service);
            all.push(app);
        }
        for number in 0..below(self.random, 4) {
            let extra = self.extra(Group::Extra(number), services);
            all.push(extra);
        }
        all
    }

    /// The group of a service.
    fn app(&mut self, group: Group, service: &Service) -> GroupPlan {
        let mut ingress = Rules::default();
        ingress.allow(port(service.port), self.own(Group::Front));
        if group == Group::App(0) {
            // Each peering is used one way.
            for other in self.plan.peers(self.vpc).filter(|&other| other < self.vpc) {
                ingress.allow(HTTPS, Peer::Group { vpc: other, group: Group::App(0) });
            }
        }
        let own_block = self.plan.span(self.vpc);
        let everything = self.to(None, ANYWHERE);
        let https = self.to(HTTPS, ANYWHERE);
        let mut inside = self.to(HTTPS, own_block);
        inside.allow(POSTGRES, self.own(Group::Data));
        inside.allow(HTTPS, Peer::S3);
        let mut narrow = self.to(Some((8080, 8090)), PRIVATE);
        narrow.allow(POSTGRES, self.own(Group::Data));
        let egress = by_percent(self.random, everything, &[(15, https), (10, inside), (5, narrow)]);
        GroupPlan { group, ingress, egress }
    }

    /// A group that admits some subnets of anywhere, and sometimes single hosts.
    fn extra(&mut self, group: Group, services: &[Service]) -> GroupPlan {
        let mut ingress = Rules::default();
        for _ in 0..=below(self.random, 6) {
            let span = self.some_subnet(3);
            self.span(&mut ingress, HTTPS, span);
        }
        if chance(self.random, 30) {
            let length = if chance(self.random, 50) { 32 } else { 28 };
            ingress.allow(HTTPS, Peer::Cidr(self.some_host(length)));
        }
        let services = u32::try_from(services.len()).unwrap_or(u32::MAX);
        let app = Group::App(below(self.random, services));
        ingress.allow(Some((443, 8443)), self.own(app));
        GroupPlan { group, ingress, egress: Rules::default() }
    }

    /// A group that admits one host.
    pub(super) fn alone(&mut self, group: Group) -> GroupPlan {
        let mut ingress = Rules::default();
        ingress.allow(HTTPS, Peer::Cidr(self.some_host(32)));
        GroupPlan { group, ingress, egress: Rules::default() }
    }

    /// The entries of the ACL that some VPCs have for their work subnets. Some forget the replies.
    pub(super) fn acl(&mut self) -> Vec<Entry> {
        let own = self.plan.span(self.vpc);
        let forgets = chance(self.random, 30);
        let mut entries = Vec::new();
        let mut add = |egress: bool, number: u32, allow: bool, ports: Ports, span: Span| {
            // Each family has entries of its own, one number apart.
            for (cidr, number) in self.plan.cidrs(span).zip(number..) {
                entries.push(Entry { number, egress, allow, ports, cidr });
            }
        };
        add(false, 90, false, port(22), ANYWHERE);
        add(false, 100, true, HTTPS, PRIVATE);
        add(false, 110, true, Some((8080, 8090)), own);
        if !forgets {
            add(false, 120, true, EPHEMERAL, ANYWHERE);
        }
        add(true, 100, true, HTTPS, ANYWHERE);
        add(true, 110, true, Some((5432, 8090)), own);
        add(true, 120, true, EPHEMERAL, PRIVATE);
        entries
    }
}
