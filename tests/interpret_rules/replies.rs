//! The way back.

use crate::world::*;
use vpc_reach::answer::Outcome::Delivered;
use vpc_reach::network::*;

/// CT-01
#[test]
fn a_reply_passes_groups_that_would_not_let_it_out() {
    let mut world = world();
    world.group_of("server", vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))], Vec::new());
    world.group_of("client", Vec::new(), vec![allow(Peer::Cidr(cidr("0.0.0.0/0")))]);
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
}

/// NA-06, PW-08. The client's port is 40000.
#[test]
fn acls_see_the_reply_at_the_clients_port() {
    for (subnet, out) in [("a", false), ("b", true)] {
        let mut world = world();
        let acl = world.own_acl(subnet);
        let (forward, reply) = match out {
            true => (&mut acl.ingress, &mut acl.egress),
            false => (&mut acl.egress, &mut acl.ingress),
        };
        forward.push(entry(100, AclAction::Allow, "0.0.0.0/0", 443..=443));
        reply.push(entry(100, AclAction::Allow, "0.0.0.0/0", 40000..=40000));
        assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
        let acl = world.own_acl(subnet);
        let (forward, reply) = match out {
            true => (&mut acl.ingress, &mut acl.egress),
            false => (&mut acl.egress, &mut acl.ingress),
        };
        forward.push(entry(100, AclAction::Allow, "0.0.0.0/0", 443..=443));
        reply.push(entry(100, AclAction::Allow, "0.0.0.0/0", 40001..=65535));
        assert_eq!(world.send("client", "10.0.2.20", 443), reply_lost("SUBNET_ACL_RESTRICTION"));
    }
}

/// NA-10
#[test]
fn behind_a_nat_gateway_the_reply_comes_from_the_real_server() {
    let mut world = world();
    world.routes("main").push(route("0.0.0.0/0", to_nat()));
    let acl = world.own_acl("a");
    acl.egress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 443..=443));
    acl.ingress.push(entry(100, AclAction::Allow, "192.0.2.1/32", 40000..=40000));
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    world.own_acl("a").egress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 443..=443));
    let acl = world.net.network_acls.get_mut("acl-a").unwrap();
    acl.ingress.push(entry(100, AclAction::Allow, "10.0.0.0/16", 0..=65535));
    assert_eq!(world.send("client", "192.0.2.1", 443), reply_lost("SUBNET_ACL_RESTRICTION"));
}

/// PW-09
#[test]
fn the_reply_takes_the_route_of_the_servers_own_subnet() {
    let mut world = world();
    let back = Route { state: RouteState::Blackhole, ..route("192.0.2.0/24", to_igw()) };
    world.routes("out").push(back);
    assert_eq!(world.receive("192.0.2.1", "web"), reply_lost("BAD_STATE_ROUTE"));
    world.routes("out").truncate(1);
    assert_eq!(world.receive("192.0.2.1", "web"), reply_lost("NO_ROUTE_TO_DESTINATION"));
    world.routes("out").push(route("0.0.0.0/0", to_transit_gateway()));
    assert!(is_unknown(&world.receive("192.0.2.1", "web")));
}

/// PW-10
#[test]
fn a_reply_that_takes_another_way_is_lost() {
    let mut world = world();
    world.routes("out").pop();
    world.routes("out").push(route("0.0.0.0/0", to_nat()));
    assert_eq!(world.receive("192.0.2.1", "web"), reply_lost("RETURN_PATH_ASYMMETRIC"));
    world.routes("out").push(route("10.0.1.0/24", to_nat()));
    assert_eq!(world.send("client", "10.0.9.10", 443), reply_lost("RETURN_PATH_ASYMMETRIC"));
}

/// IG-08
#[test]
fn over_the_internet_the_reply_goes_to_the_clients_public_address() {
    let mut world = world();
    let public = PublicAddress::Known("203.0.113.30".parse().unwrap());
    world.eni("client").addresses[0].public = Some(public);
    world.routes("main").push(route("0.0.0.0/0", to_igw()));
    assert_eq!(world.send("client", "203.0.113.10", 443), Delivered);
    let acl = world.own_acl("a");
    acl.egress.push(entry(100, AclAction::Allow, "203.0.113.10/32", 443..=443));
    acl.ingress.push(entry(100, AclAction::Allow, "203.0.113.10/32", 40000..=40000));
    assert_eq!(world.send("client", "203.0.113.10", 443), Delivered, "from the public address");
    let back = Route { state: RouteState::Blackhole, ..route("203.0.113.30/32", to_igw()) };
    world.routes("out").push(back);
    assert_eq!(world.send("client", "203.0.113.10", 443), reply_lost("BAD_STATE_ROUTE"));
    world.eni("client").addresses[0].public = Some(PublicAddress::Some);
    assert!(is_unknown(&world.send("client", "203.0.113.10", 443)), "is it the dead route?");
}

/// NG-03
#[test]
fn the_reply_goes_back_through_the_nat_gateway_by_its_subnets_route() {
    let mut world = world();
    world.routes("main").push(route("0.0.0.0/0", to_nat()));
    let away = route("10.0.1.0/24", to_igw());
    world.routes("out").push(Route { state: RouteState::Blackhole, ..away.clone() });
    assert_eq!(world.send("client", "192.0.2.1", 443), reply_lost("BAD_STATE_ROUTE"));
    world.routes("out").pop();
    world.routes("out").push(away);
    assert_eq!(world.send("client", "192.0.2.1", 443), reply_lost("RETURN_PATH_ASYMMETRIC"));
}

/// NG-17, NG-03
#[test]
fn two_nat_gateways_in_a_row_each_put_back_what_they_took() {
    let mut world = world();
    world.net.insert(nat("inner", "b", "10.0.2.5", None));
    world.net.insert(RouteTable {
        id: "middle".into(),
        about: About::default(),
        vpc: "app".into(),
        main: false,
        subnets: ["b".into()].into(),
        gateways: Default::default(),
        routes: vec![route("10.0.0.0/16", RouteTarget::Local), route("0.0.0.0/0", to_nat())],
    });
    world.routes("main").push(route("0.0.0.0/0", RouteTarget::NatGateway("inner".into())));
    world.translations = vec![(ip("10.0.2.5"), 1500), (ip("10.0.9.5"), 2500)];
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    let acl = world.own_acl("b");
    acl.egress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535));
    acl.ingress.push(entry(100, AclAction::Allow, "10.0.1.0/24", 443..=443));
    acl.ingress.push(entry(110, AclAction::Allow, "192.0.2.1/32", 1500..=1500));
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    world.translations[0].1 = 1501;
    assert_eq!(world.send("client", "192.0.2.1", 443), reply_lost("SUBNET_ACL_RESTRICTION"));
}
