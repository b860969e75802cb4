//! VPCs, subnets, route tables, gateways and endpoints.

use super::intrinsics::{Stack, is_open};
use super::rows::Rows;
use super::template::{Resource, Template};
use crate::network::{At, NAME};
use crate::read::ReadError;
use serde_json::{Map, Value as Json, json};

/// A resource's properties, evaluated, and what it is called.
pub(super) struct Made<'r> {
    pub resource: &'r Resource,
    /// What `Ref` gives.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// Its name in the DNS, where its type has one.
    pub dns_name: Option<String>,
    pub properties: Map<String, Json>,
}

impl Made<'_> {
    pub fn text(&self, field: &str) -> Option<&str> {
        self.properties.get(field).and_then(Json::as_str)
    }

    /// A field, or null.
    pub fn field(&self, field: &str) -> Json {
        self.properties.get(field).cloned().unwrap_or(Json::Null)
    }

    /// All of its fields.
    pub fn fields(&self) -> Json {
        Json::Object(self.properties.clone())
    }

    pub fn truth(&self, field: &str) -> Option<bool> {
        self.properties.get(field).and_then(truth)
    }

    pub fn list(&self, field: &str) -> Vec<Json> {
        match self.properties.get(field) {
            Some(Json::Array(items)) => items.clone(),
            Some(Json::Null) | None => Vec::new(),
            // A list that one parameter gives.
            Some(other) => vec![other.clone()],
        }
    }

    /// Its tags but the `Name`, which is for people who look at the console.
    pub fn tags(&self) -> Vec<Json> {
        let text = |one: &Json, field: &str| match one.get(field)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        let all = self.list("Tags");
        let all = all.iter().filter_map(|one| Some((text(one, "Key")?, text(one, "Value"))));
        let all = all.filter(|(key, _)| key != NAME);
        all.map(|(key, value)| json!({ "Key": key, "Value": value.unwrap_or_default() })).collect()
    }

    /// A field that AWS asks for.
    pub fn need(&self, field: &str) -> Result<&str, ReadError> {
        self.text(field).ok_or_else(|| {
            let Resource { logical, kind, at, .. } = self.resource;
            ReadError::at(at, format!("{kind} `{logical}` has no `{field}`"))
        })
    }

    /// A block of addresses that AWS asks for; one that only a deployment tells is of no use.
    fn block(&self, field: &str) -> Result<&str, ReadError> {
        let text = self.need(field)?;
        match is_open(text) {
            false => Ok(text),
            true => {
                let Resource { logical, at, .. } = self.resource;
                Err(only_deployed(logical, at, field, text))
            }
        }
    }

    /// What decides too much to be left to a deployment must be told.
    fn refuse_open(&self) -> Result<(), ReadError> {
        let Resource { logical, kind, at, .. } = self.resource;
        let read = ["AWS::EC2::", "AWS::ECS::", "AWS::ElasticLoadBalancingV2::"];
        if !read.iter().any(|start| kind.starts_with(start)) {
            return Ok(());
        }
        let mut left: Vec<(&str, &Json)> =
            self.properties.iter().map(|(key, value)| (key.as_str(), value)).collect();
        while let Some((field, value)) = left.pop() {
            match value {
                Json::String(text) if DECISIVE.contains(&field) && is_open(text) => {
                    return Err(only_deployed(logical, at, field, text));
                }
                Json::Array(items) => left.extend(items.iter().map(|item| (field, item))),
                Json::Object(fields) if !super::containers::FREE.contains(&field) => {
                    left.extend(fields.iter().map(|(key, value)| (key.as_str(), value)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The Name tag is for people who look at the console; here, things go by their logical ids.
    pub fn named(&self, field: &str) -> Json {
        let own = self.text(field).filter(|text| !text.contains("${"));
        Json::String(own.unwrap_or(&self.label).to_owned())
    }
}

/// Fields that say what a thing is, or on which port.
const DECISIVE: [&str; 23] = [
    "AssignPublicIp",
    "ConnectivityType",
    "ContainerPort",
    "ContainerPortRange",
    "Egress",
    "EnableDnsHostnames",
    "EnableDnsSupport",
    "EnableExecuteCommand",
    "Enabled",
    "Essential",
    "HostPort",
    "IngressPortOverride",
    "IpAddressType",
    "MapPublicIpOnLaunch",
    "NetworkMode",
    "Port",
    "PrivateDnsEnabled",
    "RuleAction",
    "RuleNumber",
    "Scheme",
    "TargetType",
    "Type",
    "VpcEndpointType",
];

pub(super) fn only_deployed(logical: &str, at: &At, field: &str, text: &str) -> ReadError {
    let message = format!("the `{field}` of `{logical}` is only known once deployed: {text}");
    ReadError::at(at, message)
        .hint("say what its parameters are (--parameter NAME=VALUE), or write the value itself")
}

pub(super) fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A number, or null.
pub(super) fn number(value: Option<&Json>) -> Json {
    let number = value.and_then(Json::as_str).and_then(|text| text.trim().parse::<i64>().ok());
    number.map_or(Json::Null, Json::from)
}

impl Stack<'_> {
    /// Puts down what a resource makes.
    pub fn make(
        &mut self,
        template: &Template,
        resource: &Resource,
        rows: &mut Rows,
    ) -> Result<(), ReadError> {
        self.undecided = None;
        let properties = self.value(template, &resource.properties)?;
        let undecided = self.undecided.take();
        let properties = match Self::dynamic(properties) {
            Json::Object(map) => map,
            _ => Map::new(),
        };
        let id = self.id(template, resource)?;
        let label = template.name_of(&resource.logical);
        let dns_name = self.dns_name(template, resource)?;
        let made = Made { resource, id, label, dns_name, properties };
        rows.turn_to(&template.place);
        made.refuse_open()?;
        let Some(kind) = resource.kind.strip_prefix("AWS::") else {
            if resource.kind == "Custom::VpcRestrictDefaultSG" {
                restrict_default_group(&made, rows);
            }
            return Ok(());
        };
        let followed = self.place(kind, &made, rows)?
            || super::traffic::make(kind, &made, rows)?
            || super::balancing::make(kind, &made, rows)?
            || super::containers::make(kind, &made, rows)?
            || super::hosts::make(kind, &made, rows)
            || self.name(template, kind, &made, rows)?;
        match (followed, undecided) {
            (true, Some(condition)) => {
                let message = format!(
                    "what `{}` has is only known once deployed: condition {condition}",
                    resource.logical
                );
                Err(ReadError::at(&resource.at, message)
                    .hint("say what its parameters are: --parameter NAME=VALUE"))
            }
            (true, None) if self.is_made(template, resource)?.is_none() => {
                let condition = resource.condition.as_deref().unwrap_or_default();
                let message = format!(
                    "whether `{}` is made is only known once deployed: condition {condition}",
                    resource.logical
                );
                Err(ReadError::at(&resource.at, message)
                    .hint("say what its parameters are: --parameter NAME=VALUE"))
            }
            (false, _) if matters(kind) => {
                self.pass_over(&resource.kind);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn place(&mut self, kind: &str, made: &Made<'_>, rows: &mut Rows) -> Result<bool, ReadError> {
        let at = &made.resource.at;
        match kind {
            "EC2::VPC" => {
                let support = made.truth("EnableDnsSupport").unwrap_or(true);
                let names = made.truth("EnableDnsHostnames").unwrap_or(false);
                rows.dns(&made.id, (support, names));
                let cidr = made.block("CidrBlock")?;
                let row = json!({ "VpcId": made.id, "CidrBlock": cidr, "Tags": made.tags() });
                rows.add("Vpcs", "VpcId", at, row);
            }
            "EC2::VPCCidrBlock" => {
                let block = json!({
                    "CidrBlock": made.field("CidrBlock"),
                    "Ipv6CidrBlock": made.field("Ipv6CidrBlock"),
                });
                let vpc = made.need("VpcId")?.to_owned();
                rows.append("Vpcs", "VpcId", &vpc, "CidrBlockAssociationSet", block);
            }
            "EC2::Subnet" => rows.add(
                "Subnets",
                "SubnetId",
                at,
                json!({
                    "SubnetId": made.id,
                    "VpcId": made.need("VpcId")?,
                    "CidrBlock": made.block("CidrBlock")?,
                    "AvailabilityZone": made.field("AvailabilityZone"),
                    "AvailabilityZoneId": made.field("AvailabilityZoneId"),
                    "MapPublicIpOnLaunch": made.truth("MapPublicIpOnLaunch"),
                    "Tags": made.tags(),
                }),
            ),
            "EC2::RouteTable" => rows.add(
                "RouteTables",
                "RouteTableId",
                at,
                json!({ "RouteTableId": made.id, "VpcId": made.need("VpcId")? }),
            ),
            "EC2::SubnetRouteTableAssociation" | "EC2::GatewayRouteTableAssociation" => {
                let table = made.need("RouteTableId")?.to_owned();
                let association = json!({
                    "SubnetId": made.field("SubnetId"),
                    "GatewayId": made.field("GatewayId"),
                });
                rows.append("RouteTables", "RouteTableId", &table, "Associations", association);
            }
            "EC2::Route" => route(made, rows)?,
            "EC2::InternetGateway" => rows.add(
                "InternetGateways",
                "InternetGatewayId",
                at,
                json!({ "InternetGatewayId": made.id, "Tags": name_tag(&made.label) }),
            ),
            "EC2::VPCGatewayAttachment" => {
                if let Some(gateway) = made.text("InternetGatewayId") {
                    let attachment = json!({ "VpcId": made.need("VpcId")?, "State": "available" });
                    let (list, id) = ("InternetGateways", "InternetGatewayId");
                    rows.append(list, id, gateway, "Attachments", attachment);
                }
            }
            "EC2::NatGateway" => self.nat_gateway(made, rows)?,
            // The address of a NAT gateway, an instance or a balancer.
            "EC2::EIP" | "EC2::EIPAssociation" => {}
            "EC2::VPCEndpoint" => endpoint(made, rows)?,
            "EC2::PrefixList" => rows.add(
                "PrefixLists",
                "PrefixListId",
                at,
                json!({
                    "PrefixListId": made.id,
                    "PrefixListName": made.named("PrefixListName"),
                    "Cidrs": made.list("Entries").iter().filter_map(|one| one.get("Cidr")).collect::<Vec<_>>(),
                }),
            ),
            "EC2::DHCPOptions" => {
                let values: Vec<Json> = made
                    .list("DomainNameServers")
                    .into_iter()
                    .map(|server| json!({ "Value": server }))
                    .collect();
                let configuration = json!({ "Key": "domain-name-servers", "Values": values });
                let row =
                    json!({ "DhcpOptionsId": made.id, "DhcpConfigurations": [configuration] });
                rows.add("DhcpOptions", "DhcpOptionsId", at, row);
            }
            "EC2::VPCDHCPOptionsAssociation" => {
                let vpc = made.need("VpcId")?.to_owned();
                let options = made.field("DhcpOptionsId");
                rows.row("Vpcs", "VpcId", &vpc).insert("DhcpOptionsId".to_owned(), options);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// NG-01: its address is one of AWS's that nobody knows yet; an example stands for it.
    fn nat_gateway(&mut self, made: &Made<'_>, rows: &mut Rows) -> Result<(), ReadError> {
        let subnet = made.need("SubnetId")?;
        let private = made.text("ConnectivityType") == Some("private");
        let public = if private { None } else { self.example_address() };
        let row = json!({
            "NatGatewayId": made.id,
            "SubnetId": subnet,
            "State": "available",
            "ConnectivityType": if private { "private" } else { "public" },
            "NatGatewayAddresses": [{ "PublicIp": public }],
        });
        rows.add("NatGateways", "NatGatewayId", &made.resource.at, row);
        Ok(())
    }
}

impl Stack<'_> {
    /// An address that is kept for examples; nothing once they are all taken.
    fn example_address(&mut self) -> Option<String> {
        const BLOCKS: [&str; 3] = ["203.0.113", "198.51.100", "192.0.2"];
        let number = self.nat_addresses;
        self.nat_addresses += 1;
        let block = BLOCKS.get(usize::try_from(number / 254).ok()?)?;
        Some(format!("{block}.{}", number % 254 + 1))
    }
}

/// The AWS CDK takes the rules of a VPC's default group away.
fn restrict_default_group(made: &Made<'_>, rows: &mut Rows) {
    if let Some(group) = made.text("DefaultSecurityGroupId").map(str::to_owned) {
        let row = rows.row("SecurityGroups", "GroupId", &group);
        row.insert("IpPermissions".to_owned(), json!([]));
        row.insert("IpPermissionsEgress".to_owned(), json!([]));
    }
}

/// Whether a resource of a type that is not followed may change what is reached.
fn matters(kind: &str) -> bool {
    const QUIET: [&str; 10] = [
        "EC2::KeyPair",
        "EC2::FlowLog",
        "EC2::Volume",
        "EC2::VolumeAttachment",
        "EC2::PlacementGroup",
        "EC2::VPCEndpointServicePermissions",
        "ECS::PrimaryTaskSet",
        "ElasticLoadBalancingV2::ListenerCertificate",
        "ElasticLoadBalancingV2::TrustStore",
        "Route53::HealthCheck",
    ];
    const LOUD: [&str; 12] = [
        "EC2::",
        "ECS::",
        "ElasticLoadBalancing::",
        "ElasticLoadBalancingV2::",
        "NetworkFirewall::",
        "Route53::",
        "Route53Resolver::",
        "NetworkManager::",
        "VpcLattice::",
        "CloudFormation::Stack",
        "Serverless::",
        "AppMesh::",
    ];
    LOUD.iter().any(|start| kind.starts_with(start)) && !QUIET.contains(&kind)
}

fn name_tag(name: &str) -> Json {
    json!([{ "Key": "Name", "Value": name }])
}

fn route(made: &Made<'_>, rows: &mut Rows) -> Result<(), ReadError> {
    let table = made.need("RouteTableId")?.to_owned();
    let mut route = Map::new();
    for (field, value) in &made.properties {
        let field = match field.as_str() {
            "RouteTableId" => continue,
            // An interface of a gateway load balancer is a gateway to a route.
            "VpcEndpointId" => "GatewayId",
            other => other,
        };
        route.insert(field.to_owned(), value.clone());
    }
    route.insert("Origin".to_owned(), json!("CreateRoute"));
    route.insert("State".to_owned(), json!("active"));
    let destinations =
        ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
    let destination = destinations.iter().find_map(|field| made.text(field));
    if let Some(destination) = destination {
        rows.place_part(&table, destination.to_owned(), &made.resource.at);
    }
    rows.append("RouteTables", "RouteTableId", &table, "Routes", Json::Object(route));
    Ok(())
}

fn endpoint(made: &Made<'_>, rows: &mut Rows) -> Result<(), ReadError> {
    let service = made.need("ServiceName")?.to_owned();
    let kind = made.text("VpcEndpointType").unwrap_or("Gateway").to_owned();
    let groups: Vec<Json> =
        made.list("SecurityGroupIds").into_iter().map(|id| json!({ "GroupId": id })).collect();
    let tables = made.list("RouteTableIds");
    if kind == "Gateway" {
        let list = format!("pl-{service}");
        let row = json!({ "PrefixListId": list, "PrefixListName": service });
        rows.add("PrefixLists", "PrefixListId", &made.resource.at, row);
        for table in tables.iter().filter_map(Json::as_str) {
            // GE-02: AWS adds the route.
            let route = json!({
                "DestinationPrefixListId": list,
                "GatewayId": made.id,
                "Origin": "CreateRoute",
                "State": "active",
            });
            rows.place_part(table, list.clone(), &made.resource.at);
            rows.append("RouteTables", "RouteTableId", table, "Routes", route);
        }
    }
    // IE-02: without groups, it gets the VPC's default one.
    let vpc = made.need("VpcId")?.to_owned();
    let groups = match groups.is_empty() && kind == "Interface" {
        true => vec![json!({ "GroupId": super::implied::default_group(&vpc) })],
        false => groups,
    };
    let private = made.truth("PrivateDnsEnabled").unwrap_or(false);
    let row = json!({
        "VpcEndpointId": made.id,
        "VpcEndpointType": kind,
        "VpcId": vpc,
        "ServiceName": service,
        "ServiceRegion": made.field("ServiceRegion"),
        "State": "available",
        "PrivateDnsEnabled": private,
        "DnsOptions": made.field("DnsOptions"),
        "SubnetIds": made.list("SubnetIds"),
        "RouteTableIds": tables,
        "Groups": groups,
        "Tags": name_tag(&made.label),
    });
    rows.add("VpcEndpoints", "VpcEndpointId", &made.resource.at, row);
    Ok(())
}
