//! From one VPC to its peer and back.

use crate::world::*;
use vpc_reach::answer::Outcome::{self, Delivered};
use vpc_reach::network::*;

/// The world, and VPC `far` 10.1.0.0/16 beside it: `there` 10.1.1.10 in subnet `far-a`. `pcx` joins
/// them, with routes on both sides.
fn two() -> World {
    let mut world = world();
    world.vpc("far", "10.1.0.0/16");
    world.subnet("far", "far-a", "10.1.1.0/24");
    let there = interface("there", "far-a", "10.1.1.10", None);
    world.net.insert(NetworkInterface { vpc: "far".into(), ..there });
    let end = |vpc: &str| PeeringEnd { vpc: vpc.into(), scope: Scope::default() };
    world.net.insert(PeeringConnection {
        id: "pcx".into(),
        about: About::default(),
        ends: [end("app"), end("far")],
        state: "active".into(),
        undocumented: Vec::new(),
    });
    world.routes("main").push(route("10.1.0.0/16", to_peer()));
    world.routes("far-main").push(route("10.0.0.0/16", to_peer()));
    world
}

fn to_peer() -> RouteTarget {
    RouteTarget::Peering("pcx".into())
}

fn ask(world: &World) -> Outcome {
    world.send("client", "10.1.1.10", 443)
}

/// The two VPCs, each in a Region of its own.
fn apart(world: &mut World) {
    let ends = &mut world.net.peerings.get_mut("pcx").unwrap().ends;
    ends[0].scope.region = Some("us-east-1".into());
    ends[1].scope.region = Some("eu-west-1".into());
}

/// PC-01, PC-02
#[test]
fn a_packet_and_its_reply_cross_an_active_peering() {
    let mut world = two();
    assert_eq!(ask(&world), Delivered);
    world.net.peerings.get_mut("pcx").unwrap().state = "pending-acceptance".into();
    assert_eq!(ask(&world), lost("BAD_STATE"));
    world.net.peerings.clear();
    assert!(is_unknown(&ask(&world)));
}

/// PC-02, PW-09
#[test]
fn the_peer_needs_a_route_back() {
    let mut world = two();
    world.routes("far-main").pop();
    assert_eq!(ask(&world), reply_lost("NO_ROUTE_TO_DESTINATION"));
}

/// PC-03
#[test]
fn a_peering_leads_no_further_than_the_peer() {
    let mut world = two();
    world.routes("main").push(route("0.0.0.0/0", to_peer()));
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"));
    // Within the peer's range, and nobody's.
    assert_eq!(world.send("client", "10.1.9.9", 443), lost("VPC_LOCAL_ROUTE_CIDR_RESTRICTION"));
}

/// PC-07
#[test]
fn the_acls_of_both_subnets_see_what_crosses_a_peering() {
    let mut world = two();
    world.own_acl("far-a").ingress = vec![entry(100, AclAction::Allow, "10.0.1.0/24", 443..=443)];
    assert_eq!(ask(&world), reply_lost("SUBNET_ACL_RESTRICTION"));
    let far = world.own_acl("far-a");
    far.ingress = vec![entry(100, AclAction::Deny, "10.0.1.0/24", 443..=443)];
    assert_eq!(ask(&world), lost("SUBNET_ACL_RESTRICTION"));
}

/// PC-08
#[test]
fn a_peer_that_is_not_in_the_input_leaves_the_way_unknown() {
    let mut world = two();
    world.net.vpcs.remove("far");
    assert!(is_unknown(&ask(&world)));
}

/// PC-04
#[test]
fn replies_follow_the_routes_even_to_the_wrong_vpc() {
    let mut world = two();
    // Another peer of `far` has the client's range, too.
    world.vpc("twin", "10.0.0.0/16");
    world.subnet("twin", "twin-a", "10.0.1.0/24");
    let end = |vpc: &str| PeeringEnd { vpc: vpc.into(), scope: Scope::default() };
    let twin = PeeringConnection {
        id: "pcx-twin".into(),
        ends: [end("far"), end("twin")],
        ..world.net.peerings["pcx"].clone()
    };
    world.net.insert(twin);
    world.routes("far-main").push(route("10.0.1.0/24", RouteTarget::Peering("pcx-twin".into())));
    assert_eq!(ask(&world), reply_lost("RETURN_PATH_ASYMMETRIC"));
}

/// PC-04
#[test]
fn an_address_that_two_vpcs_have_is_the_nearer_ones() {
    let mut world = two();
    world.vpc("twin", "10.0.0.0/16");
    world.subnet("twin", "twin-b", "10.0.2.0/24");
    let twin = interface("a-twin", "twin-b", "10.0.2.20", None);
    world.net.insert(NetworkInterface { vpc: "twin".into(), ..twin });
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("DELIVERED_TO_OTHER_HOST"));
}

/// SG-11, SG-13
#[test]
fn a_reference_resolves_in_a_peered_vpc_of_the_same_region() {
    let mut world = two();
    world.group_of("client", Vec::new(), vec![allow(group_peer("sg-there"))]);
    world.group_of("there", vec![allow(group_peer("sg-client"))], Vec::new());
    assert_eq!(ask(&world), Delivered);
    apart(&mut world);
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    world.eni("client").groups = ["open".into()].into();
    world.group_of("there", vec![allow(group_peer("open"))], Vec::new());
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
}

/// IE-02
#[test]
fn whether_an_endpoint_admits_a_group_of_a_peer_is_open() {
    let mut world = two();
    world.eni("there").role = InterfaceRole::Endpoint;
    world.group_of("there", vec![allow(group_peer("open"))], Vec::new());
    assert!(is_unknown(&ask(&world)));
    world.net.assumptions.set("VPCE_SG_REF_OVER_PEERING", "true").unwrap();
    assert_eq!(ask(&world), Delivered);
    world.net.assumptions.set("VPCE_SG_REF_OVER_PEERING", "false").unwrap();
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    world.net.assumptions.set("VPCE_SG_REF_OVER_PEERING", "unknown").unwrap();
    world.group_of("there", vec![allow(group_peer("other"))], Vec::new());
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    world.group_of("there", vec![allow(Peer::Cidr(cidr("10.0.0.0/16")))], Vec::new());
    assert_eq!(ask(&world), Delivered);
}

/// NG-09, SG-12
#[test]
fn replies_return_to_a_nat_gateway_that_sent_over_a_peering() {
    let mut world = two();
    world.routes("main").retain(|route| route.target != to_peer());
    world.routes("main").push(route("10.1.0.0/16", to_nat()));
    world.routes("out").push(route("10.1.0.0/16", to_peer()));
    world.routes("far-main").pop();
    assert_eq!(ask(&world), Delivered);
    // The peer's ACL sees the reply.
    let far = world.own_acl("far-a");
    far.ingress = vec![everything()];
    assert_eq!(ask(&world), reply_lost("SUBNET_ACL_RESTRICTION"));
    world.net.network_acls.remove("acl-far-a");
    // RETURN_TO_SENDER_INTER_REGION
    apart(&mut world);
    assert_eq!(ask(&world), reply_lost("NO_ROUTE_TO_DESTINATION"));
    world.net.assumptions.set("RETURN_TO_SENDER_INTER_REGION", "true").unwrap();
    assert_eq!(ask(&world), Delivered);
    // The NAT gateway hides the client.
    world.group_of("there", vec![allow(group_peer("open"))], Vec::new());
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
}
