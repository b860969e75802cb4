//! Internet gateways, NAT gateways, gateway endpoints.

use crate::world::*;
use std::net::Ipv4Addr;
use vpc_reach::answer::Outcome::Delivered;
use vpc_reach::header::Protocol;
use vpc_reach::network::*;

fn natted() -> World {
    let mut world = world();
    world.routes("main").push(route("0.0.0.0/0", to_nat()));
    world
}

fn the_nat(world: &mut World) -> &mut NatGateway {
    world.net.nat_gateways.get_mut("nat").unwrap()
}

/// IG-01
#[test]
fn an_internet_gateway_works_only_for_a_vpc_that_it_is_attached_to() {
    let mut world = world();
    for (state, code) in
        [("available", None), ("attached", None), ("detaching", Some("BAD_STATE_ATTACHMENT"))]
    {
        let igw = world.net.internet_gateways.get_mut("igw").unwrap();
        igw.attachments = vec![("app".into(), state.into())];
        assert_eq!(world.send("web", "192.0.2.1", 443), code.map_or(Delivered, lost));
        assert_eq!(world.receive("192.0.2.1", "web"), code.map_or(Delivered, lost));
    }
    let igw = world.net.internet_gateways.get_mut("igw").unwrap();
    igw.attachments = vec![("other".into(), "available".into())];
    assert_eq!(world.send("web", "192.0.2.1", 443), lost("BAD_STATE_ATTACHMENT"));
    world.net.coverage = Coverage::default();
    world.net.internet_gateways.clear();
    assert!(is_unknown(&world.receive("192.0.2.1", "web")), "gateways not captured");
}

/// IG-02
#[test]
fn only_a_source_with_a_public_address_leaves_by_an_internet_gateway() {
    let mut world = world();
    let second = PrivateAddress { address: ip("10.0.9.12"), public: None };
    world.eni("web").addresses.insert(0, second);
    let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
    assert_eq!(world.send("web", "192.0.2.1", 443), lost(code), "another of its addresses has one");
    world.eni("web").addresses[0].public = Some(PublicAddress::Some);
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    let web = world.eni("web");
    web.addresses.clear();
    web.planned = Some(vpc_reach::header::AddressSet::from_net(cidr("10.0.9.64/26")));
    assert_eq!(world.send("web", "192.0.2.1", 443), lost(code));
    world.eni("web").planned_public = true;
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
}

/// IG-03
#[test]
fn the_internet_reaches_only_interfaces_with_a_public_address() {
    let mut world = world();
    world.eni("web").addresses[0].public = None;
    let code = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS";
    assert_eq!(world.receive("192.0.2.1", "web"), lost(code));
}

/// IG-03
#[test]
fn groups_and_acls_see_the_public_source_and_the_private_destination() {
    let mut world = world();
    world.group_of("web", vec![allow(Peer::Cidr(cidr("192.0.2.0/24")))], Vec::new());
    assert_eq!(world.receive("192.0.2.1", "web"), Delivered);
    assert_eq!(world.receive("192.0.3.1", "web"), lost("ENI_SG_RULES_MISMATCH"));
    let acl = world.own_acl("public");
    acl.ingress.push(entry(100, AclAction::Allow, "10.0.0.0/8", 0..=65535));
    assert_eq!(world.receive("192.0.2.1", "web"), lost("SUBNET_ACL_RESTRICTION"));
}

/// IG-04
#[test]
fn an_internet_gateway_carries_nothing_to_private_addresses() {
    let world = world();
    let code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS";
    assert_eq!(world.send("web", "10.9.0.1", 443), lost(code));
    assert_eq!(world.send("web", "172.16.0.1", 443), lost(code));
    let code = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS";
    assert_eq!(world.send("web", "100.64.0.0", 443), lost(code));
    assert_eq!(world.send("web", "100.127.255.255", 443), lost(code));
    assert_eq!(world.send("web", "100.128.0.0", 443), Delivered);
}

