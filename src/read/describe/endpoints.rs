//! VPC endpoints.

use super::answer::{Answer, Origin};
use super::field::{List, Tag, name_tag, optional, required};
use super::{Capture, ReadError};
use crate::network::{EndpointType, Families, VpcEndpoint};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EndpointRow {
    vpc_endpoint_id: Option<String>,
    vpc_endpoint_type: Option<String>,
    vpc_id: Option<String>,
    owner_id: Option<String>,
    service_name: Option<String>,
    service_region: Option<String>,
    state: Option<String>,
    policy_document: Option<String>,
    private_dns_enabled: Option<bool>,
    dns_options: Option<DnsOptions>,
    dns_entries: List<DnsEntry>,
    subnet_ids: List<String>,
    groups: List<Group>,
    network_interface_ids: List<String>,
    route_table_ids: List<String>,
    ip_address_type: Option<String>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DnsOptions {
    private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    dns_record_ip_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DnsEntry {
    dns_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Group {
    group_id: Option<String>,
}

pub(super) fn endpoints(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: EndpointRow| {
        let id = required(row.vpc_endpoint_id, "VpcEndpointId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let endpoint_type = match row.vpc_endpoint_type.as_deref() {
            Some("Interface") => EndpointType::Interface,
            Some("Gateway") => EndpointType::Gateway,
            Some("GatewayLoadBalancer") => EndpointType::GatewayLoadBalancer,
            other => EndpointType::Other(other.unwrap_or("not stated").to_owned()),
        };
        // Endpoints to what is not a service have no service name.
        let service_name = match endpoint_type {
            EndpointType::Other(_) | EndpointType::GatewayLoadBalancer => {
                row.service_name.unwrap_or_default()
            }
            _ => required(row.service_name, "ServiceName")?,
        };
        let state = required(row.state, "State")?;
        capture.scopes.service(answer.folders(), &service_name);
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        // DN-15: names under `vpce` are the endpoint's own; the others are overridden.
        let names = row.dns_entries.into_iter().filter_map(|entry| optional(entry.dns_name));
        let names = names.map(|name| name.trim_end_matches('.').to_ascii_lowercase());
        let options = row.dns_options.unwrap_or_default();
        let families = Families::from_word(row.ip_address_type.as_deref());
        // A Gateway Load Balancer endpoint has no names.
        let dns_records = match (&endpoint_type, options.dns_record_ip_type.as_deref()) {
            (EndpointType::GatewayLoadBalancer, _) => None,
            (_, None | Some("service-defined")) => {
                (families == Families::V4).then_some(Families::V4)
            }
            (_, word) => Some(Families::from_word(word)),
        };
        capture.insert(VpcEndpoint {
            id: id.into(),
            about,
            vpc: vpc.into(),
            endpoint_type,
            service_name,
            service_region: optional(row.service_region),
            state,
            families,
            dns_records,
            private_dns: row.private_dns_enabled.unwrap_or(false),
            private_dns_only_for_inbound_resolver: options
                .private_dns_only_for_inbound_resolver_endpoint
                .unwrap_or(false),
            private_dns_names: names.filter(|name| !name.contains(".vpce.")).collect(),
            subnets: row.subnet_ids.into_iter().map(Into::into).collect(),
            groups: row
                .groups
                .into_iter()
                .filter_map(|it| optional(it.group_id))
                .map(Into::into)
                .collect(),
            interfaces: row.network_interface_ids.into_iter().map(Into::into).collect(),
            route_tables: row.route_table_ids.into_iter().map(Into::into).collect(),
            policy: optional(row.policy_document),
            appliance_passes: false,
        });
        Ok(())
    })
}
