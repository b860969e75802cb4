//! Where the modelled network ends.

use super::{ask, ask_of, fate, scenario};
use vpc_reach::answer::Verdict::{Blocked, Reachable, Unknown};
use vpc_reach::network::{EndpointType, Network};
use vpc_reach::read::describe::{self, Document};

const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, route_table: out }
  b: { vpc: app, cidr: 10.0.2.0/24, route_table: out }
route_tables:
  out: { vpc: app, routes: { 192.168.0.0/16: vgw/office } }
virtual_private_gateways: { office: { vpc: app } }
security_groups: { all: { vpc: app, ingress: [{ from: 0.0.0.0/0 }] } }
instances:
  job: { subnet: a, security_groups: [all] }
  db: { subnet: b, security_groups: [all] }
";

/// The missing fact of an unknown answer.
fn open(text: &str, query: &str) -> String {
    let answer = ask(text, query);
    assert_eq!(answer.verdict, Unknown, "{answer:#?}");
    answer.missing[0].fact.clone()
}

/// VP-01
#[test]
fn a_path_by_a_virtual_private_gateway_ends_there_with_what_was_proven() {
    let answer = ask(APP, "job -> 192.168.1.1:443");
    assert_eq!(answer.verdict, Unknown);
    assert_eq!(
        answer.missing[0].fact,
        "the path leaves the modelled network here: virtual private gateway office, because the \
         network at the other end of VPN or Direct Connect lies behind it"
    );
    let proven: Vec<&str> = answer.hops.iter().map(|hop| &*hop.rule.0).collect();
    assert_eq!(proven, ["SG-05", "NA-02", "RT-04"]);
    // What stops it before is still known, and what does not come that way is not concerned.
    let closed = APP.replace("ingress:", "egress: [], ingress:");
    assert_eq!(fate(&closed, "job -> 192.168.1.1:443"), (Blocked, "SG_HAS_NO_RULES".into()));
    assert_eq!(fate(APP, "job -> db:5432").0, Reachable);
}

/// VP-01
#[test]
fn a_virtual_private_gateway_that_is_not_attached_carries_nothing() {
    let query = "job -> 192.168.1.1:443";
    let detached = APP.replace("office: { vpc: app }", "office: {}");
    assert_eq!(fate(&detached, query), (Blocked, "BAD_STATE_ATTACHMENT".into()));
    let going = APP.replace("office: { vpc: app }", "office: { vpc: app, state: detaching }");
    assert_eq!(fate(&going, query), (Blocked, "BAD_STATE_ATTACHMENT".into()));
    // One of which nothing is stated may well be.
    let unstated = APP.replace("virtual_private_gateways: { office: { vpc: app } }\n", "");
    assert!(open(&unstated, query).starts_with("the path leaves the modelled network here"));
}

/// VP-01: no transit from another VPC.
#[test]
fn a_virtual_private_gateway_takes_nothing_that_came_by_a_transit_gateway() {
    let text = "\
vpcs: { spoke: { cidr: 10.1.0.0/16 }, hub: { cidr: 10.0.0.0/16 } }
subnets:
  spoke-a: { vpc: spoke, cidr: 10.1.1.0/24, route_table: spoke }
  hub-a: { vpc: hub, cidr: 10.0.1.0/24, route_table: hub }
route_tables:
  spoke: { vpc: spoke, routes: { 0.0.0.0/0: tgw } }
  hub: { vpc: hub, routes: { 10.1.0.0/16: tgw, 192.168.0.0/16: vgw/office } }
virtual_private_gateways: { office: { vpc: hub } }
transit_gateways: { tgw: { } }
transit_gateway_attachments:
  spoke: { transit_gateway: tgw, subnets: [spoke-a] }
  hub: { transit_gateway: tgw, subnets: [hub-a] }
transit_gateway_route_tables: { tgw-more: { transit_gateway: tgw } }
instances: { job: { subnet: spoke-a }, own: { subnet: hub-a } }
";
    let text = text.replace(
        "transit_gateway_route_tables: { tgw-more: { transit_gateway: tgw } }",
        "transit_gateway_route_tables: { all: { transit_gateway: tgw, routes: { 192.168.0.0/16: hub, 10.1.0.0/16: spoke } } }",
    );
    let text = text.replace("subnets: [spoke-a] }", "subnets: [spoke-a], route_table: all }");
    let query = "job -> 192.168.1.1:443";
    let code = "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS".to_owned();
    assert_eq!(fate(&text, query), (Blocked, code));
    assert!(open(&text, "own -> 192.168.1.1:443").contains("virtual private gateway office"));
}

