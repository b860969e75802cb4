//! What a scenario file leaves out is as AWS makes it by default, and what it states is kept with
//! its place.

use std::net::Ipv4Addr;
use vpc_reach::header::{Protocol, ProtocolMatch};
use vpc_reach::network::{
    AclAction, Coverage, Destination, EndpointType, Kind, KnownPorts, LaunchType, Network,
    NetworkMode, Peer, PublicAddress, Resource, RouteOrigin, RouteState, RouteTarget, Scheme,
};
use vpc_reach::read::{Loaded, ReadError, scenario};

fn load(text: &str) -> Loaded {
    let mut base = |_: &str| -> Result<Network, ReadError> { Ok(Network::stated()) };
    match scenario::read("reach.yaml", text, &mut base) {
        Ok(loaded) => loaded,
        Err(error) => panic!("{error} at {:?}: {:?}", error.at, error.hint),
    }
}

fn read(text: &str) -> Network {
    load(text).network
}

fn over(base: &Network, text: &str) -> Result<Network, ReadError> {
    let mut base = |_: &str| -> Result<Network, ReadError> { Ok(base.clone()) };
    scenario::read("over.yaml", text, &mut base).map(|loaded| loaded.network)
}

const APP: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }
";

#[test]
fn every_vpc_has_what_aws_gives_it() {
    let network = read(APP);
    assert_eq!(network.coverage, Coverage::Stated);
    let vpc = &network.vpcs["app"];
    assert_eq!((vpc.dns_support, vpc.dns_hostnames), (Some(true), Some(true)));
    assert_eq!(vpc.about.scope.region.as_deref(), Some("us-east-1"));
    assert_eq!(vpc.about.scope.account.as_deref(), Some("111122223333"));

    // RT-01, RT-09
    let main = &network.route_tables["app-main"];
    assert!(main.main && main.subnets.is_empty());
    assert_eq!(main.routes.len(), 1);
    assert_eq!(main.routes[0].target, RouteTarget::Local);
    assert_eq!(main.routes[0].origin, RouteOrigin::CreateRouteTable);

    // NA-07, NA-08
    let acl = &network.network_acls["app-default"];
    assert!(acl.is_default);
    let numbers: Vec<_> = acl.ingress.iter().map(|entry| (entry.number, entry.action)).collect();
    assert_eq!(numbers, [(100, AclAction::Allow), (32767, AclAction::Deny)]);

    // SG-17
    let group = &network.security_groups["app-default"];
    assert_eq!(group.label(), "default");
    assert!(matches!(&group.ingress[0].peer, Peer::Group(itself) if itself.group == group.id));
    assert_eq!(group.egress[0].protocol, ProtocolMatch::Any);
}

#[test]
fn stated_defaults_take_the_place_of_the_implicit_ones() {
    let network = read(&format!(
        "{APP}
route_tables: {{ own: {{ vpc: app, main: true }} }}
network_acls: {{ own: {{ vpc: app, default: true, ingress: [] }} }}
security_groups: {{ own: {{ vpc: app, default: true, egress: [] }} }}
interfaces: {{ host: {{ subnet: a }} }}
"
    ));
    assert_eq!(network.route_tables.len(), 1);
    assert_eq!(network.network_acls.len(), 1);
    let acl = &network.network_acls["own"];
    assert_eq!(acl.ingress.len(), 1, "only AWS's closing denial (NA-03)");
    assert_eq!(acl.egress.len(), 2, "left out: as AWS makes a default ACL (NA-08)");
    assert_eq!(network.security_groups.len(), 1);
    assert!(network.security_groups["own"].egress.is_empty(), "SG-06: nothing may leave");
    assert!(
        network.interfaces["host"].groups.contains("own"),
        "SG-17: no group is the default one"
    );
}

