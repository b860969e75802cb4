//! The instances that Auto Scaling groups will start for ECS.

use super::implied;
use super::places::{Made, truth};
use super::rows::Rows;
use super::template::Place;
use crate::network::{At, Network, PublicAddress};
use ipnet::IpNet;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Groups of instances, and what they are started as.
#[derive(Default)]
pub(super) struct Hosts {
    groups: Vec<Group>,
    launches: BTreeMap<String, Launch>,
    /// The capacity providers of clusters.
    providers: BTreeMap<String, Vec<String>>,
    /// Of container instances: their clusters, and whether their instance gets a public address.
    clusters: BTreeMap<String, String>,
    public: BTreeSet<String>,
}

/// An Auto Scaling group.
#[derive(Clone)]
struct Group {
    place: Option<Place>,
    id: String,
    label: String,
    at: At,
    subnets: Vec<Json>,
    /// Its launch template or configuration.
    launch: Option<String>,
}

/// What a launch template or configuration says of the network.
#[derive(Clone)]
struct Launch {
    groups: Vec<Json>,
    public: Option<bool>,
    /// The cluster that the instances' agent is told (`ECS_CLUSTER`).
    cluster: Option<String>,
}

/// Puts down what it knows; says whether it did.
pub(super) fn make(kind: &str, made: &Made<'_>, rows: &mut Rows) -> bool {
    match kind {
        "AutoScaling::AutoScalingGroup" => {
            let mixed = made.properties.get("MixedInstancesPolicy");
            let mixed = mixed.and_then(|it| it.get("LaunchTemplate"));
            let mixed = mixed.and_then(|it| it.get("LaunchTemplateSpecification"));
            let template = made.properties.get("LaunchTemplate").or(mixed);
            let text = |field: &str| template.and_then(|it| it.get(field)).and_then(Json::as_str);
            let launch = made.text("LaunchConfigurationName");
            let launch = launch.or(text("LaunchTemplateId")).or(text("LaunchTemplateName"));
            let place = rows.place().cloned();
            rows.hosts().groups.push(Group {
                place,
                id: made.id.clone(),
                label: made.label.clone(),
                at: made.resource.at.clone(),
                subnets: made.list("VPCZoneIdentifier"),
                launch: launch.map(str::to_owned),
            });
        }
        "AutoScaling::LaunchConfiguration" => {
            let launch = Launch {
                groups: made.list("SecurityGroups"),
                public: made.truth("AssociatePublicIpAddress"),
                cluster: made.text("UserData").and_then(told_cluster),
            };
            rows.hosts().launches.insert(made.id.clone(), launch);
        }
        "EC2::LaunchTemplate" => {
            let data = made.properties.get("LaunchTemplateData");
            let field = |field: &str| data.and_then(|data| data.get(field));
            let interface = field("NetworkInterfaces").and_then(|all| all.get(0));
            let groups = interface.and_then(|one| one.get("Groups")).or(field("SecurityGroupIds"));
            let public = interface.and_then(|one| one.get("AssociatePublicIpAddress"));
            let launch = Launch {
                groups: groups.and_then(Json::as_array).cloned().unwrap_or_default(),
                public: public.and_then(truth),
                cluster: field("UserData").and_then(Json::as_str).and_then(told_cluster),
            };
            let name = made.text("LaunchTemplateName").map(str::to_owned);
            let hosts = rows.hosts();
            hosts.launches.extend(name.map(|name| (name, launch.clone())));
            hosts.launches.insert(made.id.clone(), launch);
        }
        _ => return false,
    }
    true
}

/// Notes the capacity providers of a cluster.
pub(super) fn associate(rows: &mut Rows, cluster: &str, providers: &[Json]) {
    let names = providers.iter().filter_map(|one| one.as_str().map(str::to_owned));
    rows.hosts().providers.entry(cluster.to_owned()).or_default().extend(names);
}

/// `ECS_CLUSTER=prod` of a script.
fn told_cluster(script: &str) -> Option<String> {
    let (_, rest) = script.split_once("ECS_CLUSTER=")?;
    let quoted = rest.trim_start_matches(['"', '\'']);
    let end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ';' | '\\');
    let name = quoted.split(end).next().unwrap_or_default();
    (!name.is_empty()).then(|| name.to_owned())
}

