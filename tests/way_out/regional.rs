//! Regional NAT gateways (NG-15).

use super::{ask, ask_of, fate, refusal, scenario};
use vpc_reach::answer::Answer;
use vpc_reach::answer::Verdict::{Blocked, Reachable, Unknown};
use vpc_reach::read::describe::{self, Document};

/// Private hosts in two zones, and a public one; the gateway has an address in the first zone.
const APP: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private, network_acl: inner }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public: { vpc: app, cidr: 10.0.3.0/24, az: us-east-1a, route_table: public }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { vpc: app, az: us-east-1a, public_ip: 203.0.113.9 } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
network_acls:
  inner: { vpc: app, ingress: [{ rule: 1, allow: 192.0.2.0/24 }], egress: [{ rule: 1, allow: 0.0.0.0/0 }] }
security_groups: { web: { vpc: app, ingress: [{ from: 203.0.113.9/32, port: 443 }] } }
instances:
  job: { subnet: a, address: 10.0.1.10, security_groups: [web] }
  far: { subnet: b, address: 10.0.2.10, security_groups: [web] }
  web: { subnet: public, address: 10.0.3.10, public_ip: 203.0.113.77, security_groups: [web] }
";

fn app(from: &str, to: &str) -> String {
    assert!(APP.contains(from), "{from}");
    APP.replace(from, to)
}

fn gateway(keys: &str) -> String {
    app("{ vpc: app, az: us-east-1a, public_ip: 203.0.113.9 }", &format!("{{ vpc: app, {keys} }}"))
}

fn assumes(answer: &Answer, name: &str) -> bool {
    answer.assumptions.iter().any(|one| one.name == name)
}

/// NG-15, RT-17, NA-10
#[test]
fn it_leads_to_the_internet_from_no_subnet_and_by_its_own_table() {
    let answer = ask(APP, "job -> 192.0.2.7:443");
    assert_eq!(answer.verdict, Reachable, "{answer:#?}");
    assert!(assumes(&answer, "REGIONAL_NAT_HAS_NO_NACL"), "{:?}", answer.assumptions);
    let passed = |rule: &str| answer.hops.iter().any(|hop| hop.rule.0 == rule);
    assert!(passed("NG-15") && passed("IG-02"), "{:#?}", answer.hops);
    // The client's own ACL sees the real server on the way back.
    let acl = (Blocked, "SUBNET_ACL_RESTRICTION".to_owned());
    assert_eq!(fate(APP, "job -> 198.51.100.7:443"), acl);
    // A host of the VPC, by its public address, sees the gateway's.
    assert_eq!(ask(APP, "far -> 203.0.113.77:443").verdict, Reachable);
    let other = app("from: 203.0.113.9/32", "from: 10.0.0.0/8");
    assert_eq!(fate(&other, "far -> 203.0.113.77:443").1, "ENI_SG_RULES_MISMATCH");
}

/// NG-15
#[test]
fn it_serves_a_zone_without_an_address_only_where_it_expands() {
    let answer = ask(APP, "far -> 192.0.2.7:443");
    assert_eq!(answer.verdict, Reachable);
    let told = |hop: &vpc_reach::answer::Hop| hop.what.contains("serves it from another zone");
    assert!(answer.hops.iter().any(told), "{:#?}", answer.hops);
    let manual = gateway("expands: false, az: us-east-1a, public_ip: 203.0.113.9");
    assert_eq!(ask(&manual, "job -> 192.0.2.7:443").verdict, Reachable);
    let refused = (Blocked, "REGIONAL_NGW_ROUTE_AZ_RESTRICTION".to_owned());
    assert_eq!(fate(&manual, "far -> 192.0.2.7:443"), refused);
    let both = gateway(
        "expands: false, addresses: [{ az: us-east-1a, public_ip: 203.0.113.9 }, \
         { az: us-east-1b, public_ip: 203.0.113.10 }]",
    );
    assert_eq!(ask(&both, "far -> 192.0.2.7:443").verdict, Reachable);
    // Each zone sends from its own address.
    assert_eq!(fate(&both, "far -> 203.0.113.77:443").1, "ENI_SG_RULES_MISMATCH");
    assert_eq!(ask(&both, "job -> 192.0.2.7:443").verdict, Reachable);
    for unsure in [
        "expands: unknown, az: us-east-1a, public_ip: 203.0.113.9",
        "expands: false, public_ip: 203.0.113.9",
    ] {
        let answer = ask(&gateway(unsure), "far -> 192.0.2.7:443");
        assert_eq!(answer.verdict, Unknown, "{unsure}");
        assert!(answer.missing[0].fact.contains("serves us-east-1b"), "{:?}", answer.missing);
    }
}