#[test]
fn rules_are_one_per_peer_and_port_range() {
    let network = read(&format!(
        "{APP}
security_groups:
  lb: {{ vpc: app }}
  task:
    vpc: app
    ingress:
      - {{ from: [lb, 10.0.0.0/8], port: [80, \"8000-8010\"] }}
      - {{ from: s3 }}
      - {{ from: lb, port: 53, protocol: udp }}
      - {{ from: lb, protocol: icmp }}
"
    ));
    let rules = &network.security_groups["task"].ingress;
    let tcp = ProtocolMatch::Only(Protocol::Tcp);
    let shape: Vec<_> = rules.iter().map(|rule| (rule.protocol, rule.ports.to_string())).collect();
    let wanted = [
        (tcp, "80"),
        (tcp, "80"),
        (tcp, "8000-8010"),
        (tcp, "8000-8010"),
        (ProtocolMatch::Any, "all"),
        (ProtocolMatch::Only(Protocol::Udp), "53"),
        (ProtocolMatch::Only(Protocol::Icmp), "all"),
    ];
    assert_eq!(shape, wanted.map(|(protocol, ports)| (protocol, ports.to_owned())));
    assert_eq!(rules[4].peer, Peer::PrefixList("pl-s3".into()));
    assert_eq!(network.prefix_lists["pl-s3"].label(), "com.amazonaws.us-east-1.s3");
    assert_eq!(network.prefix_lists["pl-s3"].entries, None, "SG-08: nobody can list them");
    assert_eq!(rules[6].icmp, Some((-1, -1)));
    let lines: Vec<_> = rules.iter().filter_map(|rule| rule.at.as_ref()?.line).collect();
    assert_eq!(lines, [10, 10, 10, 10, 11, 12, 13]);
}

#[test]
fn routes_lead_to_what_their_targets_name() {
    let network = read(&format!(
        "{APP}
internet_gateways: {{ igw: {{ vpc: app }} }}
nat_gateways: {{ nat: {{ subnet: a }}, inner: {{ subnet: a, connectivity: private }} }}
prefix_lists: {{ office: {{ entries: [198.51.100.0/24] }} }}
route_tables:
  t:
    vpc: app
    routes:
      0.0.0.0/0: nat
      192.0.2.0/24: {{ target: igw/igw, state: blackhole }}
      172.16.0.0/12: vgw/hub
      10.9.0.0/16: blackhole
      office: inner
      ::/0: igw
"
    ));
    let table = &network.route_tables["t"];
    let shape: Vec<_> = table
        .routes
        .iter()
        .map(|route| (route.destination.to_string(), route.target.to_string(), route.state.clone()))
        .collect();
    let active = RouteState::Active;
    let wanted = [
        ("10.0.0.0/16", "local", active.clone()),
        ("0.0.0.0/0", "nat", active.clone()),
        ("192.0.2.0/24", "igw", RouteState::Blackhole),
        ("172.16.0.0/12", "virtual private gateway hub", active.clone()),
        ("10.9.0.0/16", "deleted target", RouteState::Blackhole),
        ("office", "inner", active.clone()),
        ("::/0", "igw", active),
    ];
    let wanted = wanted.map(|(to, target, state)| (to.to_owned(), target.to_owned(), state));
    assert_eq!(shape, wanted);
    assert_eq!(table.routes[1].at.as_ref().unwrap().to_string(), "reach.yaml:12:7");
    // NG-04: only a public gateway has an address, and no two have the same.
    assert_eq!(
        network.nat_gateways["nat"].addresses[0].public,
        Some(Ipv4Addr::new(203, 0, 113, 1))
    );
    assert_eq!(network.nat_gateways["inner"].addresses[0].public, None);
}

#[test]
fn a_local_route_that_the_author_replaces_is_not_added_again() {
    let network = read(&format!(
        "{APP}route_tables: {{ t: {{ vpc: app, routes: {{ 10.0.0.0/16: eni/firewall }} }} }}
interfaces: {{ firewall: {{ subnet: a }} }}"
    ));
    assert_eq!(network.route_tables["t"].routes.len(), 1);
}

#[test]
fn endpoints_are_of_the_type_that_fits() {
    let network = read(&format!(
        "{APP}
route_tables: {{ t: {{ vpc: app }} }}
endpoints:
  dkr: {{ service: ecr.dkr, subnets: [a] }}
  s3: {{ service: s3, route_tables: [t] }}
  s3-interface: {{ service: s3, subnets: [a] }}
  dynamodb: {{ service: com.amazonaws.us-east-1.dynamodb, type: interface, subnets: [a] }}
"
    ));
    let dkr = &network.vpc_endpoints["dkr"];
    assert_eq!(dkr.endpoint_type, EndpointType::Interface);
    assert_eq!(dkr.service_name, "com.amazonaws.us-east-1.ecr.dkr");
    assert!(dkr.private_dns && dkr.groups.contains("app-default"));
    assert_eq!(dkr.state, "available");

    // GE-01: AWS adds the route.
    let s3 = &network.vpc_endpoints["s3"];
    assert_eq!((&s3.endpoint_type, s3.private_dns), (&EndpointType::Gateway, false));
    let route = network.route_tables["t"].routes.last().unwrap();
    assert_eq!(route.destination, Destination::PrefixList("pl-s3".into()));
    assert_eq!(route.target, RouteTarget::GatewayEndpoint("s3".into()));

    // GE-09: beside a gateway endpoint, S3's names are for inbound resolvers only.
    assert!(network.vpc_endpoints["s3-interface"].private_dns_only_for_inbound_resolver);
    assert!(!dkr.private_dns_only_for_inbound_resolver);
    assert!(!network.vpc_endpoints["dynamodb"].private_dns, "DynamoDB has no private DNS");
}

#[test]
fn hosts_have_addresses_and_sockets() {
    let network = read(&format!(
        "{APP}
interfaces:
  db: {{ subnet: a, address: 10.0.1.9, public_ip: 203.0.113.1, listens: [5432, \"127.0.0.1:9187\"] }}
  any: {{ subnet: a }}
instances:
  stopped: {{ subnet: a, address: 10.0.1.10, public_ip: true, state: stopped }}
nat_gateways: {{ nat: {{ subnet: a }} }}
"
    ));
    let db = &network.interfaces["db"];
    let sockets: Vec<_> = db.sockets.iter().map(|s| format!("{}:{}", s.address, s.port)).collect();
    assert_eq!(sockets, ["0.0.0.0:5432", "127.0.0.1:9187"]);
    assert_eq!(db.sockets_known, KnownPorts::all(), "what is not stated does not listen");
    let public = PublicAddress::Known(Ipv4Addr::new(203, 0, 113, 1));
    assert_eq!(db.addresses[0].public, Some(public));
    assert_eq!(
        network.nat_gateways["nat"].addresses[0].public,
        Some(Ipv4Addr::new(203, 0, 113, 2)),
        "the first example address is taken"
    );

    // PW-07: any address that is neither reserved nor taken.
    let any = network.interfaces["any"].planned.as_ref().unwrap();
    assert_eq!(any.to_string(), "10.0.1.4-10.0.1.8, 10.0.1.11-10.0.1.254");
    assert_eq!(network.interfaces["any"].sockets_known, KnownPorts::default());

    // PW-13
    assert!(!network.interfaces["stopped"].usable);
    assert_eq!(network.instances["stopped"].interfaces[0].as_str(), "stopped");
    assert_eq!(network.interfaces["stopped"].addresses[0].public, Some(PublicAddress::Some));
}

#[test]
fn services_are_wired_to_their_containers_and_balancers() {
    let loaded = load(&format!(
        "{APP}
load_balancers: {{ front: {{ subnets: [a], listeners: {{ 443: web }} }} }}
target_groups: {{ web: {{ vpc: app, health_check: {{ path: /, port: 9090 }} }} }}
services: {{ web: {{ subnets: [a], task_definition: web, target_group: web }} }}
task_definitions:
  web:
    containers:
      app: {{ port: 8080, listens: [\"127.0.0.1\", \"::\"] }}
      sidecar: {{}}
tasks: {{ web-1: {{ service: web, subnet: a, address: 10.0.1.20 }} }}
expect:
  - web -> ecr.dkr: blocked
"
    ));
    let network = loaded.network;
    let balancer = &network.load_balancers["front"];
    assert_eq!(balancer.scheme, Scheme::InternetFacing);
    assert_eq!(balancer.listeners.as_ref().unwrap()[0].protocol, "HTTPS");
    assert!(balancer.groups.contains("app-default"));
    let group = &network.target_groups["web"];
    assert!(group.load_balancers.contains("front"));
    assert_eq!(group.health_check_port, Some(9090));

    let service = &network.services["web"];
    assert_eq!(service.launch_type, LaunchType::Fargate);
    assert!(!service.assign_public_ip, "PLC-03");
    // LBT-05: the only container with a port, and its only port.
    assert_eq!(service.targets[0].container.as_deref(), Some("app"));
    assert_eq!(service.targets[0].port, Some(8080));

    let definition = &network.task_definitions["web"];
    assert_eq!(definition.network_mode, NetworkMode::Awsvpc);
    let listens = definition.containers[0].listens.as_ref().unwrap();
    let sockets: Vec<_> = listens.iter().map(|s| (s.address.to_string(), s.port)).collect();
    assert_eq!(sockets, [("127.0.0.1".to_owned(), 8080), ("::".to_owned(), 8080)]);
    assert_eq!(definition.containers[1].listens, None, "nothing is known of it");

    let task = &network.tasks["web-1"];
    assert_eq!(task.group.as_deref(), Some("service:web"));
    assert_eq!(task.task_definition.as_ref().unwrap().as_str(), "web");

    let expectation = &loaded.expectations[0];
    assert_eq!(expectation.query.to_string(), "web -> ecr.dkr");
    assert_eq!(expectation.at.as_ref().unwrap().to_string(), "reach.yaml:15");
}

#[test]
fn a_scenario_on_a_base_states_only_edits() {
    let base = read(&format!(
        "{APP}
route_tables: {{ private: {{ vpc: app }}, other: {{ vpc: app }} }}
endpoints: {{ s3: {{ service: s3, route_tables: [private] }} }}
internet_gateways: {{ igw: {{ vpc: app }} }}
"
    ));
    let network = over(
        &base,
        "
base: prod.yaml
subnets: { a: { vpc: app, cidr: 10.0.1.0/24, route_table: other } }
route_tables: { private: { vpc: app, routes: { 0.0.0.0/0: nat } } }
nat_gateways: { nat: { subnet: a } }
remove: [igw/igw]
",
    )
    .unwrap();
    assert!(network.internet_gateways.is_empty());
    assert!(network.route_tables["other"].subnets.contains("a"));
    let private = &network.route_tables["private"];
    assert_eq!(private.routes.len(), 3, "local, stated, and the endpoint's (GE-01)");
    assert_eq!(private.about.at.as_ref().unwrap().to_string(), "over.yaml:4:17");
    assert_eq!(network.route_tables["app-main"], base.route_tables["app-main"]);
    assert_eq!(network.resources().filter(|(kind, ..)| *kind == Kind::NetworkAcl).count(), 1);
}

#[test]
fn removing_what_others_name_is_refused() {
    let base = read(&format!(
        "{APP}
security_groups: {{ web: {{ vpc: app }} }}
services: {{ web: {{ subnets: [a], security_groups: [web] }} }}
"
    ));
    let error = over(&base, "base: prod.yaml\nremove: [sg/web]\n").unwrap_err();
    assert_eq!(error.message, "service `web` names security group `web`, and there is none");
    assert_eq!(error.at.unwrap().to_string(), "reach.yaml:6:13");
    assert_eq!(error.text, None, "the place is in the base, whose text is not at hand");
}

/// RT-11: a route outlives its target, and leads nowhere.
#[test]
fn a_route_outlives_its_target() {
    let base = read(&format!(
        "{APP}
nat_gateways: {{ nat: {{ subnet: a }} }}
route_tables: {{ private: {{ vpc: app, routes: {{ 0.0.0.0/0: nat }} }} }}
"
    ));
    let network = over(&base, "base: prod.yaml\nremove: [nat/nat]\n").unwrap();
    assert_eq!(network.route_tables["private"].routes[1].state, RouteState::Blackhole);
}
