//! What the settings of load balancers and target groups bring about, whatever packets do.

use super::network::{GROUPS, check, network, web};
use vpc_reach::answer::Verdict;
use vpc_reach::network::{Coverage, Kind, Network};
use vpc_reach::query::World;

const FORWARD: &str = "listeners: { 443: web }";

// LBT-07
#[test]
fn a_target_group_of_the_wrong_type_is_a_setting_and_no_network_fault() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "type: instance", "")));
    assert_eq!(checked.concerns(), ["stops TARGET_TYPE_MISMATCH target-group web"]);
    assert!(
        checked.printed.contains("incompatible with the awsvpc network mode"),
        "{}",
        checked.printed
    );
    assert_eq!(checked.code, 1);
}

// LBT-12
#[test]
fn a_target_group_that_no_rule_uses_is_told() {
    for (listeners, more) in [
        ("listeners: { 443: spare }", ""),
        ("listeners: { 443: { fixed_response: 503 } }", "only redirects or answers itself"),
        ("listeners: { 80: { redirect: https } }", "only redirects or answers itself"),
    ] {
        let checked = check(&format!("{GROUPS}{}", web(listeners, "", "")));
        assert_eq!(
            checked.concerns(),
            ["stops TARGET_GROUP_UNUSED target-group web"],
            "{listeners}"
        );
        let printed = checked.printed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.contains(more), "{printed}");
        assert_eq!((checked.legs(), checked.code), (Vec::new(), 1), "{listeners}");
    }
}

// LBT-12
#[test]
fn a_group_that_only_some_requests_reach_is_used() {
    let listeners = "listeners: { 443: { fixed_response: 404, rules: [{ path: [/api/*, /v1/*], target_group: web }] } }";
    let checked = check(&format!("{GROUPS}{}", web(listeners, "", "")));
    assert_eq!(checked.concerns(), [""; 0]);
    assert_eq!(checked.legs(), ["front → web:8080 reachable"]);
}

// LBT-12
#[test]
fn weight_zero_gets_no_requests() {
    let listeners = "listeners: { 443: { target_group: { spare: 100, web: 0 } } }";
    let checked = check(&format!("{GROUPS}{}", web(listeners, "", "")));
    assert_eq!(checked.concerns(), ["warning TARGET_GROUP_NO_WEIGHT target-group web"]);
}

// LBT-15
#[test]
fn the_idle_group_of_a_blue_green_pair_is_no_fault() {
    let service = "alternate_target_group: spare";
    for listeners in ["listeners: { 443: web }", "listeners: { 443: spare }"] {
        let checked = check(&format!("{GROUPS}{}", web(listeners, "", service)));
        assert_eq!(checked.concerns(), [""; 0], "{listeners}");
        assert_eq!(checked.legs(), ["front → web:8080 reachable"], "{listeners}");
    }
    let both =
        "listeners: { 443: { target_group: web, rules: [{ path: /test, target_group: spare }] } }";
    let checked = check(&format!("{GROUPS}{}", web(both, "", service)));
    assert_eq!(checked.legs().len(), 2, "both are proven");
}

// LBT-13
#[test]
fn several_target_groups_are_each_proven() {
    let listeners = "listeners: { 443: web, 80: spare }";
    let text = web(listeners, "", "").replace("target_group: web,", "target_groups: [web, spare],");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(checked.legs().len(), 2);
    assert_eq!(checked.concerns(), ["note SEVERAL_TARGET_GROUPS service web"]);
}

// LBT-08
#[test]
fn tasks_with_public_addresses_beyond_the_groups_vpc_are_refused() {
    let text = web(FORWARD, "", "")
        .replace("[task-a, task-b]", "[far]")
        .replace("security_groups: [task], ", "");
    let checked = check(&format!("{GROUPS}{text}"));
    assert!(
        checked.concerns().contains(&"stops TARGET_GROUP_OUT_OF_REACH target-group web".to_owned()),
        "{:?}",
        checked.concerns()
    );
}

