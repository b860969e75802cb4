//! Through transit gateways.

use crate::world::*;
use std::collections::BTreeSet;
use vpc_reach::answer::Outcome::{self, Delivered};
use vpc_reach::network::*;

/// The world in zone 1, and VPC `far` 10.1.0.0/16 with `there` 10.1.1.10 in `far-a`. Transit
/// gateway `tgw` joins them: `att-app` in subnet `b`, `att-far` in `far-door-1` (zone 1) and
/// `far-door-2` (zone 2), one table for both.
fn two() -> World {
    let mut world = world();
    world.vpc("far", "10.1.0.0/16");
    for (id, range) in
        [("far-a", "10.1.1.0/24"), ("far-door-1", "10.1.8.0/28"), ("far-door-2", "10.1.9.0/28")]
    {
        world.subnet("far", id, range);
    }
    for subnet in world.net.subnets.values_mut() {
        let zone = if subnet.id.as_str() == "far-door-2" { "az2" } else { "az1" };
        subnet.zone.id = Some(zone.into());
    }
    let there = interface("there", "far-a", "10.1.1.10", None);
    world.net.insert(NetworkInterface { vpc: "far".into(), ..there });
    world.hub("tgw");
    world.attach("att-app", "tgw", "app", &["b"]);
    world.attach("att-far", "tgw", "far", &["far-door-1", "far-door-2"]);
    let routes = vec![toward("10.0.0.0/16", "att-app"), toward("10.1.0.0/16", "att-far")];
    world.hub_table("table", "tgw", &["att-app", "att-far"], routes);
    world.routes("main").push(route("10.1.0.0/16", to_hub()));
    world.routes("far-main").push(route("10.0.0.0/16", to_hub()));
    world
}

fn to_hub() -> RouteTarget {
    RouteTarget::TransitGateway("tgw".into())
}

fn toward(range: &str, attachment: &str) -> TransitGatewayRoute {
    TransitGatewayRoute {
        destination: Destination::Cidr(cidr(range)),
        attachments: BTreeSet::from([attachment.into()]),
        state: RouteState::Active,
        propagated: false,
        at: None,
    }
}

impl World {
    fn hub(&mut self, id: &str) {
        let (id, about) = (id.into(), About::default());
        self.net.insert(TransitGateway {
            id,
            about,
            group_references: Some(true),
            undocumented: Vec::new(),
        });
    }

    fn attach(&mut self, id: &str, hub: &str, vpc: &str, subnets: &[&str]) {
        let subnets = Some(subnets.iter().map(|one| (*one).into()).collect());
        self.attach_other(id, hub, Attached::Vpc { vpc: vpc.into(), subnets });
    }

    fn attach_other(&mut self, id: &str, hub: &str, attached: Attached) {
        self.net.insert(TransitGatewayAttachment {
            id: id.into(),
            about: About::default(),
            transit_gateway: hub.into(),
            attached,
            state: "available".into(),
            appliance_mode: Some(false),
            group_references: Some(true),
            ipv6: Some(false),
        });
    }

    fn hub_table(&mut self, id: &str, hub: &str, own: &[&str], routes: Vec<TransitGatewayRoute>) {
        self.net.insert(TransitGatewayRouteTable {
            id: id.into(),
            about: About::default(),
            transit_gateway: hub.into(),
            associations: own.iter().map(|one| (*one).into()).collect(),
            routes: Some(routes),
        });
    }

    fn table(&mut self) -> &mut TransitGatewayRouteTable {
        self.net.transit_gateway_route_tables.get_mut("table").unwrap()
    }

    fn attachment(&mut self, id: &str) -> &mut TransitGatewayAttachment {
        self.net.transit_gateway_attachments.get_mut(id).unwrap()
    }

    fn zone(&mut self, subnet: &str, zone: &str) {
        self.net.subnets.get_mut(subnet).unwrap().zone.id = Some(zone.into());
    }
}

fn ask(world: &World) -> Outcome {
    world.send("client", "10.1.1.10", 443)
}

/// RT-17, TG-01 … TG-04, TG-10
#[test]
fn a_packet_and_its_reply_cross_a_transit_gateway() {
    let mut world = two();
    assert_eq!(ask(&world), Delivered);
    world.routes("far-main").pop();
    assert_eq!(ask(&world), reply_lost("NO_ROUTE_TO_DESTINATION"));
    world.net.transit_gateways.clear();
    assert!(is_unknown(&ask(&world)));
}

