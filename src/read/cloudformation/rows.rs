//! The answers that AWS would give, row by row, and where each row was stated.

use crate::network::{At, Network};
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

/// Answers in the making.
#[derive(Default)]
pub(super) struct Rows {
    lists: BTreeMap<String, Vec<Map<String, Json>>>,
    /// The DNS attributes of VPCs: support, host names.
    pub dns: BTreeMap<String, (bool, bool)>,
    /// Attributes of balancers and target groups, by id and key.
    attributes: BTreeMap<(String, String), String>,
    /// The groups of mount targets, by file system and subnet.
    mount_groups: BTreeMap<(String, String), Vec<String>>,
    /// Answers of their own.
    pages: Vec<Json>,
    pub places: Places,
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
        self.lists.get(list).map_or(&[], Vec::as_slice)
    }

    /// The row of a list whose field `id` is `name`; a new one, where there is none yet: what adds
    /// to a resource may stand before it.
    pub fn row(&mut self, list: &str, id: &str, name: &str) -> &mut Map<String, Json> {
        let rows = self.lists.entry(list.to_owned()).or_default();
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

    /// An answer that stands alone.
    pub fn page(&mut self, page: Json) {
        self.pages.push(page);
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
        for system in network.file_systems.values_mut() {
            for target in &mut system.mount_targets {
                let key = (system.id.to_string(), target.subnet.to_string());
                let groups = self.mount_groups.get(&key).into_iter().flatten();
                target.groups = groups.map(|id| id.as_str().into()).collect();
            }
        }
    }

    /// The answers as one text.
    pub fn answers(&mut self, region: &str, account: &str) -> String {
        let mut pages: Vec<Json> = std::mem::take(&mut self.pages);
        for (vpc, (support, names)) in &self.dns {
            pages.push(json!({
                "VpcId": vpc,
                "EnableDnsSupport": { "Value": support },
                "EnableDnsHostnames": { "Value": names },
            }));
        }
        for list in LISTS {
            self.lists.entry(list.to_owned()).or_default();
        }
        let mut page = Map::new();
        for (list, rows) in std::mem::take(&mut self.lists) {
            let rows = rows.into_iter().map(Json::Object);
            match list.as_str() {
                // One definition is one answer.
                "taskDefinition" => pages.extend(rows.map(|row| json!({ "taskDefinition": row }))),
                _ => {
                    page.insert(list, Json::Array(rows.collect()));
                }
            }
        }
        page.insert("AvailabilityZones".to_owned(), json!([{ "RegionName": region }]));
        page.insert("Account".to_owned(), Json::String(account.to_owned()));
        pages.insert(0, Json::Object(page));
        let text: Vec<String> = pages.iter().map(Json::to_string).collect();
        text.join("\n")
    }
}
