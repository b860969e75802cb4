//! Answers that belong together are joined: interfaces with their owners, targets with their groups,
//! everything with its account and Region.

use std::net::Ipv4Addr;
use vpc_reach::network::{
    InterfaceRole, Kind, LaunchType, Listener, NameServer, Network, NetworkMode, OperatingSystem,
    PublicAddress, Resource, Scope,
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

fn in_folder(file: &str, account: &str, region: &str, text: &str) -> Document {
    let scope = Scope { account: Some(account.into()), region: Some(region.into()) };
    Document { file: file.to_owned(), text: text.to_owned(), scope }
}

const INTERFACES: &str = r#"{"NetworkInterfaces": [
  {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use", "PrivateIpAddress": "10.0.1.4",
   "Association": {"PublicIp": "198.51.100.4"}, "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.4"}, {"PrivateIpAddress": "10.0.1.5"}],
   "Ipv6Addresses": [{"Ipv6Address": "2001:db8::4"}], "Attachment": {"Status": "attached", "InstanceId": "i-1"}},
  {"NetworkInterfaceId": "eni-2", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use", "PrivateIpAddress": "10.0.1.6",
   "SourceDestCheck": false, "Attachment": {"Status": "attached", "InstanceId": "i-2"}, "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.32/28"}]},
  {"NetworkInterfaceId": "eni-3", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "available", "PrivateIpAddress": "10.0.1.7"},
  {"NetworkInterfaceId": "eni-4", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use", "PrivateIpAddress": "10.0.1.8", "Description": "ELB app/web/0123", "Attachment": {"Status": "attached"}},
  {"NetworkInterfaceId": "eni-5", "SubnetId": "subnet-1", "VpcId": "vpc-1", "Status": "in-use", "PrivateIpAddress": "10.0.1.9", "InterfaceType": "vpc_endpoint", "Attachment": {"Status": "attaching"}}]}"#;

#[test]
fn interfaces_join_their_addresses_and_owners() {
    // IG-02, PW-03, PW-13
    let loaded = read(&[
        ("a.json", INTERFACES),
        (
            "b.json",
            r#"{"Addresses": [{"PublicIp": "198.51.100.5", "NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.1.5"}]}"#,
        ),
        (
            "c.json",
            r#"{"Reservations": [{"Instances": [
           {"InstanceId": "i-1", "State": {"Name": "running"}, "NetworkInterfaces": [
             {"NetworkInterfaceId": "eni-9", "Attachment": {"DeviceIndex": 1}}, {"NetworkInterfaceId": "eni-1", "Attachment": {"DeviceIndex": 0}}]},
           {"InstanceId": "i-2", "State": {"Name": "stopped"}}]}]}"#,
        ),
    ]);
    let network = &loaded.network;
    let eni = |id: &str| network.interfaces.get(id).unwrap();
    let public = |index: usize| eni("eni-1").addresses[index].public;
    assert_eq!(public(0), Some(PublicAddress::Known(Ipv4Addr::new(198, 51, 100, 4))));
    assert_eq!(public(1), Some(PublicAddress::Known(Ipv4Addr::new(198, 51, 100, 5))));
    assert_eq!((eni("eni-1").addresses.len(), public(2)), (3, None));
    assert!(eni("eni-1").usable && eni("eni-1").source_dest_check);
    assert!(!eni("eni-2").usable && !eni("eni-2").source_dest_check);
    assert_eq!(eni("eni-2").addresses.len(), 1);
    assert_eq!(eni("eni-2").prefixes, ["10.0.1.32/28".parse().unwrap()]);
    assert!(!eni("eni-3").usable);
    assert_eq!((&eni("eni-4").role, eni("eni-4").usable), (&InterfaceRole::LoadBalancer, true));
    assert_eq!((&eni("eni-5").role, eni("eni-5").usable), (&InterfaceRole::Endpoint, false));
    let primary = &network.instances.get("i-1").unwrap().interfaces[0];
    assert_eq!(primary.as_str(), "eni-1");
}