/// TG-01, TG-14
#[test]
fn the_attachment_needs_a_subnet_in_the_senders_zone() {
    let mut world = two();
    world.zone("a", "az3");
    assert_eq!(ask(&world), lost("TGW_ROUTE_AZ_RESTRICTION"));
    // Names mean something within one account only.
    world.net.subnets.get_mut("a").unwrap().zone = Zone { name: Some("x-1a".into()), id: None };
    assert!(is_unknown(&ask(&world)));
    let mut world = two();
    world.attachment("att-app").state = "pending".into();
    assert_eq!(ask(&world), lost("BAD_STATE_ATTACHMENT"));
    world.net.transit_gateway_attachments.remove("att-app");
    assert_eq!(ask(&world), lost("BAD_STATE_ATTACHMENT"));
}

/// TG-02
#[test]
fn an_attachment_without_a_table_drops_everything() {
    let mut world = two();
    world.table().associations.remove("att-app");
    assert_eq!(ask(&world), lost("TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"));
    world.table().associations.insert("att-app".into());
    world.table().associations.remove("att-far");
    assert_eq!(ask(&world), reply_lost("TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION"));
}

/// TG-03, TG-10
#[test]
fn the_longest_route_of_the_table_decides_and_a_static_one_beats_a_propagated() {
    let mut world = two();
    world.table().routes.as_mut().unwrap().remove(0);
    assert_eq!(ask(&world), reply_lost("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"));
    let mut world = two();
    let dead = |range| TransitGatewayRoute {
        attachments: BTreeSet::new(),
        state: RouteState::Blackhole,
        ..toward(range, "none")
    };
    world.table().routes.as_mut().unwrap().push(dead("10.0.0.0/8"));
    assert_eq!(ask(&world), Delivered);
    world.table().routes.as_mut().unwrap().push(dead("10.1.1.0/24"));
    assert_eq!(ask(&world), lost("TGW_RTB_BAD_STATE_ROUTE"));
    let routes = world.table().routes.as_mut().unwrap();
    routes.pop();
    routes[1].propagated = true;
    routes.push(dead("10.1.0.0/16"));
    assert_eq!(ask(&world), lost("TGW_RTB_BAD_STATE_ROUTE"));
    // TG-13
    world.table().routes = None;
    assert!(is_unknown(&ask(&world)));
}

/// TG-04, TG-05
#[test]
fn without_a_subnet_in_its_zone_a_packet_comes_out_in_any() {
    let mut world = two();
    // In default mode, the zone is kept: the other subnet does not matter.
    world.own_acl("far-door-2");
    assert_eq!(ask(&world), Delivered);
    for subnet in ["far-door-1", "far-a"] {
        world.zone(subnet, "az3");
    }
    assert!(is_unknown(&ask(&world)));
    world.picks = vec!["subnet far-door-1".into()];
    assert_eq!(ask(&world), Delivered);
    world.picks = vec!["subnet far-door-2".into()];
    assert_eq!(ask(&world), lost("SUBNET_ACL_RESTRICTION"));
    // In appliance mode, also when the server is in another zone.
    let mut world = two();
    world.attachment("att-far").appliance_mode = Some(true);
    assert_eq!(ask(&world), Delivered);
    world.zone("far-a", "az2");
    assert!(is_unknown(&ask(&world)));
    world.zone("far-a", "az1");
    world.attachment("att-far").appliance_mode = None;
    assert!(is_unknown(&ask(&world)));
}

/// TG-06
#[test]
fn the_acls_of_attachment_subnets_see_one_way_each() {
    let mut world = two();
    // Into the transit gateway: inbound only; out of it: outbound only.
    world.own_acl("b").ingress = vec![everything()];
    world.own_acl("far-door-1").egress = vec![everything()];
    assert_eq!(ask(&world), reply_lost("SUBNET_ACL_RESTRICTION"));
    world.own_acl("b").ingress = vec![everything()];
    world.net.network_acls.get_mut("acl-b").unwrap().egress = vec![everything()];
    world.net.network_acls.get_mut("acl-far-door-1").unwrap().ingress = vec![everything()];
    assert_eq!(ask(&world), Delivered);
    world.net.network_acls.get_mut("acl-b").unwrap().ingress.clear();
    assert_eq!(ask(&world), lost("SUBNET_ACL_RESTRICTION"));
    // In the client's own subnet: both, there; none, back.
    let mut world = two();
    world.attach("att-app", "tgw", "app", &["a"]);
    world.own_acl("a").egress = vec![everything()];
    assert_eq!(ask(&world), lost("SUBNET_ACL_RESTRICTION"));
    world.net.network_acls.get_mut("acl-a").unwrap().ingress =
        vec![entry(100, AclAction::Allow, "10.0.1.0/24", 443..=443)];
    assert_eq!(ask(&world), Delivered);
}