/// IG-08
#[test]
fn a_public_address_of_the_network_is_reached_over_the_internet() {
    let mut world = world();
    let public = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 11));
    world.net.insert(interface("caller", "public", "10.0.9.11", Some(public)));
    assert_eq!(world.send("caller", "203.0.113.10", 443), Delivered);
    world.group_of("web", vec![allow(Peer::Cidr(cidr("203.0.113.11/32")))], Vec::new());
    assert_eq!(world.send("caller", "203.0.113.10", 443), Delivered);
    world.eni("caller").addresses[0].public = Some(PublicAddress::Some);
    assert!(is_unknown(&world.send("caller", "203.0.113.10", 443)), "which public address?");
    world.group_of("web", vec![allow(Peer::Cidr(cidr("10.0.0.0/8")))], Vec::new());
    assert_eq!(world.send("caller", "203.0.113.10", 443), lost("ENI_SG_RULES_MISMATCH"));
    world.group_of("web", vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))], Vec::new());
    assert_eq!(world.send("caller", "203.0.113.10", 443), Delivered);
}

/// IG-08
#[test]
fn a_symbol_means_no_host_of_the_network() {
    let mut world = world();
    world.group_of("web", Vec::new(), vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))]);
    assert_eq!(world.send_to_symbol("web", "internet", "198.51.100.5"), Delivered);
}

/// RT-02
#[test]
fn a_gateways_own_table_routes_what_comes_in() {
    let mut world = world();
    world.net.route_tables.get_mut("main").unwrap().gateways.insert("igw".into());
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    assert_eq!(world.receive("192.0.2.1", "web"), Delivered);
    let local = |route: &Route| route.target != RouteTarget::Local;
    world.net.route_tables.get_mut("main").unwrap().routes.retain(local);
    assert_eq!(world.receive("192.0.2.1", "web"), lost("NO_ROUTE_TO_DESTINATION"));
}

/// BP-01
#[test]
fn blocked_public_access_that_is_changing_leaves_the_answer_unknown() {
    let mut world = world();
    world.net.insert(PublicAccessBlock {
        id: "options".into(),
        about: About::default(),
        mode: None,
    });
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)));
    world.own_acl("public").ingress.clear();
    assert_eq!(world.receive("192.0.2.1", "web"), lost("SUBNET_ACL_RESTRICTION"));
}

/// RT-17, NG-03
#[test]
fn a_nat_gateway_goes_on_by_the_route_of_its_own_subnet() {
    let mut world = natted();
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    world.routes("out").pop();
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("NO_ROUTE_TO_DESTINATION"));
}

/// NG-02
#[test]
fn a_nat_gateway_needs_its_state_and_an_address() {
    let mut world = natted();
    for (state, works) in
        [("available", true), ("deleting", true), ("failed", false), ("pending", false)]
    {
        the_nat(&mut world).state = state.into();
        let wanted = if works { Delivered } else { lost("BAD_STATE") };
        assert_eq!(world.send("client", "192.0.2.1", 443), wanted, "{state}");
    }
    the_nat(&mut world).state = "available".into();
    the_nat(&mut world).addresses[0].status = Some("failed".into());
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("BAD_STATE"));
    the_nat(&mut world).addresses[0].status = None;
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
}

/// NG-03
#[test]
fn the_packet_says_which_address_a_nat_gateway_picks() {
    let mut world = natted();
    world.translations = vec![(ip("10.0.9.6"), 1024)];
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "not one of its addresses");
    the_nat(&mut world).addresses[0].private = None;
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered, "any free one while planned");
    world.translations = vec![(ip("10.0.9.10"), 1024)];
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "taken");
    world.translations = vec![(ip("10.0.9.3"), 1024)];
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "reserved");
}

/// NG-04
#[test]
fn a_private_nat_gateway_does_not_lead_to_the_internet() {
    let mut world = natted();
    world.net.insert(nat("nat", "public", "10.0.9.5", None));
    let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
    assert_eq!(world.send("client", "192.0.2.1", 443), lost(code));
    world.routes("main").push(route("10.0.2.0/24", to_nat()));
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered, "but within the VPC");
    assert_eq!(world.send("client", "10.0.9.10", 443), Delivered);
}

/// NG-06, NA-10
#[test]
fn the_acl_of_a_nat_gateways_subnet_sees_every_leg() {
    for (ingress, egress, wanted) in [
        (("10.0.1.10/32", 443), ("0.0.0.0/0", 0), lost("SUBNET_ACL_RESTRICTION")),
        (("0.0.0.0/0", 443), ("192.0.2.1/32", 443), reply_lost("SUBNET_ACL_RESTRICTION")),
        (("0.0.0.0/0", 1024), ("192.0.2.1/32", 443), reply_lost("SUBNET_ACL_RESTRICTION")),
    ] {
        let mut world = natted();
        world.translations[0].1 = 1024;
        let acl = world.own_acl("public");
        acl.ingress.push(entry(100, AclAction::Allow, "10.0.1.10/32", 443..=443));
        acl.ingress.push(entry(110, AclAction::Allow, ingress.0, ingress.1..=ingress.1));
        acl.egress.push(entry(100, AclAction::Allow, egress.0, egress.1..=egress.1));
        assert_eq!(world.send("client", "192.0.2.1", 443), wanted);
    }
}

