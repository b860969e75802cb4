//! Security groups and network ACLs.

use crate::world::*;
use vpc_reach::answer::Outcome::Delivered;
use vpc_reach::header::{Protocol, ProtocolMatch};
use vpc_reach::network::*;

fn from(text: &str) -> GroupRule {
    allow(Peer::Cidr(cidr(text)))
}

/// SG-06
#[test]
fn a_group_without_rules_lets_nothing_through() {
    let mut world = world();
    world.group_of("client", Vec::new(), Vec::new());
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("SG_HAS_NO_RULES"));
    assert_eq!(world.send("server", "10.0.1.10", 443), lost("SG_HAS_NO_RULES"));
}

/// SG-06
#[test]
fn a_group_whose_rules_do_not_match_lets_nothing_through() {
    let mut world = world();
    world.group_of("client", vec![from("192.0.2.0/24")], vec![from("192.0.2.0/24")]);
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"));
    assert_eq!(world.send("server", "10.0.1.10", 443), lost("ENI_SG_RULES_MISMATCH"));
}

/// SG-03
#[test]
fn a_rule_matches_the_destination_port_and_the_protocol() {
    let mut world = world();
    let protocol = ProtocolMatch::Only(Protocol::Tcp);
    let rule = GroupRule { protocol, ports: ports(80..=443), ..from("0.0.0.0/0") };
    world.group_of("server", vec![rule], Vec::new());
    for (port, open) in [(79, false), (80, true), (443, true), (444, false)] {
        let outcome = world.send("client", "10.0.2.20", port);
        assert_eq!(outcome == Delivered, open, "{port}: {outcome:?}");
    }
    let udp = world.send_as("client", "10.0.2.20", 443, Protocol::Udp);
    assert_eq!(udp, lost("ENI_SG_RULES_MISMATCH"));
}

/// SG-05
#[test]
fn the_rules_of_all_groups_on_an_interface_count_together() {
    let mut world = world();
    world.group_of("server", Vec::new(), Vec::new());
    world.eni("server").groups.insert("open".into());
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
}

/// SG-07, PW-14
#[test]
fn an_ipv6_rule_admits_no_ipv4() {
    let mut world = world();
    world.group_of("server", vec![from("::/0")], Vec::new());
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"));
}

/// SG-08
#[test]
fn a_prefix_list_rule_admits_the_entries_of_the_list() {
    let mut world = world();
    world.group_of("server", vec![allow(Peer::PrefixList("pl".into()))], Vec::new());
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)), "no such list");
    world.net.insert(prefix_list("pl", "offices", None));
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)), "entries not captured");
    world.net.insert(prefix_list("pl", "offices", Some(&["10.0.1.0/28"])));
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
    world.net.insert(prefix_list("pl", "offices", Some(&["10.0.1.16/28"])));
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"));
}

/// SG-08
#[test]
fn the_list_of_a_service_means_its_whole_public_side_and_nothing_else() {
    let mut world = world();
    world.group_of("web", Vec::new(), vec![allow(Peer::PrefixList("pl".into()))]);
    for entries in [None, Some(&["52.216.0.0/15"][..])] {
        world.net.insert(prefix_list("pl", S3, entries));
        assert_eq!(world.send_to_symbol("web", S3, "192.0.2.1"), Delivered);
        let other = world.send_to_symbol("web", "com.amazonaws.us-east-1.ecr.dkr", "52.216.0.1");
        assert_eq!(other, lost("ENI_SG_RULES_MISMATCH"));
        assert_eq!(world.send("web", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"));
    }
    world.net.insert(prefix_list("pl", S3, None));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)), "a bare public address");
}

/// SG-09
#[test]
fn a_group_reference_admits_the_private_addresses_of_the_groups_interfaces() {
    let mut world = world();
    world.group_of("server", vec![allow(group_peer("open"))], Vec::new());
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
    world.group_of("client", Vec::new(), vec![allow(group_peer("sg-server"))]);
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"), "in");
    assert_eq!(world.send("client", "10.0.1.11", 443), lost("ENI_SG_RULES_MISMATCH"), "out");
    world.group_of("server", vec![allow(group_peer("sg-client"))], Vec::new());
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
}

