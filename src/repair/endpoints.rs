//! Endpoints of the AWS service that is asked for.

use super::ground::{Ground, Way, edit, list, quoted};
use super::routes::new_name;
use crate::network::{EndpointType, Kind, Resource, SubnetId, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// A gateway endpoint on the tables of the sources, a new interface endpoint, or the private DNS
/// of the one that is there.
pub(super) fn ways(it: &Ground<'_>) -> Vec<Way> {
    let mut ways = private_dns(it);
    ways.extend(zones_of_others(it));
    ways.extend(gateway(it));
    ways.extend(interface(it));
    ways
}

fn private_dns(it: &Ground<'_>) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for one in it.endpoints(EndpointType::Interface).into_iter().filter(|one| !one.private_dns) {
        let yaml = format!("endpoints: {{ {}: {{ private_dns: true }} }}", quoted(&one.id));
        let what = format!("switch on the private DNS of endpoint {}", one.label());
        let command = format!(
            "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} --private-dns-enabled",
            one.id
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

/// DN-06, DN-16: a private hosted zone that leads the name to an endpoint elsewhere, for the client's
/// VPC too.
fn zones_of_others(it: &Ground<'_>) -> Vec<Way> {
    let (Some(home), Some(asked)) = (it.home(), &it.answer.name) else { return Vec::new() };
    let region = it.network.vpcs.get(home).and_then(|vpc| vpc.about.scope.region.as_deref());
    let mut ways: Vec<Way> = Vec::new();
    for zone in it.network.hosted_zones.values() {
        let below = asked.name.strip_suffix(&*zone.domain);
        let holds = below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let Some(vpcs) = zone.vpcs.as_ref().filter(|vpcs| holds && !vpcs.contains(home)) else {
            continue;
        };
        let all = vpcs.iter().chain([home]);
        let yaml = format!("hosted_zones: {{ {}: {{ vpcs: {} }} }}", quoted(&zone.id), list(all));
        let what = format!("associate hosted zone {} with vpc {home}", zone.domain);
        let region = region.map(|region| format!("VPCRegion={region},")).unwrap_or_default();
        let command = format!(
            "aws route53 associate-vpc-with-hosted-zone --hosted-zone-id {} --vpc {region}VPCId={home}",
            zone.id
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

/// GE-01: on every table that routes a source of the flow.
fn gateway(it: &Ground<'_>) -> Option<Way> {
    let service = it.service().filter(|service| service.has_gateway_endpoint)?;
    let home = it.home()?;
    let tables: BTreeSet<_> = it
        .source_subnets()
        .iter()
        .filter_map(|id| it.network.subnets.get(id))
        .filter_map(|subnet| it.table_of(subnet))
        .map(|table| table.id.clone())
        .collect();
    let made = match it.endpoints(EndpointType::Gateway).first() {
        Some(one) => {
            let missing: Vec<_> =
                tables.iter().filter(|id| !one.route_tables.contains(*id)).collect();
            if missing.is_empty() {
                return None;
            }
            let yaml = format!(
                "endpoints: {{ {}: {{ route_tables: {{ +: {} }} }} }}",
                quoted(&one.id),
                list(&missing)
            );
            let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
            let on = table_labels(it, &names);
            let what = format!("put endpoint {} on rtb {on}", one.label());
            let command = format!(
                "aws ec2 modify-vpc-endpoint --vpc-endpoint-id {} --add-route-table-ids {}",
                one.id,
                names.join(" ")
            );
            edit(what, &yaml, vec![command])
        }
        None => {
            let name = new_name(it, Kind::VpcEndpoint, service.name);
            let full = full_name(it, service)?;
            let yaml = format!(
                "endpoints: {{ {}: {{ service: {full}, type: gateway, route_tables: {} }} }}",
                quoted(&name),
                list(&tables)
            );
            let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
            let on = table_labels(it, &names);
            let what = format!("create gateway endpoint for {} on rtb {on}", service.name);
            let command = format!(
                "aws ec2 create-vpc-endpoint --vpc-id {home} --service-name {full} \
                 --vpc-endpoint-type Gateway --route-table-ids {}",
                names.join(" ")
            );
            edit(what, &yaml, vec![command])
        }
    };
    made.map(|one| vec![one])
}

fn full_name(it: &Ground<'_>, service: &crate::models::Service) -> Option<String> {
    let vpc = it.network.vpcs.get(it.home()?)?;
    Some(service.endpoint_name(vpc.about.scope.region.as_deref()?))
}

/// IE-01: one subnet per zone; with the groups of the endpoints beside it.
fn interface(it: &Ground<'_>) -> Vec<Way> {
    let (Some(service), Some(home)) = (it.service(), it.home()) else { return Vec::new() };
    if !it.endpoints(EndpointType::Interface).is_empty() {
        return Vec::new();
    }
    let Some(full) = full_name(it, service) else { return Vec::new() };
    let mut by_zone: BTreeMap<&Zone, SubnetId> = BTreeMap::new();
    for subnet in it.source_subnets().iter().filter_map(|id| it.network.subnets.get(id)) {
        by_zone.entry(&subnet.zone).or_insert_with(|| subnet.id.clone());
    }
    let subnets: Vec<String> = by_zone.values().map(ToString::to_string).collect();
    let beside = it.network.vpc_endpoints.values();
    let beside = beside.filter(|one| one.vpc == *home && !one.groups.is_empty());
    let mut choices: Vec<Vec<String>> = Vec::new();
    for groups in beside.map(|one| one.groups.iter().map(ToString::to_string).collect()) {
        if !choices.contains(&groups) {
            choices.push(groups);
        }
    }
    if choices.is_empty() {
        choices.push(it.groups(it.source()).iter().map(ToString::to_string).collect());
    }
    let name = new_name(it, Kind::VpcEndpoint, &service.name.replace('.', "-"));
    let mut ways: Vec<Way> = Vec::new();
    for groups in choices.into_iter().take(3) {
        let stated = match groups.is_empty() {
            true => String::new(),
            false => format!(", security_groups: {}", list(&groups)),
        };
        let yaml = format!(
            "endpoints: {{ {}: {{ service: {full}, type: interface, subnets: {}{stated} }} }}",
            quoted(&name),
            list(&subnets)
        );
        let what = format!(
            "create interface endpoint for {} in {}, with sg {}",
            service.name,
            labels(it, &subnets),
            if groups.is_empty() { "default".to_owned() } else { group_labels(it, &groups) }
        );
        let with = match groups.is_empty() {
            true => String::new(),
            false => format!(" --security-group-ids {}", groups.join(" ")),
        };
        let command = format!(
            "aws ec2 create-vpc-endpoint --vpc-id {home} --service-name {full} \
             --vpc-endpoint-type Interface --private-dns-enabled --subnet-ids {}{with}",
            subnets.join(" ")
        );
        ways.extend(edit(what, &yaml, vec![command]).map(|one| vec![one]));
    }
    ways
}

fn labels(it: &Ground<'_>, subnets: &[String]) -> String {
    let label = |id: &String| {
        it.network.subnets.get(id.as_str()).map_or(id.as_str(), Resource::label).to_owned()
    };
    subnets.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn table_labels(it: &Ground<'_>, tables: &[String]) -> String {
    let label = |id: &String| it.table(id).map_or(id.as_str(), Resource::label).to_owned();
    tables.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn group_labels(it: &Ground<'_>, groups: &[String]) -> String {
    let label = |id: &String| {
        it.network.security_groups.get(id.as_str()).map_or(id.as_str(), Resource::label).to_owned()
    };
    groups.iter().map(label).collect::<Vec<_>>().join(", ")
}