/// PW-05, NAT_IN_CLIENT_SUBNET_SKIPS_NACL
#[test]
fn between_a_client_and_a_nat_gateway_of_its_subnet_there_is_no_acl() {
    let mut world = world();
    world.net.insert(nat("nat", "a", "10.0.1.5", None));
    world.translations = vec![(ip("10.0.1.5"), 2000)];
    world.routes("main").push(route("10.0.9.0/24", to_nat()));
    world.own_acl("a");
    // Past the ACL, which lets nothing through, and round in a circle (NG-17).
    assert_eq!(world.send("client", "10.0.9.10", 443), lost("NEXT_HOP_LOOP"));
    world.routes("main").pop();
    assert_eq!(world.send("client", "10.0.9.10", 443), lost("SUBNET_ACL_RESTRICTION"));
}

/// PW-05, NAT_IN_CLIENT_SUBNET_SKIPS_NACL
#[test]
fn where_an_acl_is_taken_to_lie_there_it_sees_both_ways() {
    let mut world = world();
    for (id, range) in [("a", "2600:1f18::/64"), ("app", "2600:1f18::/56")] {
        match world.net.subnets.get_mut(id) {
            Some(subnet) => subnet.cidrs.push(cidr(range)),
            None => world.net.vpcs.get_mut(id).unwrap().cidrs.push(cidr(range)),
        }
    }
    world.eni("client").addresses[0].address = ip("2600:1f18::10");
    let everybody = vec![allow(Peer::Cidr(cidr("::/0")))];
    world.group_of("client", Vec::new(), everybody);
    world.net.insert(nat("nat", "a", "10.0.1.5", Some("198.51.100.5")));
    world.translations = vec![(ip("10.0.1.5"), 2000)];
    world.routes("main").push(route("64:ff9b::/96", to_nat()));
    world.routes("main").push(route("0.0.0.0/0", to_igw()));
    let v6 = |number, port| entry(number, AclAction::Allow, "::/0", port..=port);
    let acl = world.own_acl("a");
    acl.egress.push(entry(90, AclAction::Allow, "192.0.2.1/32", 443..=443));
    acl.ingress.push(entry(90, AclAction::Allow, "192.0.2.1/32", 2000..=2000));
    let fate = |world: &World| world.send("client", "64:ff9b::c000:201", 443);
    assert_eq!(fate(&world), Delivered);
    world.net.assumptions.set("NAT_IN_CLIENT_SUBNET_SKIPS_NACL", "false").unwrap();
    let (dropped, unanswered) =
        (lost("SUBNET_ACL_RESTRICTION"), reply_lost("SUBNET_ACL_RESTRICTION"));
    assert_eq!(fate(&world), dropped, "out");
    let acl = |world: &mut World, inward: bool, port| {
        let acl = world.net.network_acls.get_mut("acl-a").unwrap();
        let entries = if inward { &mut acl.ingress } else { &mut acl.egress };
        entries.push(v6(100 + entries.len() as u32, port));
    };
    acl(&mut world, false, 443);
    assert_eq!(fate(&world), dropped, "in");
    acl(&mut world, true, 443);
    assert_eq!(fate(&world), unanswered, "the reply out");
    acl(&mut world, false, 40000);
    assert_eq!(fate(&world), unanswered, "the reply in");
    acl(&mut world, true, 40000);
    assert_eq!(fate(&world), Delivered);
}

/// NG-07
#[test]
fn a_nat_gateway_takes_nothing_from_outside() {
    let mut world = natted();
    assert_eq!(world.send("web", "198.51.100.5", 443), lost("NAT_NO_INBOUND"));
    assert_eq!(world.send("client", "10.0.9.5", 443), lost("NAT_NO_INBOUND"));
    let role = InterfaceRole::NatGateway;
    let public = PublicAddress::Known(Ipv4Addr::new(198, 51, 100, 5));
    let own = interface("eni-nat", "public", "10.0.9.5", Some(public));
    world.net.insert(NetworkInterface { role, groups: Default::default(), ..own });
    assert_eq!(world.send("web", "198.51.100.5", 443), lost("NAT_NO_INBOUND"));
}

