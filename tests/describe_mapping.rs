//! What the fields of AWS's answers mean to the network.

use std::net::Ipv4Addr;
use vpc_reach::header::{PortSet, Protocol, ProtocolMatch};
use vpc_reach::network::{
    Connectivity, Kind, Network, Peer, Resource, RouteOrigin, RouteState, RouteTarget, Scope,
    Volume, VolumeSource,
};
use vpc_reach::read::Loaded;
use vpc_reach::read::describe::{self, Document};

fn read(documents: &[(&str, &str)]) -> Loaded {
    let documents: Vec<Document> =
        documents.iter().map(|(file, text)| Document::new(file, text)).collect();
    describe::read(&documents).unwrap_or_else(|error| panic!("{error}"))
}

fn one(text: &str) -> Network {
    read(&[("answer.json", text)]).network
}

fn routes(rows: &[&str]) -> Vec<(RouteTarget, RouteState, RouteOrigin)> {
    let network = one(&format!(
        r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [{}]}}]}}"#,
        rows.join(", ")
    ));
    let table = network.route_tables.values().next().unwrap();
    let all = table.routes.iter();
    all.map(|route| (route.target.clone(), route.state.clone(), route.origin)).collect()
}

// AP-02, RT-03
#[test]
fn every_route_target_is_kept_as_what_it_is() {
    // RT-03
    let other = |kind: &str, id: &str| RouteTarget::Other { kind: kind.into(), id: id.into() };
    let wanted = [
        (r#""GatewayId": "local""#, RouteTarget::Local),
        (r#""GatewayId": "igw-1""#, RouteTarget::InternetGateway("igw-1".into())),
        (r#""GatewayId": "vgw-1""#, other("virtual private gateway", "vgw-1")),
        (r#""GatewayId": "vpce-1""#, RouteTarget::LoadBalancerEndpoint("vpce-1".into())),
        (r#""NatGatewayId": "nat-1""#, RouteTarget::NatGateway("nat-1".into())),
        (
            r#""EgressOnlyInternetGatewayId": "eigw-1""#,
            RouteTarget::EgressOnlyGateway("eigw-1".into()),
        ),
        (r#""VpcPeeringConnectionId": "pcx-1""#, RouteTarget::Peering("pcx-1".into())),
        (r#""TransitGatewayId": "tgw-1""#, RouteTarget::TransitGateway("tgw-1".into())),
        (
            r#""InstanceId": "i-1", "NetworkInterfaceId": "eni-1""#,
            RouteTarget::Interface("eni-1".into()),
        ),
        (r#""CarrierGatewayId": "cagw-1""#, other("carrier gateway", "cagw-1")),
        (r#""LocalGatewayId": "lgw-1""#, other("local gateway", "lgw-1")),
        (r#""CoreNetworkArn": "arn:1""#, other("core network", "arn:1")),
        (r#""SomethingNew": "new-1""#, other("target that is not named", "")),
    ];
    for (index, (field, target)) in wanted.into_iter().enumerate() {
        let row = format!(r#"{{"DestinationCidrBlock": "10.{index}.0.0/16", {field}}}"#);
        assert_eq!(routes(&[&row])[0].0, target, "{field}");
    }
    let by_list = |target: &str| {
        routes(&[&format!(r#"{{"DestinationPrefixListId": "pl-1", "GatewayId": "{target}"}}"#)])
    };
    assert_eq!(by_list("vpce-1")[0].0, RouteTarget::GatewayEndpoint("vpce-1".into()));
    assert_eq!(by_list("VpcLattice")[0].0, other("vpc lattice", "VpcLattice"));
}

#[test]
fn route_states_and_origins_are_kept() {
    // RT-05, RT-11
    let route = |cidr: &str, rest: &str| {
        format!(r#"{{"DestinationCidrBlock": "{cidr}", "GatewayId": "vgw-1", {rest}}}"#)
    };
    let rows = [
        route("10.1.0.0/16", r#""State": "blackhole", "Origin": "CreateRoute""#),
        // A propagated route may stand beside a static one.
        route("10.1.0.0/16", r#""State": "active", "Origin": "EnableVgwRoutePropagation""#),
        route("10.2.0.0/16", r#""State": "filtered", "Origin": "Advertisement""#),
        route("10.3.0.0/16", r#""Origin": "SomethingNew""#),
    ];
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let got = routes(&rows);
    assert_eq!(got[0].1, RouteState::Blackhole);
    assert_eq!(got[1].2, RouteOrigin::EnableVgwRoutePropagation);
    assert_eq!(
        (&got[2].1, got[2].2),
        (&RouteState::Other("filtered".into()), RouteOrigin::Advertisement)
    );
    assert!(
        matches!(&got[3].0, RouteTarget::Other { kind, .. } if kind == "route of origin SomethingNew")
    );
}

#[test]
fn only_associated_tables_and_blocks_count() {
    // RT-01, RT-09
    let network = one(r#"{
      "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "default",
        "CidrBlockAssociationSet": [
          {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
          {"CidrBlock": "10.1.0.0/16", "CidrBlockState": {"State": "disassociated"}},
          {"CidrBlock": "100.64.0.0/16", "CidrBlockState": {"State": "associated"}}],
        "Ipv6CidrBlockAssociationSet": [
          {"Ipv6CidrBlock": "2001:db8::/56", "Ipv6CidrBlockState": {"State": "associated"}}]}],
      "RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [
        {"Main": true, "AssociationState": {"State": "associated"}},
        {"Main": false, "SubnetId": "subnet-1", "AssociationState": {"State": "associated"}},
        {"Main": false, "SubnetId": "subnet-2", "AssociationState": {"State": "disassociating"}},
        {"Main": false, "GatewayId": "igw-1", "AssociationState": {"State": "associated"}}]}]}"#);
    let vpc = network.vpcs.get("vpc-1").unwrap();
    let cidrs: Vec<String> = vpc.cidrs.iter().map(ToString::to_string).collect();
    assert_eq!(cidrs, ["10.0.0.0/16", "100.64.0.0/16", "2001:db8::/56"]);
    assert_eq!((vpc.dns_support, &vpc.dhcp_options), (None, &None));
    let table = network.route_tables.get("rtb-1").unwrap();
    assert!(table.main);
    assert_eq!(table.subnets.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["subnet-1"]);
    assert_eq!(table.gateways.iter().collect::<Vec<_>>(), ["igw-1"]);
}

#[test]
fn group_rules_are_one_per_peer_with_their_ids() {
    // SG-01, SG-02, SG-04, SG-18
    let network = one(r#"{
      "SecurityGroups": [
        {"GroupId": "sg-1", "VpcId": "vpc-1", "GroupName": "app", "Tags": [{"Key": "Name", "Value": "web"}],
         "IpPermissions": [
           {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [{"PrefixListId": "pl-1"}],
            "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "111122223333", "PeeringStatus": "active"}]},
           {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
           {"IpProtocol": "50", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
         "IpPermissionsEgress": []},
        {"GroupId": "sg-3", "VpcId": "vpc-1", "GroupName": "default", "Tags": [{"Key": "Name", "Value": "unused"}]}],
      "SecurityGroupRules": [
        {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "PrefixListId": "pl-1"},
        {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "ReferencedGroupInfo": {"GroupId": "sg-2"}},
        {"SecurityGroupRuleId": "sgr-3", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "50", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"},
        {"SecurityGroupRuleId": "sgr-4", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "50", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"}]}"#);
    let group = network.security_groups.get("sg-1").unwrap();
    assert_eq!(group.label(), "web");
    assert_eq!(group.ingress.len(), 6);
    assert!(group.egress.is_empty());
    let ids: Vec<Option<&str>> = group.ingress.iter().map(|rule| rule.rule_id.as_deref()).collect();
    assert_eq!(ids, [None, None, Some("sgr-1"), Some("sgr-2"), None, Some("sgr-4")]);
    assert!(
        matches!(&group.ingress[3].peer, Peer::Group(it) if it.peering_status.as_deref() == Some("active"))
    );
    assert_eq!(group.ingress[0].ports, PortSet::from_range(80, 81));
    assert_eq!(group.ingress[4].icmp, Some((8, -1)));
    assert_eq!(group.ingress[5].protocol, ProtocolMatch::Only(Protocol::Other(50)));
    assert_eq!(group.ingress[5].ports, PortSet::all());
    // SG-17: the default group is known by AWS's own name for it.
    assert_eq!(network.security_groups.get("sg-3").unwrap().label(), "default");
}

#[test]
fn rules_of_groups_that_are_not_there_are_noted() {
    let loaded = read(&[(
        "a.json",
        r#"{"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IpProtocol": "-1", "CidrIpv4": "0.0.0.0/0"}]}"#,
    )]);
    assert!(loaded.notes[0].contains("rules of 1 group"), "{}", loaded.notes[0]);
    assert!(!loaded.network.coverage.covers(&Scope::default(), Kind::SecurityGroup));
}

#[test]
fn acl_entries_keep_their_numbers_protocols_and_ports() {
    // NA-01, NA-05
    let network = one(
        r#"{"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true,
      "Associations": [{"SubnetId": "subnet-1"}], "Entries": [
        {"RuleNumber": 200, "Egress": false, "Protocol": "6", "RuleAction": "allow", "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 1024, "To": 65535}},
        {"RuleNumber": 90, "Egress": false, "Protocol": "1", "RuleAction": "deny", "CidrBlock": "0.0.0.0/0", "IcmpTypeCode": {"Type": 3, "Code": 4}},
        {"RuleNumber": 32768, "Egress": true, "Protocol": "-1", "RuleAction": "deny", "Ipv6CidrBlock": "::/0"}]}]}"#,
    );
    let acl = network.network_acls.get("acl-1").unwrap();
    assert!(acl.is_default);
    let numbers: Vec<u32> = acl.ingress.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [200, 90]);
    assert_eq!(acl.ingress[0].ports, PortSet::from_range(1024, 65535));
    assert_eq!(acl.ingress[1].icmp, Some((3, 4)));
    assert_eq!((acl.egress[0].number, acl.egress[0].protocol), (32768, ProtocolMatch::Any));
}

#[test]
fn nat_gateways_keep_what_works() {
    // NG-01, NG-02, NG-04, NG-15
    let network = one(r#"{"NatGateways": [
      {"NatGatewayId": "nat-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "State": "available", "NatGatewayAddresses": [
        {"PrivateIp": "10.0.0.5", "PublicIp": "198.51.100.1", "NetworkInterfaceId": "eni-1", "Status": "succeeded"}]},
      {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "SubnetId": "subnet-1", "State": "deleted", "NatGatewayAddresses": [
        {"PrivateIp": "10.0.0.5", "PublicIp": "198.51.100.1", "NetworkInterfaceId": "eni-1"}]},
      {"NatGatewayId": "nat-3", "VpcId": "vpc-1", "SubnetId": "subnet-1", "State": "available", "ConnectivityType": "private"},
      {"NatGatewayId": "nat-4", "VpcId": "vpc-1", "State": "available", "AvailabilityMode": "regional"}]}"#);
    let nat = |id: &str| network.nat_gateways.get(id).unwrap();
    assert_eq!(nat("nat-1").addresses[0].public, Some(Ipv4Addr::new(198, 51, 100, 1)));
    assert_eq!(nat("nat-1").connectivity, Connectivity::Public);
    assert!(nat("nat-2").addresses.is_empty());
    assert_eq!(nat("nat-3").connectivity, Connectivity::Private);
    assert_eq!(nat("nat-4").subnet, None);
}

// SEC-01, SEC-03, ENV-01, LOG-01, VOL-01, TSK-02
#[test]
fn what_a_task_needs_to_start_is_kept() {
    let network = one(
        r#"{"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1",
        "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "scratch"}],
        "containerDefinitions": [{"name": "app", "secrets": [{"name": "A", "valueFrom": "a"}],
        "repositoryCredentials": {"credentialsParameter": "arn:r"}, "environmentFiles": [{"value": "arn:e", "type": "s3"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "eu-west-1", "awslogs-group": "/g"},
        "secretOptions": [{"name": "B", "valueFrom": "b"}]}}, {"name": "other",
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-endpoint": "https://logs.example"}}}]},
        "services": [{"serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/c/web", "serviceName": "web", "platformVersion": "1.3.0"}]}"#,
    );
    let definition = network.task_definitions.values().next().unwrap();
    let [app, other] = definition.containers.as_slice() else { panic!("two containers") };
    assert_eq!(app.secrets, ["a", "b"]);
    assert_eq!(app.repository_credentials.as_deref(), Some("arn:r"));
    assert_eq!(app.environment_files, ["arn:e"]);
    let log = app.log.as_ref().unwrap();
    assert_eq!(
        (log.driver.as_str(), log.options["awslogs-region"].as_str()),
        ("awslogs", "eu-west-1")
    );
    let log = other.log.as_ref().unwrap();
    assert_eq!(log.options["awslogs-endpoint"], "https://logs.example");
    let source = VolumeSource::Efs { file_system: "fs-1".to_owned() };
    assert_eq!(definition.volumes, [Volume { name: "data".to_owned(), source }]);
    let service = network.services.values().next().unwrap();
    assert_eq!(service.platform_version.as_deref(), Some("1.3.0"));
}