/// TSK-03: a group may start an instance in each of its subnets; one stands for all of those. Where
/// a group's subnet or launch template is in no template, its interface is missing.
pub(super) fn add(rows: &mut Rows) {
    let here = rows.place().cloned();
    let groups: Vec<Group> = rows.hosts().groups.clone();
    for group in groups.into_iter().filter(|group| group.place == here) {
        let launch = group.launch.as_ref().and_then(|id| rows.hosts().launches.get(id).cloned());
        let provider = rows.list("capacityProviders").iter().find(|row| {
            let own = row.get("autoScalingGroupProvider");
            let own = own.and_then(|it| it.get("autoScalingGroupArn"));
            own.and_then(Json::as_str) == Some(group.id.as_str())
        });
        let provider = provider.and_then(|row| text(row, "name")).map(str::to_owned);
        let told = launch.as_ref().and_then(|one| one.cluster.clone());
        let of_provider = || {
            let all = &rows.hosts_now().providers;
            let mut all =
                all.iter().filter(|(_, names)| provider.iter().any(|p| names.contains(p)));
            all.next().map(|(cluster, _)| cluster.clone())
        };
        // A group whose instances join no cluster is none of ECS's.
        let Some(cluster) = told.or_else(of_provider) else { continue };
        let cluster = called(rows, &cluster);
        for subnet in group.subnets.iter().filter_map(Json::as_str) {
            let id = format!("{}@{subnet}", group.id);
            let instance = format!("i-{id}");
            rows.add(
                "containerInstances",
                "containerInstanceArn",
                &group.at,
                json!({
                    "containerInstanceArn": id,
                    "ec2InstanceId": instance,
                    "capacityProviderName": provider,
                }),
            );
            rows.hosts().clusters.insert(id, cluster.clone());
            if let Some(launch) = &launch {
                start(rows, &group, launch, subnet, &instance);
            }
        }
    }
}

/// The id of the cluster that is called so.
fn called(rows: &Rows, cluster: &str) -> String {
    let named = |row: &&Map<String, Json>| text(row, "clusterName") == Some(cluster);
    let row = rows.list("clusters").iter().find(named);
    row.and_then(|row| text(row, "clusterArn")).unwrap_or(cluster).to_owned()
}

fn text<'r>(row: &'r Map<String, Json>, field: &str) -> Option<&'r str> {
    row.get(field).and_then(Json::as_str)
}

fn start(rows: &mut Rows, group: &Group, launch: &Launch, subnet: &str, instance: &str) {
    let row = rows.list("Subnets").iter().find(|row| text(row, "SubnetId") == Some(subnet));
    let Some(row) = row.cloned() else { return };
    let Some(vpc) = text(&row, "VpcId").map(str::to_owned) else { return };
    let interface = format!("eni-{instance}");
    let taken = rows.list("NetworkInterfaces").len();
    let Some(address) = text(&row, "CidrBlock").and_then(|block| example(block, taken)) else {
        return;
    };
    let groups = match launch.groups.is_empty() {
        true => vec![json!(implied::default_group(&vpc))],
        false => launch.groups.clone(),
    };
    let maps = row.get("MapPublicIpOnLaunch").and_then(Json::as_bool).unwrap_or(false);
    if launch.public.unwrap_or(maps) {
        rows.hosts().public.insert(interface.clone());
    }
    let groups: Vec<Json> = groups.iter().map(|id| json!({ "GroupId": id })).collect();
    rows.add(
        "NetworkInterfaces",
        "NetworkInterfaceId",
        &group.at,
        json!({
            "NetworkInterfaceId": interface,
            "SubnetId": subnet,
            "VpcId": vpc,
            "Status": "in-use",
            "Attachment": { "Status": "attached", "InstanceId": instance },
            "Groups": groups,
            "PrivateIpAddress": address,
        }),
    );
    let name = json!([{ "Key": "Name", "Value": format!("{} in {subnet}", group.label) }]);
    let row = json!({
        "InstanceId": instance,
        "State": { "Name": "running" },
        "Tags": name,
        "NetworkInterfaces": [{
            "NetworkInterfaceId": interface,
            "Attachment": { "DeviceIndex": 0, "NetworkCardIndex": 0 },
        }],
    });
    rows.page(json!({ "Reservations": [{ "Instances": [row] }] }));
}

/// One of the last addresses of a block, which nothing else is given here.
fn example(block: &str, taken: usize) -> Option<String> {
    let IpNet::V4(block) = block.parse().ok()? else { return None };
    let last = u32::from(block.broadcast()).checked_sub(2)?;
    let size = 1_u32.checked_shl(32 - u32::from(block.prefix_len())).unwrap_or(u32::MAX);
    let room = size.saturating_sub(8).max(1);
    let step = u32::try_from(taken).ok()? % room;
    Some(std::net::Ipv4Addr::from(last.checked_sub(step)?).to_string())
}

impl Hosts {
    /// Gives a network what its answers do not hold.
    pub fn settle(&self, network: &mut Network) {
        for (id, one) in &mut network.container_instances {
            if let Some(cluster) = self.clusters.get(id.as_str()) {
                one.cluster = Some(cluster.clone());
            }
        }
        for (id, interface) in &mut network.interfaces {
            if self.public.contains(id.as_str()) {
                for address in &mut interface.addresses {
                    address.public = Some(PublicAddress::Some);
                }
            }
        }
    }
}