/// NG-15
#[test]
fn a_regional_nat_gateway_goes_on_by_its_own_table_from_a_public_address() {
    let mut world = natted();
    the_nat(&mut world).subnet = None;
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "which table?");
    the_nat(&mut world).route_table = Some("out".into());
    the_nat(&mut world).expands = Some(true);
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "not its address");
    world.translations = vec![(ip("198.51.100.5"), 1024)];
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    let acl = world.own_acl("a");
    acl.egress.push(entry(100, AclAction::Allow, "192.0.2.1/32", 443..=443));
    acl.ingress.push(entry(100, AclAction::Allow, "198.51.100.5/32", 0..=65535));
    assert_eq!(world.send("client", "192.0.2.1", 443), reply_lost("SUBNET_ACL_RESTRICTION"));
    let acl = world.net.network_acls.get_mut("acl-a").unwrap();
    acl.ingress.push(entry(110, AclAction::Allow, "192.0.2.1/32", 40000..=40000));
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    let zone = |name: &str| Zone { name: Some(name.into()), id: None };
    the_nat(&mut world).addresses[0].zone = zone("us-east-1a");
    world.net.subnets.get_mut("a").unwrap().zone = zone("us-east-1b");
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered, "while it expands");
    the_nat(&mut world).expands = Some(false);
    let code = "REGIONAL_NGW_ROUTE_AZ_RESTRICTION";
    assert_eq!(world.send("client", "192.0.2.1", 443), lost(code));
    the_nat(&mut world).expands = None;
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)), "does it expand?");
    world.net.subnets.get_mut("a").unwrap().zone = zone("us-east-1a");
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    world.routes("out").pop();
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("NO_ROUTE_TO_DESTINATION"));
}

/// NG-17
#[test]
fn a_nat_gateway_that_leads_to_itself_is_a_loop() {
    let mut world = natted();
    world.routes("out").pop();
    world.routes("out").push(route("0.0.0.0/0", to_nat()));
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("NEXT_HOP_LOOP"));
}

/// GE-01, GE-04
#[test]
fn a_gateway_endpoint_needs_no_public_address_and_its_state() {
    let mut world = world();
    world.net.insert(prefix_list("pl", S3, None));
    world.routes("main").push(list_route("pl", to_endpoint()));
    for (state, works) in
        [("available", true), ("Available", true), ("Partial", true), ("pending", false)]
    {
        world.net.insert(VpcEndpoint { state: state.into(), ..gateway_endpoint() });
        let wanted = if works { Delivered } else { lost("BAD_STATE") };
        assert_eq!(world.send_to_symbol("client", S3, "52.216.0.1"), wanted, "{state}");
    }
}

/// GE-03, GE_POST_NAT_USES_ENDPOINT
#[test]
fn a_nat_gateways_subnet_may_lead_to_a_gateway_endpoint() {
    let mut world = natted();
    world.net.insert(gateway_endpoint());
    world.net.insert(nat("nat", "public", "10.0.9.5", None));
    world.net.insert(prefix_list("pl", S3, None));
    world.routes("out").push(list_route("pl", to_endpoint()));
    assert_eq!(world.send_to_symbol("client", S3, "52.216.0.1"), Delivered);
    world.net.assumptions.set("GE_POST_NAT_USES_ENDPOINT", "false").unwrap();
    let code = "GATEWAY_ENDPOINT_SOURCE_OUTSIDE_VPC";
    assert_eq!(world.send_to_symbol("client", S3, "52.216.0.1"), lost(code));
    world.net.assumptions.set("GE_POST_NAT_USES_ENDPOINT", "true").unwrap();
    let acl = world.own_acl("public");
    acl.ingress.push(entry(100, AclAction::Allow, "10.0.1.0/24", 0..=65535));
    acl.egress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535));
    let outcome = world.send_to_symbol("client", S3, "52.216.0.1");
    assert_eq!(outcome, reply_lost("SUBNET_ACL_RESTRICTION"));
}

/// GE-05
#[test]
fn a_gateway_endpoint_takes_tcp_only() {
    let mut world = world();
    world.net.insert(gateway_endpoint());
    world.routes("main").push(route("52.216.0.0/15", to_endpoint()));
    let code = "VPCE_GATEWAY_PROTOCOL_RESTRICTION";
    assert_eq!(world.send("client", "52.216.0.1", 443), Delivered);
    assert_eq!(world.send_as("client", "52.216.0.1", 443, Protocol::Udp), lost(code));
}