/// NG-15, NG-02
#[test]
fn what_its_own_table_does_not_lead_to_the_internet_is_lost_or_unknown() {
    let table = |routes: &str| {
        let own = "route_tables:\n  own: { vpc: app, routes: { @ } }\n".replace('@', routes);
        gateway("route_table: own, public_ip: 203.0.113.9").replace("route_tables:\n", &own)
    };
    assert_eq!(ask(&table("0.0.0.0/0: igw"), "job -> 192.0.2.7:443").verdict, Reachable);
    let nowhere = (Blocked, "NO_ROUTE_TO_DESTINATION".to_owned());
    assert_eq!(fate(&table(""), "job -> 192.0.2.7:443"), nowhere);
    let dead = table("0.0.0.0/0: blackhole");
    assert_eq!(fate(&dead, "job -> 192.0.2.7:443").1, "BAD_STATE_ROUTE");
    // Nothing says from which address it would send there, nor how replies would go by an
    // appliance.
    let inward =
        table("0.0.0.0/0: igw").replace("0.0.0.0/0: nat }", "0.0.0.0/0: nat, 10.0.2.0/24: nat }");
    let answer = ask(&inward, "job -> far:443");
    assert_eq!(answer.verdict, Unknown);
    assert!(answer.missing[0].fact.contains("what is not on the internet"), "{:?}", answer.missing);
    let detour = table("0.0.0.0/0: igw, 10.0.1.0/24: vgw/elsewhere");
    assert_eq!(ask(&detour, "job -> 192.0.2.7:443").verdict, Unknown);
    let down = gateway("public_ip: 203.0.113.9, state: failed");
    assert_eq!(fate(&down, "job -> 192.0.2.7:443").1, "BAD_STATE");
    assert_eq!(fate(APP, "web -> 203.0.113.9:443").1, "NAT_NO_INBOUND");
}

/// NG-15, BP-02
#[test]
fn a_block_of_both_ways_is_lifted_for_it_by_the_vpc_alone() {
    let block = |mode: &str, excluded: &str| {
        format!(
            "{APP}public_access_blocks: {{ all: {{ mode: {mode} }} }}\n\
             public_access_exclusions: {{ one: {{ {excluded}, mode: allow-egress }} }}\n"
        )
    };
    let query = "job -> 192.0.2.7:443";
    let closed = ask(&block("block-bidirectional", "subnet: a"), query);
    assert_eq!(closed.verdict, Blocked);
    assert_eq!(&*closed.blockers[0].code.0, "VPC_BLOCK_PUBLIC_ACCESS_ENABLED");
    assert!(assumes(&closed, "REGIONAL_NAT_NEEDS_VPC_EXCLUSION"), "{closed:#?}");
    assert_eq!(ask(&block("block-bidirectional", "vpc: app"), query).verdict, Reachable);
    assert_eq!(ask(&block("block-ingress", "subnet: a"), query).verdict, Reachable);
    let mut network = scenario(&block("block-bidirectional", "subnet: a")).network;
    network.assumptions.set("REGIONAL_NAT_NEEDS_VPC_EXCLUSION", "false").unwrap();
    let turned = ask_of(network.clone(), query);
    assert_eq!(turned.verdict, Reachable);
    assert!(assumes(&turned, "REGIONAL_NAT_NEEDS_VPC_EXCLUSION"));
    assert_eq!(ask_of(network, "far -> 192.0.2.7:443").verdict, Blocked, "of its own subnet");
}

/// NG-15
#[test]
fn captured_ones_are_read_with_their_zones_and_their_table() {
    let text = r#"{"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "available",
      "AvailabilityMode": "regional", "AutoProvisionZones": "disabled", "RouteTableId": "rtb-1", "NatGatewayAddresses": [
        {"PublicIp": "198.51.100.1", "Status": "succeeded", "AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az1"}]},
      {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "State": "available", "AvailabilityMode": "regional"}]}"#;
    let network = describe::read(&[Document::new("all.json", text)]).unwrap().network;
    let nat = &network.nat_gateways["nat-1"];
    assert_eq!((nat.expands, nat.subnet.as_ref()), (Some(false), None));
    assert_eq!(nat.route_table.as_ref().unwrap().as_str(), "rtb-1");
    assert_eq!(nat.addresses[0].zone.id.as_deref(), Some("use1-az1"));
    assert_eq!(network.nat_gateways["nat-2"].expands, None);
}

/// NG-15
#[test]
fn a_captured_one_whose_table_is_not_known_leaves_the_way_unknown() {
    let mut network = scenario(APP).network;
    network.coverage = vpc_reach::network::Coverage::default();
    let answer = ask_of(network, "job -> 192.0.2.7:443");
    assert_eq!(answer.verdict, Unknown);
    let table =
        |one: &vpc_reach::answer::Missing| one.fact.contains("the route table of NAT gateway");
    assert!(answer.missing.iter().any(table), "{:?}", answer.missing);
}

/// NG-15
#[test]
fn what_only_a_regional_one_has_is_refused_of_others() {
    let (message, hint) = refusal(&gateway("subnet: public, expands: false"));
    assert!(message.contains("has no `expands`") && hint.contains("regional"), "{message}: {hint}");
    let (message, hint) = refusal(&gateway("connectivity: private"));
    assert!(message.contains("regional, and private") && hint.contains("public"), "{message}");
}
