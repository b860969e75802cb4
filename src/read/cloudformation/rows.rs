//! The answers that AWS would give, row by row, and where each row was stated.

use super::hosts::Hosts;
use super::template::Place;
use crate::network::{AliasTarget, At, HostedZone, LoadBalancerId, Network, Record, RecordData};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The lists that a stack is asked for. All are answered, so that silence means absence.
const LISTS: [&str; 22] = [
    "Vpcs",
    "Subnets",
    "RouteTables",
    "InternetGateways",
    "NatGateways",
    "VpcEndpoints",
    "SecurityGroups",
    "NetworkAcls",
    "PrefixLists",
    "NetworkInterfaces",
    "Reservations",
    "LoadBalancers",
    "Listeners",
    "TargetGroups",
    "services",
    "tasks",
    "clusters",
    "capacityProviders",
    "containerInstances",
    "MountTargets",
    "DhcpOptions",
    "HostedZones",
];

/// Answers in the making, of every account and Region that stacks are deployed in.
#[derive(Default)]
pub(super) struct Rows {
    answers: BTreeMap<Place, Answers>,
    /// Whose answers are added to.
    here: Option<Place>,
    /// Attributes of balancers and target groups, by id and key.
    attributes: BTreeMap<(String, String), String>,
    /// The groups of mount targets, by file system and subnet.
    mount_groups: BTreeMap<(String, String), Vec<String>>,
    /// Hosted zones, by id; by name where records name theirs so.
    zones: BTreeMap<String, Zone>,
    hosts: Hosts,
    pub places: Places,
}

/// What templates say of a hosted zone.
#[derive(Default)]
pub(super) struct Zone {
    /// Whether a template makes it.
    pub made: bool,
    pub records: Vec<Record>,
    /// Whether others than templates put records in it.
    pub changing: bool,
    /// Whether a VPC that it is associated with is only known once deployed.
    pub unsettled: bool,
}

/// Those of one account and Region.
#[derive(Default)]
struct Answers {
    lists: BTreeMap<String, Vec<Map<String, Json>>>,
    /// The DNS attributes of VPCs: support, host names.
    dns: BTreeMap<String, (bool, bool)>,
    /// Answers of their own.
    pages: Vec<Json>,
}

/// Where things were stated, by id, and their parts by id and a word of their own.
#[derive(Default)]
pub(super) struct Places {
    whole: BTreeMap<String, At>,
    parts: BTreeMap<(String, String), At>,
}

impl Places {
    pub fn of(&self, id: &str) -> Option<&At> {
        self.whole.get(id)
    }

    /// A part's own place, or that of the whole.
    pub fn of_part(&self, id: &str, part: &str) -> Option<&At> {
        self.parts.get(&(id.to_owned(), part.to_owned())).or_else(|| self.of(id))
    }

    /// The place of whatever resource an error names.
    pub fn of_error(&self, at: &At, message: &str) -> Option<At> {
        let named = self.whole.iter().filter(|(id, _)| message.contains(id.as_str()));
        let longest = named.max_by_key(|(id, _)| id.len()).map(|(_, at)| at.clone());
        longest.or_else(|| Some(At { line: None, column: None, ..at.clone() }))
    }
}

impl Rows {
    /// Turns to an account and Region.
    pub fn turn_to(&mut self, place: &Place) {
        self.here = Some(place.clone());
        self.answers.entry(place.clone()).or_default();
    }

    /// The accounts and Regions that there are answers of.
    pub fn all_places(&self) -> Vec<Place> {
        self.answers.keys().cloned().collect()
    }

    /// The account and Region that was turned to.
    pub fn place(&self) -> Option<&Place> {
        self.here.as_ref()
    }

    fn here(&mut self) -> &mut Answers {
        self.answers.entry(self.here.clone().unwrap_or_default()).or_default()
    }

    /// Notes the DNS attributes of a VPC: support, host names.
    pub fn dns(&mut self, vpc: &str, attributes: (bool, bool)) {
        self.here().dns.insert(vpc.to_owned(), attributes);
    }

    /// Adds a row to a list; `id` is the field that names it.
    pub fn add(&mut self, list: &str, id: &str, at: &At, row: Json) {
        let Json::Object(fields) = row else { return };
        if let Some(name) = fields.get(id).and_then(Json::as_str).map(str::to_owned) {
            self.places.whole.insert(name.clone(), at.clone());
            self.row(list, id, &name).extend(fields);
        }
    }

    pub fn place_part(&mut self, id: &str, part: String, at: &At) {
        self.places.parts.insert((id.to_owned(), part), at.clone());
    }

    /// The rows of a list.
    pub fn list(&self, list: &str) -> &[Map<String, Json>] {
        let here = self.here.as_ref().and_then(|place| self.answers.get(place));
        here.and_then(|answers| answers.lists.get(list)).map_or(&[], Vec::as_slice)
    }

    /// The row of a list whose field `id` is `name`; a new one, where there is none yet: what adds
    /// to a resource may stand before it.
    pub fn row(&mut self, list: &str, id: &str, name: &str) -> &mut Map<String, Json> {
        let rows = self.here().lists.entry(list.to_owned()).or_default();
        let own = |row: &Map<String, Json>| row.get(id).and_then(Json::as_str) == Some(name);
        let index = rows.iter().position(own).unwrap_or(rows.len());
        if index == rows.len() {
            rows.push(Map::from_iter([(id.to_owned(), Json::String(name.to_owned()))]));
        }
        &mut rows[index]
    }