#[test]
fn endpoints_keep_the_names_that_they_override() {
    // DN-15, GE-09
    let network = one(
        r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface", "VpcId": "vpc-1",
      "ServiceName": "com.amazonaws.us-east-1.ecr.dkr", "State": "available", "PrivateDnsEnabled": true,
      "SubnetIds": ["subnet-1"], "Groups": [{"GroupId": "sg-1"}], "NetworkInterfaceIds": ["eni-1"],
      "DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": true},
      "DnsEntries": [{"DnsName": "vpce-1-abc.dkr.ecr.us-east-1.vpce.amazonaws.com"}, {"DnsName": "*.dkr.ecr.us-east-1.amazonaws.com"}]}]}"#,
    );
    let endpoint = network.vpc_endpoints.get("vpce-1").unwrap();
    assert_eq!(endpoint.private_dns_names, ["*.dkr.ecr.us-east-1.amazonaws.com"]);
    assert!(endpoint.private_dns && endpoint.private_dns_only_for_inbound_resolver);
    // With nothing else to tell it, the service's name tells the Region.
    assert_eq!(endpoint.about.scope.region.as_deref(), Some("us-east-1"));
}

#[test]
fn prefix_list_entries_are_known_only_where_captured() {
    // SG-08
    let loaded = read(&[
        (
            "describe-managed-prefix-lists.json",
            r#"{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.us-east-1.s3"}, {"PrefixListId": "pl-2", "PrefixListName": "offices"}]}"#,
        ),
        (
            "describe-prefix-lists.json",
            r#"{"PrefixLists": [{"PrefixListId": "pl-1", "PrefixListName": "com.amazonaws.us-east-1.s3", "Cidrs": ["52.216.0.0/15"]}]}"#,
        ),
        ("get-managed-prefix-list-entries.pl-3.json", r#"{"Entries": [{"Cidr": "192.0.2.0/24"}]}"#),
    ]);
    let list = |id: &str| loaded.network.prefix_lists.get(id).unwrap();
    assert_eq!(list("pl-1").entries.as_ref().unwrap().len(), 1);
    assert_eq!((list("pl-2").label(), &list("pl-2").entries), ("offices", &None));
    assert_eq!((list("pl-3").label(), list("pl-3").entries.as_ref().unwrap().len()), ("pl-3", 1));
}

const ECS: &str = r#"{
  "services": [
    {"serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/app/web", "serviceName": "web", "status": "ACTIVE",
     "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}], "taskDefinition": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:3",
     "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}},
     "loadBalancers": [{"targetGroupArn": "arn:tg/a", "containerName": "app", "containerPort": 8080, "advancedConfiguration": {"alternateTargetGroupArn": "arn:tg/b"}}]},
    {"serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/app/set", "serviceName": "set", "status": "ACTIVE",
     "taskSets": [{"status": "PRIMARY", "launchType": "EC2", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-3"]}}}]},
    {"serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/app/old", "serviceName": "old", "status": "INACTIVE"}],
  "tasks": [
    {"taskArn": "arn:aws:ecs:us-east-1:111122223333:task/app/1", "lastStatus": "RUNNING", "group": "service:web", "launchType": "FARGATE", "taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:3",
     "attachments": [{"type": "ElasticNetworkInterface", "status": "ATTACHED", "details": [{"name": "networkInterfaceId", "value": "eni-3"}]}]},
    {"taskArn": "arn:aws:ecs:us-east-1:111122223333:task/app/2", "lastStatus": "STOPPED", "group": "service:web",
     "attachments": [{"type": "ElasticNetworkInterface", "status": "DELETED", "details": [{"name": "networkInterfaceId", "value": "eni-7"}]}]}],
  "failures": [{"arn": "arn:aws:ecs:us-east-1:111122223333:task/app/3", "reason": "MISSING"}],
  "taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:3", "family": "web", "revision": 3,
    "requiresCompatibilities": ["FARGATE"], "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
    "containerDefinitions": [{"name": "app", "image": "web:3", "portMappings": [{"containerPort": 8080}, {"containerPortRange": "9000-9002"}]}]}}"#;

#[test]
fn services_tasks_and_definitions_join_their_interfaces() {
    // INP-01, PLC-03, PLC-06, PLC-07, PLC-17, LBT-15
    let loaded = read(&[("ecs.json", ECS), ("enis.json", INTERFACES)]);
    let network = &loaded.network;
    let arn = "arn:aws:ecs:us-east-1:111122223333:service/app";
    let web = network.services.get(format!("{arn}/web").as_str()).unwrap();
    assert_eq!((web.label(), &web.launch_type), ("web", &LaunchType::Fargate));
    assert!(web.assign_public_ip);
    assert_eq!((web.subnets.len(), web.targets.len()), (2, 1));
    assert!(web.targets[0].alternate.is_some());
    let set = network.services.get(format!("{arn}/set").as_str()).unwrap();
    assert_eq!(
        (&set.launch_type, set.subnets.len(), set.assign_public_ip),
        (&LaunchType::Ec2, 1, false)
    );
    assert_eq!(network.services.len(), 2);
    assert_eq!(
        loaded.notes,
        [
            "service old is left out: it is INACTIVE",
            "ECS did not describe arn:aws:ecs:us-east-1:111122223333:task/app/3: MISSING",
        ]
    );
    let held: Vec<usize> = network.tasks.values().map(|task| task.interfaces.len()).collect();
    assert_eq!(held, [1, 0]);
    let definition = network.task_definitions.values().next().unwrap();
    assert_eq!((definition.label(), &definition.network_mode), ("web:3", &NetworkMode::Awsvpc));
    assert_eq!(definition.containers[0].ports().collect::<Vec<_>>(), [8080, 9000, 9001, 9002]);
    // The task has it, so it is used, though this capture shows no attachment.
    let interface = network.interfaces.get("eni-3").unwrap();
    assert_eq!((&interface.role, interface.usable), (&InterfaceRole::Task, true));
    assert_eq!(interface.operating_system, Some(OperatingSystem::Windows));
    assert_eq!(web.about.scope.account.as_deref(), Some("111122223333"));
}

fn balancer(account: &str) -> String {
    let arn = format!("arn:aws:elasticloadbalancing:us-east-1:{account}");
    format!(
        r#"{{"LoadBalancers": [
          {{"LoadBalancerArn": "{arn}:loadbalancer/app/front/01", "LoadBalancerName": "front", "Type": "application", "Scheme": "internal", "VpcId": "vpc-1", "AvailabilityZones": [{{"SubnetId": "subnet-1"}}]}},
          {{"LoadBalancerArn": "{arn}:loadbalancer/app/idle/02", "LoadBalancerName": "idle", "Type": "application", "Scheme": "internal", "VpcId": "vpc-1"}},
          {{"LoadBalancerArn": "{arn}:loadbalancer/net/other/03", "LoadBalancerName": "other", "Type": "network", "Scheme": "internal", "VpcId": "vpc-1"}}],
        "Listeners": [{{"ListenerArn": "{arn}:listener/app/front/01/11", "LoadBalancerArn": "{arn}:loadbalancer/app/front/01", "Port": 80, "Protocol": "HTTP",
          "DefaultActions": [{{"Type": "forward", "ForwardConfig": {{"TargetGroups": [{{"TargetGroupArn": "{arn}:targetgroup/a/21"}}]}}}}]}}],
        "Rules": [{{"RuleArn": "{arn}:listener-rule/app/front/01/11/99", "Actions": [{{"Type": "forward", "TargetGroupArn": "{arn}:targetgroup/b/22"}}]}}],
        "TargetGroups": [{{"TargetGroupArn": "{arn}:targetgroup/a/21", "TargetGroupName": "a", "TargetType": "ip", "Port": 80, "HealthCheckPort": "8081"}}]}}"#
    )
}

