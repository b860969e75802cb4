//! Seeded networks as saved AWS CLI output: isolated, NAT and public VPCs with endpoints, one
//! Fargate service behind a load balancer each, and as many interfaces as asked for.

use serde_json::{Value, json};
use vpc_reach::network::Scope;
use vpc_reach::read::describe::Document;

/// SplitMix64: small, seeded, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const SERVICES: [&str; 4] = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];

#[derive(Default)]
struct Capture {
    vpcs: Vec<Value>,
    attributes: Vec<(String, Value)>,
    subnets: Vec<Value>,
    tables: Vec<Value>,
    internet_gateways: Vec<Value>,
    nat_gateways: Vec<Value>,
    endpoints: Vec<Value>,
    groups: Vec<Value>,
    acls: Vec<Value>,
    interfaces: Vec<Value>,
    balancers: Vec<Value>,
    listeners: Vec<Value>,
    target_groups: Vec<Value>,
    services: Vec<Value>,
    definitions: Vec<Value>,
}

/// A capture of `vpcs` VPCs with `interfaces` interfaces each.
pub fn capture(vpcs: u32, interfaces: u32, seed: u64) -> Vec<Document> {
    let mut random = Random(seed);
    let mut capture = Capture::default();
    for index in 0..vpcs {
        capture.add_vpc(index, interfaces, &mut random);
    }
    capture.documents()
}

fn named(name: &str) -> Value {
    json!([{ "Key": "Name", "Value": name }])
}

fn open_to(cidr: &str) -> Value {
    json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": cidr }] }])
}

