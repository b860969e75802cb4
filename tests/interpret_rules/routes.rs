//! Route tables.

use crate::world::*;
use vpc_reach::answer::Outcome::Delivered;
use vpc_reach::network::*;

const ECR: &str = "com.amazonaws.us-east-1.ecr.dkr";

/// RT-01
#[test]
fn a_subnet_in_no_table_has_the_main_one() {
    let mut world = world();
    world.eni("client").addresses[0].public = Some(PublicAddress::Some);
    assert_eq!(world.send("client", "192.0.2.1", 443), lost("NO_ROUTE_TO_DESTINATION"));
    world.routes("main").push(route("0.0.0.0/0", to_igw()));
    assert_eq!(world.send("client", "192.0.2.1", 443), Delivered);
    world.net.route_tables.remove("main");
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)));
}

/// RT-04
#[test]
fn the_longest_prefix_wins_whatever_its_place() {
    let mut world = world();
    let mut dead = route("192.0.2.0/24", to_igw());
    dead.state = RouteState::Blackhole;
    world.routes("out").insert(0, dead);
    world.routes("out").push(route("192.0.2.128/25", to_igw()));
    assert_eq!(world.send("web", "192.0.2.1", 443), lost("BAD_STATE_ROUTE"));
    assert_eq!(world.send("web", "192.0.2.129", 443), Delivered);
    assert_eq!(world.send("web", "192.0.3.1", 443), Delivered);
}

/// RT-04
#[test]
fn each_entry_of_a_prefix_list_competes_with_its_own_length() {
    let mut world = world();
    world.net.insert(prefix_list("pl", "partners", Some(&["192.0.0.0/16", "192.0.2.0/24"])));
    world.routes("out").push(list_route("pl", to_transit_gateway()));
    world.routes("out").push(route("192.0.0.0/20", to_igw()));
    assert_eq!(world.send("web", "192.0.1.1", 443), Delivered);
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)));
    assert!(is_unknown(&world.send("web", "192.0.200.1", 443)));
}

/// RT-04, SG-08
#[test]
fn a_prefix_list_of_unknown_entries_leaves_the_way_unknown() {
    let mut world = world();
    world.routes("out").push(list_route("pl", to_igw()));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)), "no such list");
    world.net.insert(prefix_list("pl", "partners", None));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)), "entries not captured");
    world.net.insert(prefix_list("pl", S3, None));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)), "a bare public address");
    assert_eq!(world.send("web", "10.0.2.20", 443), Delivered, "no service has this address");
}

/// RT-04, GE-01
#[test]
fn the_list_of_a_service_takes_its_whole_public_side() {
    let mut world = world();
    world.net.insert(gateway_endpoint());
    world.net.insert(prefix_list("pl", S3, Some(&["52.216.0.0/15"])));
    world.routes("out").push(list_route("pl", to_endpoint()));
    world.eni("web").addresses[0].public = None;
    let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
    assert_eq!(world.send_to_symbol("web", S3, "192.0.2.1"), Delivered);
    assert_eq!(world.send_to_symbol("web", ECR, "52.216.0.1"), lost(code));
    assert_eq!(world.send("web", "52.216.0.1", 443), Delivered, "an entry of the list");
    world.routes("out").push(route("52.216.0.0/24", to_igw()));
    assert_eq!(world.send_to_symbol("web", S3, "192.0.2.1"), Delivered);
    assert!(is_unknown(&world.send_to_symbol("web", S3, "52.216.0.1")), "which is longer?");
}

/// RT-05
#[test]
fn of_equal_prefixes_local_beats_static_beats_list_beats_propagated() {
    let mut world = world();
    let other = || route("192.0.2.0/24", to_transit_gateway());
    world.net.insert(prefix_list("pl", "partners", Some(&["192.0.2.0/24"])));
    world.routes("out").push(Route { origin: RouteOrigin::Advertisement, ..other() });
    world.routes("out").push(list_route("pl", to_igw()));
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered, "list beats propagated");
    world.routes("out").pop();
    world.routes("out").push(list_route("pl", to_transit_gateway()));
    world.routes("out").push(route("192.0.2.0/24", to_igw()));
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered, "static beats list");
    world.routes("out").push(route("10.0.0.0/16", to_transit_gateway()));
    assert_eq!(world.send("web", "10.0.2.20", 443), Delivered, "local beats static");
}

