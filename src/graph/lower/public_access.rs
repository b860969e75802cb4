//! VPC Block Public Access: what a facing subnet may exchange with an internet gateway.

use super::{Lowering, reference};
use crate::answer::{Missing, ResourceRef};
use crate::graph::{
    Action, Clause, Guard, GuardId, Note, Order, PeerTest, RuleSet, Side, Stop, TranslatorIndex,
};
use crate::header::{PortSet, ProtocolMatch};
use crate::network::{
    At, BlockMode, Excluded, ExclusionMode, Kind, PublicAccessBlock, PublicAccessExclusion,
    Resource, RouteTarget, Scope, Subnet, VpcId,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What becomes of requests between a subnet and an internet gateway.
#[derive(Clone, PartialEq)]
struct Facing {
    /// Those that its interfaces send.
    own: Action,
    /// Those that a NAT gateway sends.
    translated: Action,
    /// Those of them that something passed on in between.
    passed_on: Action,
    /// Those from outside.
    inbound: Action,
}

impl Facing {
    fn all(action: Action) -> Self {
        Self {
            own: action.clone(),
            translated: action.clone(),
            passed_on: action.clone(),
            inbound: action,
        }
    }

    fn open() -> Self {
        Self::all(Action::Pass(None))
    }
}

impl<'n> Lowering<'n> {
    /// BP-02, BP-03: what leaves by the gateway. `facing` is the subnet that sends it; a regional
    /// NAT gateway has none (NG-15).
    pub(super) fn public_egress(
        &mut self,
        vpc: &VpcId,
        facing: Option<&Subnet>,
    ) -> Option<GuardId> {
        let met = self.facing(vpc, facing, false);
        if met == Facing::open() {
            return None;
        }
        self.kept.passed_on_matters |= facing.is_some() && met.passed_on != met.translated;
        let by_sender = |own: &Action, translated: &Action| {
            let (yes, no) = (translated.clone(), own.clone());
            Guard::Translated { by: self.nat_translators(), yes, no }
        };
        let behind = |of: BTreeSet<Arc<str>>, yes: Guard, no: Guard| match of.is_empty() {
            true => no,
            false => Guard::Behind { of, yes: Box::new(yes), no: Box::new(no) },
        };
        let mut guard = by_sender(&met.own, &met.translated);
        if let Some(subnet) = facing {
            // BP-03
            if met.passed_on != met.translated {
                let passed_on = by_sender(&met.own, &met.passed_on);
                guard = behind(self.passed_on_in(subnet), passed_on, guard);
            }
            // BP-04
            let past = self.facing(vpc, facing, true);
            guard = behind(self.firewalled(subnet), by_sender(&past.own, &past.translated), guard);
        }
        Some(self.guard(guard))
    }

    /// Whether options close a VPC's gateways both ways.
    pub(super) fn blocks_both_ways(&self, vpc: &VpcId) -> bool {
        let scope = self.network.vpcs.get(vpc).map(|vpc| &vpc.about.scope);
        let own = scope.and_then(|scope| self.options_of(scope));
        own.is_some_and(|one| one.mode == Some(BlockMode::Bidirectional))
    }

    /// The options of a VPC's account and Region, the first by id where several may be.
    fn options_of(&self, vpc: &Scope) -> Option<&'n PublicAccessBlock> {
        let blocks = &self.network.public_access_blocks;
        let (Some(_), Some(_)) = (&vpc.account, &vpc.region) else {
            return blocks.values().find(|one| is_of(&one.about.scope, vpc));
        };
        let own = self.kept.index.blocks.get(vpc);
        let loose = self.kept.index.loose_blocks.iter();
        let candidates = own.into_iter().chain(loose).filter_map(|id| blocks.get(id));
        candidates.filter(|one| is_of(&one.about.scope, vpc)).min_by_key(|one| &one.id)
    }

    /// What routes lead to in a subnet, to be passed on.
    fn passed_on_in(&self, subnet: &Subnet) -> BTreeSet<Arc<str>> {
        let network = self.network;
        let routes = network.route_tables.values().flat_map(|table| &table.routes);
        let within = routes.filter_map(|route| match &route.target {
            RouteTarget::Interface(id) => {
                let host = network.interfaces.get(id).filter(|one| one.subnet == subnet.id);
                host.map(|one| Arc::from(one.id.as_str()))
            }
            RouteTarget::LoadBalancerEndpoint(id) => {
                let endpoint = network.vpc_endpoints.get(id);
                let endpoint = endpoint.filter(|one| one.subnets.first() == Some(&subnet.id));
                endpoint.map(|one| Arc::from(one.id.as_str()))
            }
            _ => None,
        });
        within.collect()
    }

    /// NG-16: an instance that translates is no NAT gateway.
    pub(super) fn nat_translators(&self) -> Arc<BTreeSet<TranslatorIndex>> {
        Arc::clone(&self.kept.gateway_translators)
    }

    /// The endpoints of firewalls in a subnet.
    fn firewalled(&self, subnet: &Subnet) -> BTreeSet<Arc<str>> {
        let firewalls = self.network.firewalls.values();
        let endpoints = firewalls.flat_map(|one| one.endpoints.keys());
        let within = endpoints.filter_map(|id| self.network.vpc_endpoints.get(id));
        let within = within.filter(|one| one.subnets.first() == Some(&subnet.id));
        within.map(|one| Arc::from(one.id.as_str())).collect()
    }

    /// BP-03: what leaves by an egress-only gateway fares as what a NAT gateway sends.
    pub(super) fn public_egress_only(&mut self, vpc: &VpcId, facing: &Subnet) -> Option<GuardId> {
        match self.facing(vpc, Some(facing), false).translated {
            Action::Pass(None) => None,
            action => Some(self.always_for_requests(action)),
        }
    }

    /// BP-06: what enters by the gateway, by the subnet that it is for.
    pub(super) fn public_ingress(&mut self, vpc: &VpcId) -> Option<GuardId> {
        let network = self.network;
        let subnets = self.kept.index.subnets.get(vpc).into_iter().flatten();
        let clauses: Vec<Clause> = subnets
            .filter_map(|id| network.subnets.get(id))
            .map(|subnet| Clause {
                protocol: ProtocolMatch::Any,
                ports: PortSet::all(),
                peer: PeerTest::Addresses(subnet.addresses()),
                action: self.facing(vpc, Some(subnet), false).inbound,
            })
            .filter(|clause| clause.action != Action::Pass(None))
            .collect();
        if clauses.is_empty() {
            return None;
        }
        Some(self.guard(Guard::Rules(RuleSet {
            side: Side::Destination,
            order: Order::First,
            requests_only: true,
            clauses,
            otherwise: Action::Pass(None),
        })))
    }

    /// The same for what a gateway's own table leads to a middlebox of that subnet.
    pub(super) fn public_ingress_at(
        &mut self,
        vpc: &VpcId,
        subnet: &Subnet,
        target: &RouteTarget,
    ) -> Option<GuardId> {
        let firewalled = match target {
            RouteTarget::LoadBalancerEndpoint(id) => self
                .network
                .vpc_endpoints
                .get(id)
                .is_some_and(|one| self.firewall_of(one).is_some()),
            _ => false,
        };
        match self.facing(vpc, Some(subnet), firewalled).inbound {
            Action::Pass(None) => None,
            action => Some(self.always_for_requests(action)),
        }
    }

    /// `firewalled`: what passes a Network Firewall in that subnet last, or first on its way in.
    fn facing(&self, vpc: &VpcId, subnet: Option<&Subnet>, firewalled: bool) -> Facing {
        let network = self.network;
        let found = network.vpcs.get(vpc);
        let Some(scope) = found.map(|vpc| &vpc.about.scope) else { return Facing::open() };
        let said = subnet
            .and_then(|subnet| subnet.public_access)
            .or(found.and_then(|vpc| vpc.public_access));
        // BP-05
        let alone = !network.assumptions.holds("BPA_STATE_NOT_AUTHORITATIVE");
        if let Some(mode) = said.filter(|_| alone) {
            let resource = subnet
                .map_or_else(|| ResourceRef::new(Kind::Vpc.word(), vpc.as_str(), None), reference);
            let by_state = |what: &str, rule| {
                let note = Note::new(resource.clone(), what, rule, None);
                note.assuming("BPA_STATE_NOT_AUTHORITATIVE", "false", "BP-05")
            };
            let facing = match mode {
                BlockMode::Off => {
                    let note = by_state("shows that public access is not blocked", "BP-05");
                    Facing::all(Action::Pass(Some(Arc::new(note))))
                }
                _ => closed(mode, &by_state),
            };
            return if firewalled { past_firewall(facing, mode, None) } else { facing };
        }
        // SH-03: the owner of the VPC decides.
        let Some(block) = self.options_of(scope) else {
            return self.not_captured(scope, said);
        };
        let Some(mode) = block.mode else {
            let label = block.label();
            let fact = format!("what VPC Block Public Access of {label} blocks: it is changing");
            let kind = Kind::BlockPublicAccess;
            let mut missing = self.missing(fact, kind, scope);
            missing.command = crate::models::call(kind.word()).map(|call| call.command.to_owned());
            return Facing::all(Action::Unknown(missing));
        };
        let exclusions = || network.public_access_exclusions.values().filter(|one| counts(one));
        let covers = |one: &&PublicAccessExclusion| match &one.excluded {
            Excluded::Vpc(id) => id == vpc,
            Excluded::Subnet(id) => subnet.is_some_and(|subnet| subnet.id == *id),
        };
        let both = exclusions().filter(covers).find(|one| one.mode == ExclusionMode::Bidirectional);
        let egress = exclusions().find(covers);
        let differs = said.is_some_and(|said| said != mode) && egress.is_none();
        let note = |resource: ResourceRef, what: &str, rule, at: Option<&At>| {
            let note = Note::new(resource, what, rule, at);
            match differs {
                true => note.assuming("BPA_STATE_NOT_AUTHORITATIVE", "true", "BP-05"),
                false => note,
            }
        };
        let at = block.about.at.as_ref();
        let in_vain = firewalled && egress.is_some();
        let mut facing = closed(mode, &|what, rule| match in_vain {
            true => {
                let what =
                    "blocks what passes a Network Firewall, even where its subnet is excluded";
                note(reference(block), what, "BP-04", at)
            }
            false => note(reference(block), what, rule, at),
        });
        if differs && mode == BlockMode::Off {
            let what = "is off: VPC Block Public Access closes nothing";
            let pass = Action::Pass(Some(Arc::new(note(reference(block), what, "BP-01", at))));
            facing = Facing::all(pass);
        }
        let exempt = |one: &PublicAccessExclusion| {
            let what = "exempts it from VPC Block Public Access";
            let at = one.about.at.as_ref();
            Action::Pass(Some(Arc::new(note(reference(one), what, "BP-02", at))))
        };
        if firewalled {
            // BP-04: what is excluded of the subnet alone does not count.
            let of_vpc = exclusions().filter(|one| one.excluded == Excluded::Vpc(vpc.clone()));
            facing = past_firewall(facing, mode, of_vpc.map(|one| one.mode).min());
        } else {
            if let (BlockMode::Bidirectional, Some(one)) = (mode, egress) {
                (facing.own, facing.translated) = (exempt(one), exempt(one));
                facing.passed_on = exempt(one);
            }
            if let Some(one) = both.filter(|_| mode != BlockMode::Off) {
                (facing.own, facing.inbound) = (exempt(one), exempt(one));
                facing.passed_on = exempt(one);
            }
        }
        // What would be stopped may be excluded.
        let kind = Kind::BlockPublicAccessExclusion;
        if !network.coverage.covers(scope, kind) {
            let fact = "the exclusions from VPC Block Public Access";
            let Facing { own, translated, passed_on, inbound } = &mut facing;
            for action in [own, translated, passed_on, inbound] {
                if let Action::Stop(_) = action {
                    *action = Action::Unknown(self.missing(fact, kind, scope));
                }
            }
        }
        facing
    }

    /// BP-01: the options are not in the input.
    fn not_captured(&self, scope: &Scope, said: Option<BlockMode>) -> Facing {
        let kind = Kind::BlockPublicAccess;
        if self.network.coverage.covers(scope, kind) {
            return Facing::open();
        }
        let name = "BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED";
        let open = said.is_some_and(|said| said != BlockMode::Off);
        if open || !self.network.assumptions.holds(name) {
            let why = if open { String::new() } else { format!(" ({name})") };
            let fact = format!("whether VPC Block Public Access is on{why}");
            return Facing::all(Action::Unknown(self.missing(fact, kind, scope)));
        }
        let account = scope.account.as_deref().unwrap_or("this account");
        let note = Note::new(
            ResourceRef::new("account", account, None),
            "is taken not to block public access: the capture does not say",
            "BP-01",
            None,
        )
        .assuming(name, "true", "BP-01");
        Facing::all(Action::Pass(Some(Arc::new(note))))
    }
}

