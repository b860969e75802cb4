//! Network load balancers: whose address targets see, and the clients' own way.

use super::network::{Checked, check, network as read, web};
use vpc_reach::answer::Verdict;
use vpc_reach::network::{RouteState, RouteTarget};
use vpc_reach::query::World;

/// A network load balancer `front` with what is given, and a service `web` behind it.
fn network(balancer: &str, group: &str, rules: &str, more: &str) -> Checked {
    check(&sections(balancer, group, rules, more))
}

fn sections(balancer: &str, group: &str, rules: &str, more: &str) -> String {
    format!(
        "\
security_groups:
  lb: {{ vpc: app, ingress: [{{ from: 0.0.0.0/0, port: 443 }}] }}
  task: {{ vpc: app, ingress: [{rules}] }}
load_balancers:
  front: {{ type: network, cross_zone: true, subnets: [node-a, node-b], listeners: {{ 443: web }}, {balancer} }}
target_groups:
  web: {{ vpc: app, port: 8080, {group} }}
services:
  web: {{ subnets: [task-a, task-b], security_groups: [task], task_definition: web, target_group: web }}
task_definitions:
  web: {{ containers: {{ app: {{ port: 8080, listens: 0.0.0.0 }} }} }}
{more}"
    )
}

const KEPT: &str = "preserve_client_ip: true";
const NODES: &str = "{ from: [10.0.101.0/24, 10.0.102.0/24], port: 8080 }";
const EVERYONE: &str = "{ from: 0.0.0.0/0, port: 8080 }";

// NLB-01, SG-15: off for address targets over TCP unless it is switched on.
#[test]
fn without_preservation_targets_see_the_nodes() {
    let checked = network("", "", NODES, "");
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
}

// NLB-01, NLB-03
#[test]
fn with_preservation_requests_come_from_clients_and_checks_from_nodes() {
    let checked = network("", KEPT, NODES, "");
    assert_eq!(
        checked.legs(),
        ["front → web:8080 blocked", "health checks of front → web:8080 reachable"]
    );
    let checked = network("", KEPT, "{ from: 198.51.100.0/24, port: 8080 }", "");
    assert_eq!(
        checked.legs(),
        ["front → web:8080 reachable", "health checks of front → web:8080 blocked"]
    );
    assert!(checked.printed.contains("only some clients get through"), "{}", checked.printed);
    let checked = network("", KEPT, EVERYONE, "");
    assert_eq!(
        checked.legs(),
        ["front → web:8080 reachable", "health checks of front → web:8080 reachable"]
    );
}

// SG-15, NLB-02
#[test]
fn a_rule_that_names_the_balancers_group_matches_whoever_the_client_is() {
    for kept in ["true", "false"] {
        let group = format!("preserve_client_ip: {kept}");
        let rules = "{ from: lb, port: 8080 }";
        let checked = network("security_groups: [lb]", &group, rules, "");
        assert!(
            checked.legs().iter().all(|leg| leg.ends_with("reachable")),
            "{:?}",
            checked.legs()
        );
        // A balancer without groups has none that a rule could name.
        let checked = network("", &group, rules, "");
        assert!(checked.legs().iter().all(|leg| leg.ends_with("blocked")), "{:?}", checked.legs());
    }
}

// NLB-06, PW-09: the isolated task subnets have no route to any client.
#[test]
fn a_reply_to_a_preserved_address_needs_no_route() {
    let checked = network("", KEPT, EVERYONE, "");
    assert_eq!(checked.legs()[0], "front → web:8080 reachable");
    assert!(
        checked.printed.contains("NLB_REPLY_IGNORES_ROUTE_TABLE = true"),
        "{}",
        checked.printed
    );
}

// NLB-06: the ACLs see the client's address and port.
#[test]
fn acls_on_the_way_back_see_the_client() {
    let acl = |egress: &str| {
        format!(
            "network_acls: {{ strict: {{ vpc: app, subnets: [task-a, task-b], ingress: [{{ rule: 1, allow: 0.0.0.0/0 }}], egress: [{egress}] }} }}\n"
        )
    };
    let inside = acl("{ rule: 1, allow: 10.0.0.0/16 }");
    let checked = network("", KEPT, EVERYONE, &inside);
    assert_eq!(
        checked.legs(),
        ["front → web:8080 blocked", "health checks of front → web:8080 reachable"]
    );
    let blocker = &checked.flows().next().unwrap()["answers"][0]["blockers"][0];
    assert_eq!(
        (&blocker["code"], &blocker["direction"]),
        (&"SUBNET_ACL_RESTRICTION".into(), &"return".into())
    );
    let everywhere = acl("{ rule: 1, allow: 0.0.0.0/0, port: \"1024-65535\" }");
    let checked = network("", KEPT, EVERYONE, &everywhere);
    assert_eq!(checked.legs()[0], "front → web:8080 reachable");
}

// NLB-01: UDP always keeps them.
#[test]
fn udp_keeps_client_addresses_whatever_is_stated() {
    let rules = "\
security_groups:
  lb: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 53, protocol: udp }] }
  task: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] }