/// SG-10
#[test]
fn a_group_reference_never_matches_a_public_address() {
    let mut world = world();
    let public = PublicAddress::Known("203.0.113.11".parse().unwrap());
    world.net.insert(interface("caller", "public", "10.0.9.11", Some(public)));
    world.group_of("caller", Vec::new(), vec![from("0.0.0.0/0")]);
    assert_eq!(world.send("caller", "203.0.113.10", 443), Delivered);
    world.group_of("web", vec![allow(group_peer("sg-caller"))], Vec::new());
    assert_eq!(world.send("caller", "10.0.9.10", 443), Delivered);
    assert_eq!(world.send("caller", "203.0.113.10", 443), lost("ENI_SG_RULES_MISMATCH"));
    world.group_of("caller", Vec::new(), vec![allow(group_peer("sg-web"))]);
    assert_eq!(world.send("caller", "10.0.9.10", 443), Delivered);
    assert_eq!(world.send("caller", "203.0.113.10", 443), lost("ENI_SG_RULES_MISMATCH"));
}

/// SG-12, NG-10
#[test]
fn a_group_reference_does_not_see_through_a_nat_gateway() {
    let mut world = world();
    world.group_of("server", vec![allow(group_peer("open"))], Vec::new());
    world.routes("main").push(route("10.0.2.0/24", to_nat()));
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("ENI_SG_RULES_MISMATCH"));
}

/// NA-02
#[test]
fn the_lowest_acl_entry_that_matches_decides() {
    let mut world = world();
    let acl = world.own_acl("b");
    acl.egress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535));
    // Stated out of order.
    acl.ingress.push(entry(100, AclAction::Allow, "0.0.0.0/0", 0..=65535));
    acl.ingress.push(entry(90, AclAction::Deny, "10.0.1.0/24", 22..=22));
    assert_eq!(world.send("client", "10.0.2.20", 22), lost("SUBNET_ACL_RESTRICTION"));
    assert_eq!(world.send("client", "10.0.2.20", 23), Delivered);
    assert_eq!(world.send("web", "10.0.2.20", 22), Delivered);
}

/// NA-03
#[test]
fn an_acl_without_a_matching_entry_denies() {
    let mut world = world();
    world.own_acl("b");
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("SUBNET_ACL_RESTRICTION"));
    assert_eq!(world.send("server", "10.0.1.10", 443), lost("SUBNET_ACL_RESTRICTION"));
}

/// NA-04
#[test]
fn acl_entries_mean_the_far_address_inward_and_outward() {
    let mut world = world();
    let acl = world.own_acl("b");
    acl.ingress.push(entry(100, AclAction::Allow, "10.0.1.0/24", 0..=65535));
    acl.egress.push(entry(100, AclAction::Allow, "10.0.1.0/24", 0..=65535));
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
    assert_eq!(world.send("web", "10.0.2.20", 443), lost("SUBNET_ACL_RESTRICTION"));
}

/// NA-07
#[test]
fn a_subnet_in_no_acl_has_the_default_one() {
    let mut world = world();
    world.acl().ingress.clear();
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("SUBNET_ACL_RESTRICTION"));
    world.net.network_acls.clear();
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)));
}

/// PW-04
#[test]
fn within_a_subnet_there_is_no_acl_and_no_route() {
    let mut world = world();
    world.own_acl("a");
    world.net.route_tables.clear();
    assert_eq!(world.send("client", "10.0.1.11", 443), Delivered);
}

/// PW-01
#[test]
fn the_acl_is_named_before_the_route() {
    let mut world = world();
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("NO_ROUTE_TO_DESTINATION"));
    world.own_acl("a");
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("SUBNET_ACL_RESTRICTION"));
}