/// BP-03 spares what comes to the gateway from a NAT gateway; what an appliance handed on does not.
const PASSED_ON: &str = "whether VPC Block Public Access takes what a NAT gateway sends through an appliance for a \
     NAT gateway's";

/// What a mode does where nothing is excluded.
fn closed(mode: BlockMode, note: &dyn Fn(&str, &'static str) -> Note) -> Facing {
    let stop = |what, rule| {
        Action::Stop(Stop::dropped("VPC_BLOCK_PUBLIC_ACCESS_ENABLED", note(what, rule)))
    };
    match mode {
        BlockMode::Off => Facing::open(),
        BlockMode::Bidirectional => {
            Facing::all(stop("blocks internet gateways in both directions", "BP-02"))
        }
        BlockMode::Ingress => Facing {
            own: stop("blocks internet gateways for all but NAT gateways", "BP-03"),
            translated: Action::Pass(Some(Arc::new(note(
                "lets out what comes from a NAT gateway",
                "BP-03",
            )))),
            passed_on: Action::Unknown(Missing { fact: PASSED_ON.to_owned(), command: None }),
            inbound: stop("blocks what comes in by internet gateways", "BP-03"),
        },
    }
}

/// BP-04: AWS says that what passes a Network Firewall is blocked, even where its subnet is
/// excluded; it does not say so of excluded VPCs, nor of what a NAT gateway sent in the mode that
/// lets those out.
fn past_firewall(facing: Facing, mode: BlockMode, of_vpc: Option<ExclusionMode>) -> Facing {
    let open = |what: &str| {
        let fact = format!("whether VPC Block Public Access lets through {what}");
        Action::Unknown(Missing { fact, command: None })
    };
    let excluded = || open("what passes a Network Firewall of an excluded VPC");
    let Facing { mut own, mut translated, passed_on, mut inbound } = facing;
    match (mode, of_vpc) {
        (BlockMode::Off, _) => {}
        (BlockMode::Bidirectional, Some(exclusion)) => {
            (own, translated) = (excluded(), excluded());
            if exclusion == ExclusionMode::Bidirectional {
                inbound = excluded();
            }
        }
        (BlockMode::Bidirectional, None) => {}
        (BlockMode::Ingress, exclusion) => {
            translated = open("what a NAT gateway sends through a Network Firewall");
            if exclusion == Some(ExclusionMode::Bidirectional) {
                (own, inbound) = (excluded(), excluded());
            }
        }
    }
    Facing { own, translated, passed_on, inbound }
}

/// BP-01
fn counts(exclusion: &PublicAccessExclusion) -> bool {
    matches!(exclusion.state.as_str(), "create-complete" | "update-complete")
}

/// Whether options are those of a VPC's account and Region; what is not stated may be anything.
fn is_of(options: &Scope, vpc: &Scope) -> bool {
    let agrees = |one: &Option<Arc<str>>, other: &Option<Arc<str>>| {
        one.is_none() || other.is_none() || one == other
    };
    agrees(&options.account, &vpc.account) && agrees(&options.region, &vpc.region)
}