    /// Appends to a list inside a row; says at which position.
    pub fn append(&mut self, list: &str, id: &str, name: &str, field: &str, item: Json) -> usize {
        let row = self.row(list, id, name);
        match row.entry(field).or_insert_with(|| Json::Array(Vec::new())) {
            Json::Array(items) => {
                items.push(item);
                items.len() - 1
            }
            _ => 0,
        }
    }

    /// The hosts of tasks.
    pub fn hosts(&mut self) -> &mut Hosts {
        &mut self.hosts
    }

    /// The same, to look at.
    pub fn hosts_now(&self) -> &Hosts {
        &self.hosts
    }

    /// A hosted zone.
    pub fn zone(&mut self, id: &str) -> &mut Zone {
        self.zones.entry(id.to_owned()).or_default()
    }

    /// How many records are put in zones that no template makes.
    pub fn records_elsewhere(&self, network: &Network) -> usize {
        let elsewhere = self.zones.iter().filter(|(id, zone)| {
            let named = |zone: &HostedZone| id.strip_prefix("name ") == Some(&zone.domain);
            !zone.made && !network.hosted_zones.values().any(named)
        });
        elsewhere.map(|(_, zone)| zone.records.len()).sum()
    }

    /// An answer that stands alone.
    pub fn page(&mut self, page: Json) {
        self.here().pages.push(page);
    }

    /// Notes attributes, which AWS answers in calls of their own.
    pub fn attributes(&mut self, id: &str, attributes: &[Json]) {
        for one in attributes {
            let text = |field: &str| one.get(field).and_then(Json::as_str).map(str::to_owned);
            if let (Some(key), Some(value)) = (text("Key"), text("Value")) {
                self.attributes.insert((id.to_owned(), key), value);
            }
        }
    }

    /// Notes the groups of a mount target, likewise.
    pub fn mount_groups(&mut self, system: &str, subnet: &str, groups: &[Json]) {
        let groups = groups.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
        self.mount_groups.insert((system.to_owned(), subnet.to_owned()), groups);
    }

    /// Gives a network what its answers do not hold.
    pub fn settle(&self, network: &mut Network) {
        let truth = |id: &str, key: &str| {
            let value = self.attributes.get(&(id.to_owned(), key.to_owned()));
            value.and_then(|value| value.parse::<bool>().ok())
        };
        for balancer in network.load_balancers.values_mut() {
            balancer.listeners.get_or_insert_default();
            let id = balancer.id.as_str();
            balancer.cross_zone = truth(id, "load_balancing.cross_zone.enabled");
            let idle =
                self.attributes.get(&(id.to_owned(), "idle_timeout.timeout_seconds".to_owned()));
            balancer.idle_seconds = idle.and_then(|value| value.parse().ok());
        }
        for group in network.target_groups.values_mut() {
            let id = group.id.as_str();
            group.cross_zone = truth(id, "load_balancing.cross_zone.enabled");
            group.preserve_client_ip = truth(id, "preserve_client_ip.enabled");
        }
        self.hosts.settle(network);
        let balancers: BTreeMap<String, LoadBalancerId> = network
            .load_balancers
            .values()
            .filter_map(|one| Some((one.dns_name.as_ref()?.to_ascii_lowercase(), one.id.clone())))
            .collect();
        // An alias of a balancer is Route 53's own to follow: no zone answers for its name.
        let direct = |record: &Record| {
            let mut record = record.clone();
            if let RecordData::Alias { target, .. } = &mut record.data
                && let AliasTarget::Name(name) = target
                && let Some(id) =
                    balancers.get(name.strip_prefix("dualstack.").unwrap_or(name.as_str()))
            {
                *target = AliasTarget::LoadBalancer(id.clone());
            }
            record
        };
        for zone in network.hosted_zones.values_mut() {
            let Some(own) = self.zones.get(zone.id.as_str()) else { continue };
            let by_name = self.zones.get(&format!("name {}", zone.domain));
            let records = by_name.into_iter().flat_map(|it| &it.records).chain(&own.records);
            zone.records = (!own.changing).then(|| records.map(direct).collect());
            if own.unsettled {
                zone.vpcs = None;
            }
        }
        for system in network.file_systems.values_mut() {
            for target in &mut system.mount_targets {
                let key = (system.id.to_string(), target.subnet.to_string());
                let groups = self.mount_groups.get(&key).into_iter().flatten();
                target.groups = groups.map(|id| id.as_str().into()).collect();
            }
        }
    }

    /// The answers of the account and Region that was turned to, as one text.
    pub fn answers(&mut self, place: &Place) -> String {
        let Answers { mut lists, dns, mut pages } = self.answers.remove(place).unwrap_or_default();
        for (vpc, (support, names)) in &dns {
            pages.push(json!({
                "VpcId": vpc,
                "EnableDnsSupport": { "Value": support },
                "EnableDnsHostnames": { "Value": names },
            }));
        }
        for list in LISTS {
            lists.entry(list.to_owned()).or_default();
        }
        let mut page = Map::new();
        for (list, rows) in lists {
            let rows = rows.into_iter().map(Json::Object);
            match list.as_str() {
                // One definition is one answer.
                "taskDefinition" => pages.extend(rows.map(|row| json!({ "taskDefinition": row }))),
                _ => {
                    page.insert(list, Json::Array(rows.collect()));
                }
            }
        }
        page.insert("AvailabilityZones".to_owned(), json!([{ "RegionName": place.region }]));
        page.insert("Account".to_owned(), Json::String(place.account.clone()));
        pages.insert(0, Json::Object(page));
        let text: Vec<String> = pages.iter().map(Json::to_string).collect();
        text.join("\n")
    }
}