#[test]
fn listeners_rules_and_targets_join_their_balancers() {
    let health = |id: &str| {
        format!(r#"{{"TargetHealthDescriptions": [{{"Target": {{"Id": "{id}", "Port": 8080}}}}]}}"#)
    };
    let (first, second) = ("111122223333", "444455556666");
    let folder = |account, file, text: &str| in_folder(file, account, "us-east-1", text);
    // The same names in two accounts.
    let loaded = describe::read(&[
        folder(first, "1/elb.json", &balancer(first)),
        folder(first, "1/describe-listeners.idle.json", r#"{"Listeners": []}"#),
        folder(first, "1/describe-target-health.a.json", &health("10.0.1.4")),
        folder(first, "1/describe-target-health.gone.json", &health("10.0.1.9")),
        folder(second, "2/elb.json", &balancer(second)),
        folder(second, "2/describe-target-health.a.json", &health("10.0.1.5")),
    ])
    .unwrap();
    let listeners = |account: &str, name: &str| {
        let mut all = loaded.network.load_balancers.values();
        let found = all.find(|it| it.label() == name && it.id.as_str().contains(account)).unwrap();
        found.listeners.clone()
    };
    let front: Vec<Listener> = listeners(first, "front").unwrap();
    assert_eq!((front.len(), front[0].target_groups().count()), (1, 2));
    assert_eq!(listeners(first, "idle"), Some(Vec::new()));
    assert_eq!((listeners(first, "other"), listeners(second, "idle")), (None, None));
    for (account, target) in [(first, "10.0.1.4"), (second, "10.0.1.5")] {
        let mut groups = loaded.network.target_groups.values();
        let group = groups.find(|group| group.id.as_str().contains(account)).unwrap();
        assert_eq!(group.targets.as_ref().unwrap()[0].id, target);
        assert_eq!(group.health_check_port, Some(8081));
    }
    assert_eq!(loaded.notes, ["target health is there of target groups that are not: gone"]);
}

#[test]
fn dns_answers_say_who_resolves_and_who_sees_a_zone() {
    // DN-01, DN-04, DN-06
    let zones = r#"{"HostedZones": [{"Id": "/hostedzone/Z1", "Name": "corp.example.", "Config": {"PrivateZone": true}}, {"Id": "/hostedzone/Z2", "Name": "example.", "Config": {"PrivateZone": false}}]}"#;
    let loaded = read(&[
        (
            "a.json",
            r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
          "DhcpOptions": [{"DhcpOptionsId": "dopt-1", "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}, {"Value": "10.1.1.53"}]}]}],
          "ResolverRules": [{"Id": "rslvr-rr-1", "DomainName": ".", "RuleType": "FORWARD"}]}"#,
        ),
        ("b.json", zones),
        (
            "c.json",
            r#"{"HostedZone": {"Id": "/hostedzone/Z1", "Name": "corp.example.", "Config": {"PrivateZone": true}}, "VPCs": [{"VPCRegion": "us-east-1", "VPCId": "vpc-2"}]}"#,
        ),
    ]);
    let network = &loaded.network;
    let servers = &network.dhcp_options.get("dopt-1").unwrap().name_servers;
    assert_eq!(*servers, [NameServer::Amazon, NameServer::Address("10.1.1.53".parse().unwrap())]);
    assert_eq!(network.resolver_rules.get("rslvr-rr-1").unwrap().domain, ".");
    let zone = |id: &str| network.hosted_zones.get(id).unwrap();
    assert_eq!((zone("Z1").domain.as_str(), zone("Z1").private), ("corp.example", true));
    assert_eq!(zone("Z1").vpcs.as_ref().unwrap().len(), 1);
    assert_eq!((&zone("Z2").vpcs, zone("Z2").private), (&None, false));

    // The zones of every VPC are all there are to see.
    let vpc = r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
    let seen = r#"{"HostedZoneSummaries": [{"HostedZoneId": "Z9", "Name": "x.example.", "Owner": {"OwningAccount": "444455556666"}}]}"#;
    let whole = read(&[("a.json", vpc), ("list-hosted-zones-by-vpc.vpc-1.json", seen)]).network;
    assert!(whole.coverage.covers(&Scope::default(), Kind::HostedZone));
    assert_eq!(whole.hosted_zones.get("Z9").unwrap().vpcs.as_ref().unwrap().len(), 1);
    let other = read(&[("a.json", vpc), ("list-hosted-zones-by-vpc.vpc-2.json", seen)]).network;
    assert!(!other.coverage.covers(&Scope::default(), Kind::HostedZone));
    assert_eq!(other.hosted_zones.get("Z9").unwrap().vpcs, None);
}

#[test]
fn what_is_not_modelled_is_kept_as_what_it_is() {
    let network = one(r#"{
      "ClientVpnEndpoints": [{"ClientVpnEndpointId": "cvpn-1", "OwnerId": "111122223333", "Tags": [{"Key": "Name", "Value": "hub"}]}],
      "CarrierGateways": []}"#);
    let kept: Vec<(&str, &str)> =
        network.others.keys().map(|(kind, id)| (kind.as_str(), id.as_str())).collect();
    assert_eq!(kept, [("client vpn endpoint", "cvpn-1")]);
}

#[test]
fn accounts_and_regions_are_as_the_data_says_else_the_folders_else_the_rest_of_the_capture() {
    let scope = |network: &Network, vpc: &str| {
        let scope = &network.vpcs.get(vpc).unwrap().about.scope;
        (scope.account.as_deref().map(str::to_owned), scope.region.as_deref().map(str::to_owned))
    };
    let some = |account: &str, region: &str| (Some(account.to_owned()), Some(region.to_owned()));
    let vpc = |id: &str, rest: &str| {
        format!(r#"{{"Vpcs": [{{"VpcId": "{id}", "CidrBlock": "10.0.0.0/16"{rest}}}]}}"#)
    };
    let subnet = r#"{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-9", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-3c", "OwnerId": "777788889999"}]}"#;

    let (first, second) = ("111122223333", "444455556666");
    let network = describe::read(&[
        in_folder("1.json", first, "us-east-1", &vpc("vpc-1", "")),
        in_folder("2.json", second, "us-west-2", &vpc("vpc-2", "")),
        in_folder("3.json", second, "us-west-2", &vpc("vpc-3", r#", "OwnerId": "777788889999""#)),
    ])
    .unwrap()
    .network;
    assert_eq!(scope(&network, "vpc-1"), some(first, "us-east-1"));
    assert_eq!(scope(&network, "vpc-2"), some(second, "us-west-2"));
    assert_eq!(scope(&network, "vpc-3"), some("777788889999", "us-west-2"));
    let covers = |account: &str| {
        let scope = Scope { account: Some(account.into()), region: None };
        network.coverage.covers(&scope, Kind::Vpc)
    };
    assert!(covers(first) && covers(second) && !covers("777788889999"));

    let inferred = read(&[("vpcs.json", &vpc("vpc-1", "")), ("subnets.json", subnet)]).network;
    assert_eq!(scope(&inferred, "vpc-1"), some("777788889999", "eu-west-3"));

    // ECS names the account that made the calls, to whom another may share a VPC (IE-13).
    let shared =
        read(&[("vpcs.json", &vpc("vpc-1", r#", "OwnerId": "777788889999""#)), ("ecs.json", ECS)])
            .network;
    let caller = Scope { account: Some(first.into()), region: Some("us-east-1".into()) };
    let owner = Scope { account: Some("777788889999".into()), ..caller.clone() };
    assert!(
        shared.coverage.covers(&caller, Kind::Vpc) && !shared.coverage.covers(&owner, Kind::Vpc)
    );

    let mixed =
        read(&[("vpcs.json", &vpc("vpc-1", "")), ("subnets.json", subnet), ("ecs.json", ECS)]);
    assert_eq!(scope(&mixed.network, "vpc-1").1, None);
    assert!(mixed.notes.iter().any(|note| note.contains("several Regions (eu-west-3, us-east-1)")));
}

// NLB-01, LBT-11
#[test]
fn attributes_join_the_balancer_or_group_that_their_file_names() {
    let arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333";
    let balancer = format!(
        r#"{{"LoadBalancers": [{{"LoadBalancerArn": "{arn}:loadbalancer/net/front/1", "LoadBalancerName": "front",
        "Scheme": "internal", "VpcId": "vpc-1", "Type": "network", "AvailabilityZones": []}}],
        "TargetGroups": [{{"TargetGroupArn": "{arn}:targetgroup/front/2", "TargetGroupName": "front", "TargetType": "ip"}}]}}"#
    );
    let loaded = read(&[
        ("elb.json", balancer.as_str()),
        (
            "describe-load-balancer-attributes.front.json",
            r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}, {"Key": "idle_timeout.timeout_seconds", "Value": "350"}]}"#,
        ),
        (
            "describe-target-group-attributes.front.json",
            r#"{"Attributes": [{"Key": "preserve_client_ip.enabled", "Value": "true"},
            {"Key": "load_balancing.cross_zone.enabled", "Value": "use_load_balancer_configuration"}]}"#,
        ),
    ]);
    let balancer = loaded.network.load_balancers.values().next().unwrap();
    assert_eq!((balancer.cross_zone, balancer.idle_seconds), (Some(true), Some(350)));
    let group = loaded.network.target_groups.values().next().unwrap();
    assert_eq!((group.preserve_client_ip, group.cross_zone), (Some(true), None));
}