/// VP-01, LA-03, TG-11
#[test]
fn every_way_out_of_the_network_is_named() {
    for (target, named) in [
        ("lgw/x", "local gateway x"),
        ("cagw/x", "carrier gateway x"),
        ("core-network/x", "core network x"),
    ] {
        let text = APP.replace("vgw/office", target);
        let fact = open(&text, "job -> 192.168.1.1:443");
        assert!(
            fact.starts_with(&format!(
                "the path leaves the modelled network here: {named}, because"
            )),
            "{fact}"
        );
    }
}

/// The network of `APP` with an endpoint at `db`, changed.
fn behind(change: impl Fn(&mut Network)) -> Network {
    let endpoint = "endpoints: { mail: { service: com.amazonaws.us-east-1.email-smtp, subnets: [b], security_groups: [all] } }\n";
    let mut network = scenario(&format!("{APP}{endpoint}")).network;
    let endpoint = network.vpc_endpoints.get_mut("mail").unwrap();
    endpoint.interfaces = ["db".into()].into();
    change(&mut network);
    network
}

fn typed(name: &str) -> Network {
    behind(|network| {
        let endpoint = network.vpc_endpoints.get_mut("mail").unwrap();
        endpoint.endpoint_type = EndpointType::Other(name.to_owned());
    })
}

/// LA-01, LA-02: TCP only, and what answers is elsewhere.
#[test]
fn behind_resource_and_service_network_endpoints_the_network_ends() {
    for (name, words) in
        [("Resource", "resource endpoint"), ("ServiceNetwork", "service network endpoint")]
    {
        let answer = ask_of(typed(name), "job -> db:5432");
        assert_eq!(answer.verdict, Unknown);
        assert!(answer.missing[0].fact.contains(&format!("here: {words} mail, because")));
        let answer = ask_of(typed(name), "job -> db:53/udp");
        assert_eq!(answer.verdict, Blocked);
        assert_eq!(&*answer.blockers[0].code.0, "PROTOCOL_RESTRICTION");
    }
    assert_eq!(ask_of(typed("Tunnel"), "job -> db:5432").verdict, Unknown);
}

/// IE-12
#[test]
fn behind_an_endpoint_of_somebodys_own_service_the_network_ends() {
    let own = behind(|network| {
        network.vpc_endpoints.get_mut("mail").unwrap().service_name =
            "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".to_owned();
    });
    let answer = ask_of(own, "job -> db:443");
    assert_eq!(answer.verdict, Unknown);
    assert!(answer.missing[0].fact.contains("here: endpoint service mail, because"));
    assert_eq!(ask_of(behind(|_| {}), "job -> db:443").verdict, Reachable);
}

/// IE-01: only an endpoint that is available carries traffic.
#[test]
fn an_endpoint_that_waits_to_be_accepted_carries_nothing() {
    let waiting = behind(|network| {
        network.vpc_endpoints.get_mut("mail").unwrap().state = "pendingAcceptance".to_owned();
    });
    let answer = ask_of(waiting, "job -> db:443");
    assert_eq!(answer.verdict, Blocked);
    assert_eq!(&*answer.blockers[0].code.0, "BAD_STATE");
}

/// EC-01
#[test]
fn where_encryption_is_enforced_only_443_of_an_endpoint_is_certain() {
    let enforced = |value: &str| {
        behind(|network| {
            network.vpcs.get_mut("app").unwrap().encryption_enforced = true;
            network.assumptions.set("ENFORCE_NON_443_UNKNOWN", value).unwrap();
        })
    };
    assert_eq!(ask_of(enforced("true"), "job -> db:443").verdict, Reachable);
    let answer = ask_of(enforced("true"), "job -> db:587");
    assert_eq!(answer.verdict, Unknown);
    assert!(answer.missing[0].fact.contains("ENFORCE_NON_443_UNKNOWN"));
    let answer = ask_of(enforced("false"), "job -> db:587");
    assert_eq!(answer.verdict, Blocked);
    assert_eq!(&*answer.blockers[0].code.0, "ENCRYPTION_ENFORCED");
    assert_eq!(ask_of(behind(|_| {}), "job -> db:587").verdict, Reachable);
}

