//! Leaving the client, and arriving.

use crate::world::*;
use vpc_reach::answer::Outcome::Delivered;
use vpc_reach::header::{AddressSet, Protocol};
use vpc_reach::network::*;

/// PW-02
#[test]
fn a_packet_and_its_reply_cross_a_working_network() {
    let world = world();
    assert_eq!(world.send("client", "10.0.2.20", 8080), Delivered);
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    assert_eq!(world.receive("192.0.2.1", "web"), Delivered);
}

/// PW-13
#[test]
fn an_interface_that_is_not_in_use_neither_sends_nor_receives() {
    let mut world = world();
    world.eni("client").usable = false;
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("BAD_STATE"));
    assert_eq!(world.send("server", "10.0.1.10", 443), lost("BAD_STATE"));
}

/// PW-06, DN-03
#[test]
fn link_local_services_answer_past_groups_acls_and_routes() {
    let mut world = world();
    world.group_of("client", Vec::new(), Vec::new());
    world.own_acl("a");
    for address in
        ["169.254.169.253", "10.0.0.2", "169.254.169.254", "169.254.170.2", "169.254.169.123"]
    {
        assert_eq!(world.send_as("client", address, 53, Protocol::Udp), Delivered, "{address}");
    }
}

/// DN-02
#[test]
fn the_resolver_is_silent_without_dns_support() {
    let mut world = world();
    world.net.vpcs.get_mut("app").unwrap().dns_support = Some(false);
    assert_eq!(world.send("client", "10.0.0.2", 53), lost("VPC_DNS_SUPPORT_OFF"));
    world.net.vpcs.get_mut("app").unwrap().dns_support = None;
    assert!(is_unknown(&world.send("client", "169.254.169.253", 53)));
}

/// RT-13
#[test]
fn an_address_that_nobody_has_takes_nothing() {
    let world = world();
    assert_eq!(world.send("client", "10.0.1.77", 443), lost("VPC_LOCAL_ROUTE_CIDR_RESTRICTION"));
    assert_eq!(world.send("client", "10.0.2.77", 443), lost("VPC_LOCAL_ROUTE_CIDR_RESTRICTION"));
    assert_eq!(world.send("client", "10.0.77.1", 443), lost("VPC_LOCAL_ROUTE_CIDR_RESTRICTION"));
}

/// RT-13
#[test]
fn who_has_an_address_is_unknown_when_the_interfaces_are() {
    let mut world = world();
    world.net.coverage = Coverage::default();
    world.net.coverage.add(&Scope::default(), Kind::Subnet);
    assert!(is_unknown(&world.send("client", "10.0.2.77", 443)));
    assert_eq!(world.send("client", "10.0.77.1", 443), lost("VPC_LOCAL_ROUTE_CIDR_RESTRICTION"));
}

#[test]
fn a_planned_interface_sends_and_receives_at_any_of_its_addresses() {
    let mut world = world();
    let free = AddressSet::from_net(cidr("10.0.2.128/25"));
    let planned = interface("task", "b", "10.0.2.1", None);
    world.net.insert(NetworkInterface { addresses: Vec::new(), planned: Some(free), ..planned });
    assert_eq!(world.send("task", "10.0.1.10", 443), Delivered);
    assert_eq!(world.send("client", "10.0.2.200", 443), Delivered);
}

#[test]
fn a_resource_that_is_not_in_the_input_leaves_the_way_unknown() {
    let mut world = world();
    assert!(is_unknown(&world.send("nobody", "10.0.2.20", 443)));
    world.net.subnets.remove("a");
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)));
}

#[test]
fn a_stop_behind_something_unknown_is_still_a_stop() {
    let mut world = world();
    world.eni("client").groups = ["sg-elsewhere".into()].into();
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)));
    world.group_of("server", Vec::new(), Vec::new());
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("SG_HAS_NO_RULES"));
}

#[test]
fn ipv6_is_not_modelled_yet() {
    assert!(is_unknown(&world().send("client", "2001:db8::1", 443)));
}