/// RT-06
#[test]
fn of_two_equal_lists_aws_picks_one() {
    let mut world = world();
    world.net.insert(prefix_list("one", "one", Some(&["192.0.2.0/24"])));
    world.net.insert(prefix_list("two", "two", Some(&["192.0.2.0/24"])));
    world.routes("out").push(list_route("one", to_igw()));
    world.routes("out").push(list_route("two", to_transit_gateway()));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)), "nothing says which");
    world.picks = vec!["the route of out to igw".into()];
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    world.routes("out").pop();
    world.routes("out").push(list_route("two", to_igw()));
    world.picks.clear();
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered, "they lead the same way");
}

/// RT-19
#[test]
fn a_route_servers_route_and_a_propagated_one_are_both_possible() {
    let mut world = world();
    let by = |origin, target| Route { origin, ..route("192.0.2.0/24", target) };
    world.routes("out").push(by(RouteOrigin::EnableVgwRoutePropagation, to_transit_gateway()));
    world.routes("out").push(by(RouteOrigin::Advertisement, to_igw()));
    assert!(is_unknown(&world.send("web", "192.0.2.1", 443)));
    world.picks = vec!["the route of out to igw".into()];
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    world.picks.clear();
    world.net.assumptions.set("RS_VS_PROPAGATED_INDETERMINATE", "false").unwrap();
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered, "the Route Server's comes first");
}

/// RT-07
#[test]
fn a_propagated_route_within_the_vpc_loses_to_local_though_longer() {
    let mut world = world();
    let diverted = route("10.0.2.0/24", to_transit_gateway());
    let origin = RouteOrigin::EnableVgwRoutePropagation;
    world.routes("main").push(Route { origin, ..diverted.clone() });
    assert_eq!(world.send("client", "10.0.2.20", 443), Delivered);
    world.routes("main").push(diverted);
    assert!(is_unknown(&world.send("client", "10.0.2.20", 443)), "a static one is obeyed (RT-08)");
}

/// RT-10
#[test]
fn the_reserved_link_local_block_is_never_forwarded() {
    let world = world();
    assert_eq!(world.send("web", "169.254.168.1", 443), lost("NO_ROUTE_TO_DESTINATION"));
    assert_eq!(world.send("web", "169.254.171.255", 443), lost("NO_ROUTE_TO_DESTINATION"));
}

/// RT-11
#[test]
fn a_dead_route_drops_and_a_filtered_one_is_not_there() {
    let mut world = world();
    let better = route("192.0.2.0/24", to_igw());
    world.routes("out").push(Route { state: RouteState::Blackhole, ..better.clone() });
    assert_eq!(world.send("web", "192.0.2.1", 443), lost("BAD_STATE_ROUTE"));
    world.routes("out").pop();
    world.routes("out").push(Route { state: RouteState::Other("filtered".into()), ..better });
    assert_eq!(world.send("web", "192.0.2.1", 443), Delivered);
    world.net.assumptions.set("RT_FILTERED_IS_ABSENT", "false").unwrap();
    assert_eq!(world.send("web", "192.0.2.1", 443), lost("BAD_STATE_ROUTE"));
}

/// RT-12
#[test]
fn without_a_route_a_packet_is_dropped() {
    let mut world = world();
    world.routes("main").clear();
    assert_eq!(world.send("client", "10.0.2.20", 443), lost("NO_ROUTE_TO_DESTINATION"));
}

/// RT-03
#[test]
fn a_target_that_is_not_modelled_leaves_the_way_unknown() {
    let mut world = world();
    world.routes("main").push(route("0.0.0.0/0", to_transit_gateway()));
    assert!(is_unknown(&world.send("client", "192.0.2.1", 443)));
    for missing in [
        RouteTarget::InternetGateway("igw-gone".into()),
        RouteTarget::NatGateway("nat-gone".into()),
        RouteTarget::GatewayEndpoint("vpce-gone".into()),
    ] {
        world.routes("main").pop();
        world.routes("main").push(route("0.0.0.0/0", missing));
        assert!(is_unknown(&world.send("client", "192.0.2.1", 443)));
    }
}
