//! What lies where a packet leaves a VPC for good.

use super::build::Draft;
use super::plan::{End, Spot};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use vpc_reach::network::*;

/// VPC Block Public Access.
#[derive(Clone, Debug)]
pub struct BlockPlan {
    pub mode: Option<BlockMode>,
    pub exclusions: Vec<ExclusionPlan>,
    /// What the subnets say themselves.
    pub said: Option<BlockMode>,
    /// Whether that decides (BP-05).
    pub decides: bool,
    /// Whether no answer lists the exclusions.
    pub uncaptured: bool,
}

#[derive(Clone, Debug)]
pub struct ExclusionPlan {
    pub spot: Spot,
    pub whole_vpc: bool,
    pub mode: ExclusionMode,
    pub state: &'static str,
}

pub fn block() -> impl Strategy<Value = BlockPlan> {
    let modes = || select(vec![BlockMode::Bidirectional, BlockMode::Ingress]);
    let mode =
        prop_oneof![12 => modes().prop_map(Some), 1 => Just(Some(BlockMode::Off)), 1 => Just(None)];
    let exclusion = (
        super::draw::spot(),
        prop::bool::weighted(0.2),
        select(vec![ExclusionMode::Bidirectional, ExclusionMode::Egress]),
        select(vec!["create-complete", "update-complete", "create-in-progress"]),
    );
    let exclusion = exclusion.prop_map(|(spot, whole_vpc, mode, state)| ExclusionPlan {
        spot,
        whole_vpc,
        mode,
        state,
    });
    (
        mode,
        vec(exclusion, 0..=2),
        option::weighted(0.3, modes()),
        any::<bool>(),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(mode, exclusions, said, decides, uncaptured)| BlockPlan {
            mode,
            exclusions,
            said,
            decides,
            uncaptured,
        })
}

/// An endpoint behind which something else than a service of AWS's may stand.
#[derive(Clone, Debug)]
pub struct EndpointPlan {
    pub kind: &'static str,
    pub state: &'static str,
    pub enforced: bool,
}

pub fn endpoint() -> impl Strategy<Value = EndpointPlan> {
    let kinds = vec!["", "", "", "own", "Resource", "ServiceNetwork", "Tunnel"];
    let states = vec!["available", "Available", "available", "partial", "pendingAcceptance"];
    (select(kinds), select(states), any::<bool>())
        .prop_map(|(kind, state, enforced)| EndpointPlan { kind, state, enforced })
}

impl Draft {
    /// The server is an interface of an endpoint.
    pub fn endpoint(&mut self, plan: &EndpointPlan) {
        let server = self.end_mut(End::Target);
        server.role = InterfaceRole::Endpoint;
        let (id, vpc) = (server.id.clone(), server.vpc.clone());
        let (endpoint_type, service_name) = match plan.kind {
            "" => (EndpointType::Interface, "com.amazonaws.us-east-1.email-smtp"),
            "own" => (EndpointType::Interface, "com.amazonaws.vpce.us-east-1.vpce-svc-0123"),
            other => (EndpointType::Other(other.to_owned()), ""),
        };
        let like = super::pieces::gateway_endpoint(9, &vpc, Default::default());
        self.net.insert(VpcEndpoint {
            id: "vpce-server".into(),
            endpoint_type,
            service_name: service_name.to_owned(),
            state: plan.state.to_owned(),
            interfaces: [id].into(),
            ..like
        });
        if let Some(vpc) = self.net.vpcs.get_mut(&vpc) {
            vpc.encryption_enforced = plan.enforced;
        }
    }

    /// A virtual private gateway, attached to that VPC or to none.
    pub fn virtual_private_gateway(&mut self, vpc: &VpcId, attached: bool) -> RouteTarget {
        let attachments = match attached {
            true => vec![(vpc.clone(), "attached".to_owned())],
            false => Vec::new(),
        };
        let (id, about) = ("vgw".into(), About::default());
        self.net.insert(VirtualPrivateGateway { id, about, attachments });
        RouteTarget::Other { kind: VirtualPrivateGateway::WORDS.to_owned(), id: "vgw".to_owned() }
    }

    pub fn block_public_access(&mut self, plan: &BlockPlan) {
        let about = About::default();
        self.net.insert(PublicAccessBlock { id: "options".into(), about, mode: plan.mode });
        for (number, one) in plan.exclusions.iter().enumerate() {
            let subnet = self.spot(one.spot);
            let (of_box, near_gateway) = (SubnetId::from("m-0"), self.port.is_multiple_of(4));
            let excluded = match (one.whole_vpc, self.net.subnets.contains_key(&of_box)) {
                (true, _) => Excluded::Vpc(self.net.subnets[&subnet].vpc.clone()),
                (false, true) if near_gateway => Excluded::Subnet(of_box),
                (false, _) => Excluded::Subnet(subnet),
            };
            self.net.insert(PublicAccessExclusion {
                id: format!("exclusion-{number}").into(),
                about: About::default(),
                excluded,
                mode: one.mode,
                state: one.state.to_owned(),
            });
        }
        let vpc = self.end_mut(End::Source).vpc.clone();
        for subnet in self.net.subnets.values_mut().filter(|one| one.vpc == vpc) {
            subnet.public_access = plan.said;
        }
        if plan.said.is_some() && plan.decides {
            self.net.assumptions.set("BPA_STATE_NOT_AUTHORITATIVE", "false").unwrap();
        }
        if plan.uncaptured {
            self.uncaptured(Kind::BlockPublicAccessExclusion);
        }
    }
}