/// TG-09, TG-11
#[test]
fn another_transit_gateway_routes_by_its_own_table() {
    let mut world = two();
    world.hub("beyond");
    world.attach("att-far", "beyond", "far", &["far-door-1"]);
    world.attach_other("peer", "tgw", Attached::Peer("beyond".into()));
    world.table().associations.insert("peer".into());
    world.table().routes.as_mut().unwrap()[1] = toward("10.1.0.0/16", "peer");
    world.routes("far-main").pop();
    let back = RouteTarget::TransitGateway("beyond".into());
    world.routes("far-main").push(route("10.0.0.0/16", back));
    let own = ["att-far", "peer"];
    let there = toward("10.1.0.0/16", "att-far");
    world.hub_table("over", "beyond", &own, vec![there.clone()]);
    assert_eq!(ask(&world), reply_lost("TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT"));
    world.hub_table("over", "beyond", &own, vec![there, toward("10.0.0.0/16", "peer")]);
    assert_eq!(ask(&world), Delivered);
    world.group_of("there", vec![allow(group_peer("open"))], Vec::new());
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    world.attachment("peer").attached = Attached::Other("vpn".into());
    assert!(is_unknown(&ask(&world)));
}

/// SG-11, SG-14
#[test]
fn a_reference_crosses_a_transit_gateway_where_all_support_it_and_inbound_only() {
    let mut world = two();
    world.group_of("there", vec![allow(group_peer("open"))], Vec::new());
    assert_eq!(ask(&world), Delivered);
    world.eni("there").role = InterfaceRole::Endpoint;
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    world.eni("there").role = InterfaceRole::Ordinary;
    world.attachment("att-app").group_references = None;
    assert!(is_unknown(&ask(&world)));
    world.attachment("att-app").group_references = Some(false);
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    let mut world = two();
    world.group_of("there", vec![allow(Peer::Cidr(cidr("10.0.0.0/16")))], Vec::new());
    world.group_of("client", Vec::new(), vec![allow(group_peer("sg-there"))]);
    assert_eq!(ask(&world), lost("ENI_SG_RULES_MISMATCH"));
    // SG-19: on an interface of the client's VPC, it is associated with that, too.
    world.eni("web").groups.insert("sg-there".into());
    assert_eq!(ask(&world), Delivered);
}

/// TG-12, NG-08, IG-02
#[test]
fn central_egress_needs_a_nat_gateway_and_a_route_back() {
    let mut world = two();
    // From `there` by the world's NAT gateway.
    world.routes("far-main").push(route("0.0.0.0/0", to_hub()));
    world.table().routes.as_mut().unwrap().push(toward("0.0.0.0/0", "att-app"));
    world.attach("att-far", "tgw", "far", &["far-a"]);
    let out = |world: &World| world.send("there", "192.0.2.1", 443);
    assert_eq!(out(&world), lost("NO_ROUTE_TO_DESTINATION"));
    world.routes("main").push(route("0.0.0.0/0", to_igw()));
    assert_eq!(out(&world), lost("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"));
    world.routes("main").pop();
    world.routes("main").push(route("0.0.0.0/0", to_nat()));
    assert_eq!(out(&world), reply_lost("RETURN_PATH_ASYMMETRIC"));
    world.routes("out").push(route("10.1.0.0/16", to_hub()));
    world.zone("public", "az1");
    assert_eq!(out(&world), Delivered);
}

/// GE-03
#[test]
fn a_gateway_endpoint_serves_its_own_vpc_only() {
    let mut world = two();
    world.net.insert(gateway_endpoint());
    world.net.insert(prefix_list("pl-s3", S3, Some(&["52.216.0.0/15"])));
    world.routes("main").push(list_route("pl-s3", to_endpoint()));
    world.routes("far-main").push(route("0.0.0.0/0", to_hub()));
    world.table().routes.as_mut().unwrap().push(toward("0.0.0.0/0", "att-app"));
    let s3 = world.send("there", "52.216.3.3", 443);
    assert_eq!(s3, lost("GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC"));
}

/// TG-15
#[test]
fn whether_a_transit_gateway_takes_back_what_it_brought_is_open() {
    let mut world = two();
    world.routes("far-main").push(route("0.0.0.0/0", to_hub()));
    world.table().routes.as_mut().unwrap()[1] = toward("10.0.0.0/8", "att-far");
    world.routes("main").push(route("10.2.0.0/16", to_hub()));
    assert!(is_unknown(&world.send("client", "10.2.0.1", 443)));
    world.net.assumptions.set("TGW_HAIRPIN", "false").unwrap();
    assert_eq!(world.send("client", "10.2.0.1", 443), lost("NEXT_HOP_LOOP"));
    // Its table leads there again.
    world.net.assumptions.set("TGW_HAIRPIN", "true").unwrap();
    assert_eq!(world.send("client", "10.2.0.1", 443), lost("NEXT_HOP_LOOP"));
}