// LBT-14
#[test]
fn a_protocol_that_the_load_balancer_cannot_forward_is_told() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "protocol: TCP", "")));
    assert_eq!(checked.concerns(), ["stops TARGET_PROTOCOL_MISMATCH target-group web"]);
    let network = "type: network, listeners: { 53: { target_group: web, protocol: UDP } }";
    let checked = check(&format!("{GROUPS}{}", web(network, "protocol: UDP", "")));
    assert_eq!(checked.concerns(), ["warning TARGET_PROTOCOL_MISMATCH target-group web"]);
}

// LBT-10
#[test]
fn a_task_in_a_zone_without_nodes_is_unused_and_not_proven() {
    let text = web(FORWARD, "", "").replace("[task-a, task-b]", "[task-a, task-c]");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(checked.concerns(), ["warning TARGET_ZONE_NOT_ENABLED load-balancer front"]);
    assert!(checked.printed.contains("Target.NotInUse"), "{}", checked.printed);
    assert_eq!(checked.pairs(), ["node-a → task-a reachable", "node-b → task-a reachable"]);
    let text = text.replace("[task-a, task-c]", "[task-c]");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(checked.concerns(), ["stops TARGET_ZONE_NOT_ENABLED load-balancer front"]);
}

// LBT-11
#[test]
fn cross_zone_off_leaves_pairs_of_one_zone_and_says_which_zone_has_no_target() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "cross_zone: false", "")));
    assert_eq!(checked.pairs(), ["node-a → task-a reachable", "node-b → task-b reachable"]);
    assert!(checked.printed.contains("CROSS_ZONE_OFF_STILL_CHECKS = false"), "{}", checked.printed);
    // The default of a network load balancer.
    let text = web("type: network, listeners: { 443: web }", "", "")
        .replace("[task-a, task-b]", "[task-a]");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(checked.concerns(), ["warning CROSS_ZONE_OFF_EMPTY_ZONE load-balancer front"]);
}

// LBT-11
#[test]
fn with_cross_zone_off_checks_may_still_come_from_every_zone() {
    let turned = "assume: { CROSS_ZONE_OFF_STILL_CHECKS: true }\n";
    let checked = check(&format!("{GROUPS}{}{turned}", web(FORWARD, "cross_zone: false", "")));
    let mut pairs = checked.pairs();
    pairs.sort();
    assert_eq!(
        pairs,
        [
            "node-a → task-a reachable",
            "node-a → task-b reachable",
            "node-b → task-a reachable",
            "node-b → task-b reachable"
        ]
    );
    assert!(checked.printed.contains("CROSS_ZONE_OFF_STILL_CHECKS = true"), "{}", checked.printed);
}

// NLB-01
#[test]
fn attributes_that_were_not_captured_are_missing_where_defaults_are_not_taken() {
    const NAME: &str = "NLB_ATTRIBUTES_ARE_DEFAULTS_WHEN_NOT_CAPTURED";
    let text = web("type: network, listeners: { 443: web }", "", "");
    let mut network = network(&format!("{GROUPS}{text}"));
    let scopes =
        network.vpcs.values().map(|vpc| (vpc.about.scope.clone(), Kind::ALL.into_iter().collect()));
    network.coverage = Coverage::Captured(scopes.collect());
    let ask = |network: &Network| {
        let query = "front -> web:8080".parse().unwrap();
        World::new(network.clone()).ask(&query).unwrap()
    };
    let usual = ask(&network);
    assert_eq!(usual.verdict, Verdict::Reachable, "{usual:#?}");
    assert!(usual.answers[0].assumptions.iter().any(|one| one.name == NAME));
    network.assumptions.set("NLB_ATTRIBUTES_ARE_DEFAULTS_WHEN_NOT_CAPTURED", "false").unwrap();
    let turned = ask(&network);
    assert_eq!(turned.verdict, Verdict::Unknown);
    let missing = &turned.answers[0].missing[0];
    assert!(missing.fact.starts_with("the attributes of load balancer front"), "{missing:?}");
}

// TSK-09
#[test]
fn a_service_outside_aws_has_no_load_balancer() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "", "launch_type: EXTERNAL")));
    assert_eq!(checked.concerns(), ["stops LOAD_BALANCER_NOT_SUPPORTED service web"]);
}