";
    let balancer =
        "type: network, cross_zone: true, listeners: { 53: { target_group: web, protocol: UDP } }";
    let text = web(balancer, "protocol: UDP, preserve_client_ip: false", "");
    let checked = check(&format!(
        "{rules}{}",
        text.replace("port: 8080, listens", "port: 8080/udp, listens")
    ));
    assert_eq!(
        checked.legs(),
        ["front → web:8080/udp blocked", "health checks of front → web:8080 reachable"]
    );
    assert_eq!(clients(&checked), ["internet → front:53 reachable"]);
}

// NLB-05
#[test]
fn clients_of_a_network_balancer_time_out_where_only_they_are_not_admitted() {
    let checked = network("", KEPT, NODES, "");
    let health = &checked.document["services"][0]["health"][0];
    assert_eq!(
        (&health["state"], &health["requests"]),
        (&"healthy".into(), &"the connection times out".into())
    );
}

/// The clients' flows: `internet → front:443 reachable`.
fn clients(checked: &Checked) -> Vec<String> {
    let flows = checked.document["services"][0]["flows"].as_array().unwrap().iter();
    let own = flows.filter(|one| one["role"] == "clients");
    own.map(|one| format!("{} {}", one["why"].as_str().unwrap(), one["verdict"].as_str().unwrap()))
        .collect()
}

// LBC-01
#[test]
fn an_internet_facing_balancer_needs_a_way_in() {
    let checked = network("", "", NODES, "");
    assert_eq!(clients(&checked), ["internet → front:443 reachable"]);
    let checked = network("scheme: internal", "", NODES, "");
    assert_eq!(clients(&checked), [""; 0], "of the clients of an internal one nothing is stated");
    let private = "load_balancers: { front: { type: application, subnets: [task-a, task-b], security_groups: [lb], listeners: { 443: web } } }";
    let text = format!(
        "security_groups: {{ lb: {{ vpc: app, ingress: [{{ from: 0.0.0.0/0, port: 443 }}] }} }}\n{private}\ntarget_groups: {{ web: {{ vpc: app, port: 8080 }} }}\nservices: {{ web: {{ subnets: [task-a], target_group: web, port: 8080 }} }}\n"
    );
    assert_eq!(
        clients(&check(&text)),
        ["internet → front:443 blocked"],
        "no route to the internet gateway"
    );
}

// LBC-01
#[test]
fn a_listener_that_admits_some_clients_is_meant_so() {
    let text = |from: &str, port: &str| {
        format!(
            "security_groups: {{ lb: {{ vpc: app, ingress: [{{ from: {from}, port: {port} }}] }} }}\nload_balancers: {{ front: {{ subnets: [node-a, node-b], security_groups: [lb], listeners: {{ 443: web }} }} }}\ntarget_groups: {{ web: {{ vpc: app, port: 8080 }} }}\nservices: {{ web: {{ subnets: [task-a], target_group: web, port: 8080 }} }}\n"
        )
    };
    let checked = check(&text("198.51.100.0/24", "443"));
    assert_eq!(clients(&checked), ["internet → front:443 reachable"]);
    assert!(checked.printed.contains("only some clients get through"), "{}", checked.printed);
    let checked = check(&text("0.0.0.0/0", "80"));
    assert_eq!(clients(&checked), ["internet → front:443 blocked"]);
}

// PW-09
#[test]
fn where_replies_are_taken_to_need_a_route_those_to_strangers_are_lost() {
    let assume = "assume: { NLB_REPLY_IGNORES_ROUTE_TABLE: false }\n";
    let checked = network("", KEPT, EVERYONE, assume);
    assert_eq!(checked.legs()[0], "front → web:8080 blocked");
    let code = &checked.flows().next().unwrap()["answers"][0]["blockers"][0]["code"];
    assert_eq!(code, "NO_ROUTE_TO_DESTINATION");
    assert!(
        checked.printed.contains("NLB_REPLY_IGNORES_ROUTE_TABLE = false"),
        "{}",
        checked.printed
    );
    // Any route will do.
    let routed = sections("", KEPT, EVERYONE, assume)
        .replace("subnets: [task-a, task-b]", "subnets: [node-a, node-b]");
    assert_eq!(check(&routed).legs()[0], "front → web:8080 reachable");
    // Any that lives (RT-11).
    let mut dead = read(&routed);
    for route in dead.route_tables.values_mut().flat_map(|table| &mut table.routes) {
        if route.target != RouteTarget::Local {
            route.state = RouteState::Blackhole;
        }
    }
    let answer = World::new(dead).ask(&"front -> web:8080".parse().unwrap()).unwrap();
    let blockers: Vec<_> = answer.answers.iter().flat_map(|one| &one.blockers).collect();
    assert_eq!(answer.verdict, Verdict::Blocked, "{answer:#?}");
    assert!(blockers.iter().all(|one| one.code.0 == "BAD_STATE_ROUTE"), "{blockers:#?}");
}
