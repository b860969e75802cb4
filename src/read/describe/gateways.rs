//! Internet gateways, egress-only internet gateways and NAT gateways (NG-01).

use super::answer::{Answer, Origin};
use super::field::{List, Tag, ipv4, name_tag, optional, required, undocumented};
use super::{Capture, ReadError};
use crate::network::{
    Connectivity, EgressOnlyGateway, InternetGateway, NatAddress, NatGateway,
    VirtualPrivateGateway, Zone,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InternetGatewayRow {
    internet_gateway_id: Option<String>,
    owner_id: Option<String>,
    attachments: List<Attachment>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Attachment {
    vpc_id: Option<String>,
    state: Option<String>,
}

pub(super) fn internet_gateways(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: InternetGatewayRow| {
        let id = required(row.internet_gateway_id, "InternetGatewayId")?;
        let origin = Origin { owner: row.owner_id.as_deref(), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let mut attachments = Vec::new();
        for attachment in row.attachments {
            let vpc = required(attachment.vpc_id, "VpcId")?.into();
            attachments.push((vpc, attachment.state.unwrap_or_default()));
        }
        capture.insert(InternetGateway { id: id.into(), about, attachments });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VpnGatewayRow {
    vpn_gateway_id: Option<String>,
    vpc_attachments: List<Attachment>,
    tags: List<Tag>,
}

/// VP-01
pub(super) fn virtual_private_gateways(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: VpnGatewayRow| {
        let id = required(row.vpn_gateway_id, "VpnGatewayId")?;
        let about = capture.about(answer, name_tag(&row.tags), &Origin::default());
        let mut attachments = Vec::new();
        for attachment in row.vpc_attachments {
            let vpc = required(attachment.vpc_id, "VpcId")?.into();
            attachments.push((vpc, attachment.state.unwrap_or_default()));
        }
        // One that was detached may still be listed with its former VPC.
        attachments.sort_by_key(|(_, state)| state != "attached");
        attachments.truncate(1);
        capture.network.insert(VirtualPrivateGateway { id: id.into(), about, attachments });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EgressOnlyRow {
    egress_only_internet_gateway_id: Option<String>,
    attachments: List<Attachment>,
    tags: List<Tag>,
}

pub(super) fn egress_only_gateways(
    capture: &mut Capture,
    answer: &Answer<'_>,
) -> Result<(), ReadError> {
    answer.each(|row: EgressOnlyRow| {
        let id = required(row.egress_only_internet_gateway_id, "EgressOnlyInternetGatewayId")?;
        let about = capture.about(answer, name_tag(&row.tags), &Origin::default());
        let mut attachments = Vec::new();
        for attachment in row.attachments {
            let vpc = required(attachment.vpc_id, "VpcId")?.into();
            attachments.push((vpc, attachment.state.unwrap_or_default()));
        }
        capture.network.insert(EgressOnlyGateway { id: id.into(), about, attachments });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NatGatewayRow {
    nat_gateway_id: Option<String>,
    vpc_id: Option<String>,
    subnet_id: Option<String>,
    state: Option<String>,
    connectivity_type: Option<String>,
    availability_mode: Option<String>,
    auto_provision_zones: Option<String>,
    route_table_id: Option<String>,
    nat_gateway_addresses: List<Address>,
    attached_appliances: Option<Value>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Address {
    private_ip: Option<String>,
    public_ip: Option<String>,
    network_interface_id: Option<String>,
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    status: Option<String>,
}

pub(super) fn nat_gateways(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: NatGatewayRow| {
        let id = required(row.nat_gateway_id, "NatGatewayId")?;
        let vpc = required(row.vpc_id, "VpcId")?;
        let state = required(row.state, "State")?;
        let about = capture.about(answer, name_tag(&row.tags), &Origin::default());
        // NG-02: a gateway that is gone still lists addresses, which may be another's by now.
        let gone = matches!(state.as_str(), "deleted" | "failed");
        // NG-15
        let regional = row.availability_mode.as_deref() == Some("regional");
        let mut addresses = Vec::new();
        for address in row.nat_gateway_addresses.into_iter().filter(|_| !gone) {
            addresses.push(NatAddress {
                private: ipv4(address.private_ip, "PrivateIp")?,
                public: ipv4(address.public_ip, "PublicIp")?,
                interface: optional(address.network_interface_id).map(Into::into),
                zone: Zone {
                    name: optional(address.availability_zone).filter(|_| regional),
                    id: optional(address.availability_zone_id).filter(|_| regional),
                },
                status: optional(address.status),
            });
        }
        capture.insert(NatGateway {
            id: id.into(),
            about,
            vpc: vpc.into(),
            subnet: optional(row.subnet_id).filter(|_| !regional).map(Into::into),
            route_table: optional(row.route_table_id).filter(|_| regional).map(Into::into),
            expands: row.auto_provision_zones.filter(|_| regional).map(|word| word == "enabled"),
            connectivity: match row.connectivity_type.as_deref() {
                Some("private") => Connectivity::Private,
                _ => Connectivity::Public,
            },
            state,
            addresses,
            undocumented: undocumented([("AttachedAppliances", row.attached_appliances)]),
        });
        Ok(())
    })
}
