//! VPC peering connections.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, name_tag, optional, required, undocumented};
use super::scope::Owner;
use super::{Capture, ReadError};
use crate::network::{PeeringConnection, PeeringEnd, Scope};
use serde::Deserialize;
use serde_json::Value;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PeeringRow {
    vpc_peering_connection_id: Option<String>,
    requester_vpc_info: Option<VpcInfo>,
    accepter_vpc_info: Option<VpcInfo>,
    status: Option<Status>,
    multipath_resilience_status: Option<Value>,
    tags: List<Tag>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct VpcInfo {
    vpc_id: Option<String>,
    owner_id: Option<String>,
    region: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Status {
    code: Option<String>,
}

pub(super) fn peerings(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: PeeringRow| {
        let id = required(row.vpc_peering_connection_id, "VpcPeeringConnectionId")?;
        let mut end = |info: Option<VpcInfo>, field: &str| {
            let info = info.unwrap_or_default();
            let vpc = required(info.vpc_id, &format!("{field}.VpcId"))?;
            // The other side's account and Region: they tell nothing of who made the call.
            let account = optional(info.owner_id);
            let account = account
                .and_then(|text| capture.scopes.account(answer.folders(), &text, Owner::Anyone));
            let scope = Scope { account, region: optional(info.region).map(Into::into) };
            Ok::<_, Fault>(PeeringEnd { vpc: vpc.into(), scope })
        };
        let ends = [
            end(row.requester_vpc_info, "RequesterVpcInfo")?,
            end(row.accepter_vpc_info, "AccepterVpcInfo")?,
        ];
        let state = required(row.status.and_then(|status| status.code), "Status.Code")?;
        let about = capture.about(answer, name_tag(&row.tags), &Origin::default());
        let undocumented =
            undocumented([("MultipathResilienceStatus", row.multipath_resilience_status)]);
        capture.insert(PeeringConnection { id: id.into(), about, ends, state, undocumented });
        Ok(())
    })
}
