//! The ways from a load balancer's nodes to its targets.

use super::network::{GROUPS, check, web};

const FORWARD: &str = "listeners: { 443: web }";

// LBT-01, LBT-04: every node subnet × every target, whatever the scheme.
#[test]
fn every_node_is_held_against_every_target() {
    for scheme in ["internal", "internet-facing"] {
        let checked =
            check(&format!("{GROUPS}{}", web(&format!("{FORWARD}, scheme: {scheme}"), "", "")));
        assert_eq!(
            checked.pairs(),
            [
                "node-a → task-a reachable",
                "node-a → task-b reachable",
                "node-b → task-a reachable",
                "node-b → task-b reachable"
            ]
        );
    }
}

// LBT-03
#[test]
fn a_rule_for_part_of_the_nodes_addresses_is_intermittent() {
    let groups = GROUPS.replace("from: lb, port: [8080, 9000]", "from: 10.0.101.0/25, port: 8080");
    let checked = check(&format!("{groups}{}", web(FORWARD, "", "")));
    assert_eq!(
        checked.pairs(),
        [
            "node-a → task-a intermittent",
            "node-a → task-b intermittent",
            "node-b → task-a blocked",
            "node-b → task-b blocked"
        ]
    );
    assert_eq!(checked.legs(), ["front → web:8080 intermittent"]);
}

// LBT-02
#[test]
fn health_checks_on_their_own_port_are_a_flow_of_their_own() {
    let groups = GROUPS.replace("[8080, 9000]", "8080");
    let text = web(FORWARD, "health_check: { port: 9000 }", "");
    let text = text.replace("{ port: 8080, ", "{ port: [8080, 9000], ");
    let checked = check(&format!("{groups}{text}"));
    assert_eq!(
        checked.legs(),
        ["front → web:8080 reachable", "health checks of front → web:9000 blocked"]
    );
}

// CTR-19, LBT-02
#[test]
fn a_udp_group_is_checked_over_tcp() {
    let groups =
        GROUPS.replace("from: lb, port: [8080, 9000]", "from: lb, port: 8080, protocol: udp");
    let balancer =
        "type: network, scheme: internal, listeners: { 53: { target_group: web, protocol: UDP } }";
    let text = web(balancer, "protocol: UDP, preserve_client_ip: false", "")
        .replace("port: 8080, listens", "port: 8080/udp, listens");
    let checked = check(&format!("{groups}{text}"));
    assert_eq!(
        checked.legs(),
        ["front → web:8080/udp reachable", "health checks of front → web:8080 blocked"]
    );
}

// LBT-09
#[test]
fn a_group_of_ipv6_needs_a_balancer_and_targets_that_have_it() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "ip_address_type: ipv6", "")));
    assert_eq!(checked.legs(), ["front → web:8080 blocked"]);
    assert!(checked.printed.contains("has no IPv6 address"), "{}", checked.printed);
}