impl Capture {
    fn add_vpc(&mut self, index: u32, interfaces: u32, random: &mut Random) {
        let (high, low) = (index / 256 % 256, index % 256);
        let base = format!("10.{low}");
        // Beyond 256 VPCs the blocks repeat, as they do between accounts that never meet.
        let vpc = format!("vpc-{high:02x}{low:02x}");
        let id = |kind: &str, part: &str| format!("{kind}-{high:02x}{low:02x}{part}");
        let isolated = random.below(3) == 0;
        self.vpcs.push(json!({
            "VpcId": vpc, "OwnerId": ACCOUNT, "CidrBlock": format!("{base}.0.0/16"),
            "DhcpOptionsId": "default", "Tags": named(&format!("vpc-{index}")),
        }));
        for attribute in ["EnableDnsSupport", "EnableDnsHostnames"] {
            let value = json!({ "VpcId": vpc, attribute: { "Value": true } });
            self.attributes.push((format!("describe-vpc-attribute.{vpc}.{attribute}"), value));
        }
        for (zone, letter) in ["a", "b"].iter().enumerate() {
            for (tier, third) in [("public", 0), ("private", 16)] {
                self.subnets.push(json!({
                    "SubnetId": id("subnet", &format!("{tier}{letter}")), "VpcId": vpc,
                    "OwnerId": ACCOUNT, "AvailabilityZone": format!("{REGION}{letter}"),
                    "CidrBlock": format!("{base}.{}.0/20", third + 32 * zone),
                    "Tags": named(&format!("{tier}-{letter}-{index}")),
                }));
            }
        }
        let local = json!({
            "DestinationCidrBlock": format!("{base}.0.0/16"), "GatewayId": "local",
            "Origin": "CreateRouteTable", "State": "active",
        });
        let default = |key: &str, target: String| json!({ "DestinationCidrBlock": "0.0.0.0/0", key: target, "Origin": "CreateRoute", "State": "active" });
        let mut table = |tier: &str, routes: Vec<Value>| {
            let associations: Vec<Value> = ["a", "b"]
                .iter()
                .map(|letter| {
                    json!({ "SubnetId": id("subnet", &format!("{tier}{letter}")), "AssociationState": { "State": "associated" } })
                })
                .collect();
            self.tables.push(json!({
                "RouteTableId": id("rtb", tier), "VpcId": vpc, "OwnerId": ACCOUNT,
                "Associations": associations, "Routes": routes,
            }));
        };
        table("public", vec![local.clone(), default("GatewayId", id("igw", ""))]);
        match isolated {
            true => table("private", vec![local]),
            false => table("private", vec![local, default("NatGatewayId", id("nat", ""))]),
        }
        self.internet_gateways.push(json!({
            "InternetGatewayId": id("igw", ""), "OwnerId": ACCOUNT,
            "Attachments": [{ "VpcId": vpc, "State": "available" }],
        }));
        self.nat_gateways.push(json!({
            "NatGatewayId": id("nat", ""), "VpcId": vpc, "SubnetId": id("subnet", "publica"),
            "State": "available", "ConnectivityType": "public",
            "NatGatewayAddresses": [{ "PrivateIp": format!("{base}.0.5"), "PublicIp": format!("203.0.{}.{}", 113 + high, low), "Status": "succeeded" }],
        }));
        self.acls.push(json!({
            "NetworkAclId": id("acl", ""), "VpcId": vpc, "IsDefault": true, "OwnerId": ACCOUNT, "Associations": [],
            "Entries": [
                { "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0" },
                { "RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0" },
            ],
        }));
        let group = |part: &str, ingress: Value| {
            json!({
                "GroupId": id("sg", part), "GroupName": part, "VpcId": vpc, "OwnerId": ACCOUNT,
                "IpPermissions": ingress, "IpPermissionsEgress": open_to("0.0.0.0/0"),
            })
        };
        let from_group = |part: &str, port: u16| json!([{ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{ "GroupId": id("sg", part), "UserId": ACCOUNT }] }]);
        self.groups.push(group("lb", open_to("0.0.0.0/0")));
        self.groups.push(group("task", from_group("lb", 8080)));
        self.groups.push(group("endpoints", from_group("task", 443)));
        if isolated {
            for service in SERVICES {
                self.endpoints.push(json!({
                    "VpcEndpointId": id("vpce", &service.replace('.', "")), "VpcEndpointType": "Interface",
                    "VpcId": vpc, "ServiceName": format!("com.amazonaws.{REGION}.{service}"),
                    "State": "available", "PrivateDnsEnabled": true, "OwnerId": ACCOUNT,
                    "SubnetIds": [id("subnet", "privatea"), id("subnet", "privateb")],
                    "Groups": [{ "GroupId": id("sg", "endpoints") }],
                }));
            }
        }
        for number in 0..interfaces {
            let (letter, third) = if number % 2 == 0 { ("a", 16) } else { ("b", 48) };
            let address = format!("{base}.{}.{}", third + number / 500 % 16, 4 + number / 2 % 250);
            self.interfaces.push(json!({
                "NetworkInterfaceId": id("eni", &format!("{number:05}")), "VpcId": vpc, "OwnerId": ACCOUNT,
                "SubnetId": id("subnet", &format!("private{letter}")), "Status": "in-use",
                "Attachment": { "Status": "attached" }, "SourceDestCheck": true,
                "Groups": [{ "GroupId": id("sg", if random.below(4) == 0 { "endpoints" } else { "task" }) }],
                "PrivateIpAddress": address, "PrivateIpAddresses": [{ "Primary": true, "PrivateIpAddress": address }],
            }));
        }
        self.add_service(index, &vpc, &id);
    }

    fn add_service(&mut self, index: u32, vpc: &str, id: &dyn Fn(&str, &str) -> String) {
        let arn =
            |service: &str, rest: String| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
        let balancer = arn("elasticloadbalancing", format!("loadbalancer/app/front-{index}/1"));
        let targets = arn("elasticloadbalancing", format!("targetgroup/web-{index}/1"));
        let definition = arn("ecs", format!("task-definition/web-{index}:1"));
        self.balancers.push(json!({
            "LoadBalancerArn": balancer, "LoadBalancerName": format!("front-{index}"), "Type": "application",
            "Scheme": "internet-facing", "VpcId": vpc, "SecurityGroups": [id("sg", "lb")],
            "AvailabilityZones": [{ "SubnetId": id("subnet", "publica") }, { "SubnetId": id("subnet", "publicb") }],
        }));
        self.listeners.push(json!({
            "ListenerArn": format!("{balancer}/80"), "LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP",
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": targets }],
        }));
        self.target_groups.push(json!({
            "TargetGroupArn": targets, "TargetGroupName": format!("web-{index}"), "Port": 8080, "Protocol": "HTTP",
            "VpcId": vpc, "TargetType": "ip", "LoadBalancerArns": [balancer],
        }));
        self.services.push(json!({
            "serviceArn": arn("ecs", format!("service/app/web-{index}")), "serviceName": format!("web-{index}"),
            "launchType": "FARGATE", "taskDefinition": definition,
            "loadBalancers": [{ "targetGroupArn": targets, "containerName": "web", "containerPort": 8080 }],
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": [id("subnet", "privatea"), id("subnet", "privateb")],
                "securityGroups": [id("sg", "task")], "assignPublicIp": "DISABLED",
            } },
        }));
        self.definitions.push(json!({
            "taskDefinitionArn": definition, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{ "name": "web", "image": "web:1", "portMappings": [{ "containerPort": 8080 }] }],
        }));
    }

    fn documents(self) -> Vec<Document> {
        let scope = Scope { account: Some(ACCOUNT.into()), region: Some(REGION.into()) };
        let document = |(name, value): (String, Value)| Document {
            file: format!("{name}.json"),
            text: value.to_string(),
            scope: scope.clone(),
        };
        let lists = [
            ("describe-vpcs", json!({ "Vpcs": self.vpcs })),
            ("describe-subnets", json!({ "Subnets": self.subnets })),
            ("describe-route-tables", json!({ "RouteTables": self.tables })),
            ("describe-internet-gateways", json!({ "InternetGateways": self.internet_gateways })),
            ("describe-nat-gateways", json!({ "NatGateways": self.nat_gateways })),
            ("describe-vpc-endpoints", json!({ "VpcEndpoints": self.endpoints })),
            ("describe-security-groups", json!({ "SecurityGroups": self.groups })),
            ("describe-network-acls", json!({ "NetworkAcls": self.acls })),
            ("describe-network-interfaces", json!({ "NetworkInterfaces": self.interfaces })),
            ("describe-load-balancers", json!({ "LoadBalancers": self.balancers })),
            ("describe-listeners", json!({ "Listeners": self.listeners })),
            ("describe-target-groups", json!({ "TargetGroups": self.target_groups })),
            ("describe-services", json!({ "services": self.services })),
            ("list-hosted-zones", json!({ "HostedZones": [] })),
            ("list-resolver-rules", json!({ "ResolverRules": [] })),
        ];
        let definitions = self.definitions.into_iter().enumerate().map(|(index, definition)| {
            (
                format!("describe-task-definition.web-{index}"),
                json!({ "taskDefinition": definition }),
            )
        });
        let lists = lists.into_iter().map(|(name, value)| (name.to_owned(), value));
        lists.chain(self.attributes).chain(definitions).map(document).collect()
    }
}