/// VP-01, EC-01
#[test]
fn captured_gateways_and_encryption_controls_are_read() {
    let text = r#"{
      "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"},
        {"VpcId": "vpc-2", "CidrBlock": "10.1.0.0/16", "EncryptionControl": {"Mode": "enforce", "State": "available"}},
        {"VpcId": "vpc-3", "CidrBlock": "10.2.0.0/16"}],
      "VpnGateways": [{"VpnGatewayId": "vgw-1", "State": "available", "VpcAttachments": [
        {"VpcId": "vpc-2", "State": "detached"}, {"VpcId": "vpc-1", "State": "attached"}]}],
      "VpcEncryptionControls": [
        {"VpcEncryptionControlId": "vpcec-1", "VpcId": "vpc-1", "Mode": "enforce", "State": "available"},
        {"VpcEncryptionControlId": "vpcec-3", "VpcId": "vpc-3", "Mode": "monitor", "State": "available"}]}"#;
    let network = describe::read(&[Document::new("all.json", text)]).unwrap().network;
    let gateway = &network.virtual_private_gateways["vgw-1"];
    assert_eq!(gateway.attachments, [("vpc-1".into(), "attached".to_owned())]);
    let enforced = ["vpc-1", "vpc-2", "vpc-3"].map(|id| network.vpcs[id].encryption_enforced);
    assert_eq!(enforced, [true, true, false]);
}

/// IE-05
#[test]
fn an_endpoint_opens_no_connections() {
    let text = format!(
        "{APP}endpoints: {{ logs: {{ service: logs, subnets: [a], security_groups: [all] }} }}\n"
    );
    let blocked = (Blocked, "VPCE_INTRA_VPC_TRAFFIC".to_owned());
    assert_eq!(fate(&text, "eni/planned/logs@a -> db:5432"), blocked);
    assert_eq!(fate(&text, "eni/planned/logs@a -> job:5432"), blocked);
    // What it answers is no connection of its own.
    assert_eq!(fate(&text, "db -> eni/planned/logs@a:443").0, Reachable);
}

/// GA-01, VP-02
#[test]
fn what_an_accelerator_or_a_client_vpn_sends_is_told_apart() {
    let text = r#"{"NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-1", "SubnetId": "a", "VpcId": "app", "PrivateIpAddress": "10.0.1.40",
         "InterfaceType": "global_accelerator_managed", "Status": "in-use", "Groups": []},
        {"NetworkInterfaceId": "eni-2", "SubnetId": "a", "VpcId": "app", "PrivateIpAddress": "10.0.1.41",
         "InterfaceType": "interface", "Status": "in-use", "Groups": [],
         "Description": "ClientVPN Endpoint resource"}]}"#;
    let read = describe::read(&[Document::new("eni.json", text)]).unwrap().network;
    let mut network = scenario(APP).network;
    for interface in read.interfaces.values() {
        network.insert(interface.clone());
    }
    let ask = |query: &str| ask_of(network.clone(), query);
    let accelerator = ask("eni/eni-1 -> db:5432");
    assert_eq!(accelerator.verdict, Unknown);
    assert!(accelerator.missing[0].fact.contains("accelerator interface eni-1"));
    let clients = ask("eni/eni-2 -> db:5432");
    assert_eq!(clients.verdict, Reachable);
    assert_eq!(clients.assumptions[0].name, "CLIENT_VPN_SNAT");
    // Behind them are others than the interface.
    for (to, kind) in [("eni-1", "accelerator"), ("eni-2", "client vpn")] {
        let answer = ask(&format!("db -> eni/{to}:443"));
        assert_eq!(answer.verdict, Unknown);
        assert!(answer.missing[0].fact.contains(kind), "{answer:#?}");
    }
}
