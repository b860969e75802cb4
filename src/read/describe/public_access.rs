//! VPC Block Public Access.

use super::answer::{Answer, Origin};
use super::field::{Fault, List, Tag, name_tag, optional, required};
use super::scope::Owner;
use super::{Capture, ReadError};
use crate::network::{
    About, BlockMode, Excluded, ExclusionMode, PublicAccessBlock, PublicAccessExclusion, Scope,
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct OptionsRow {
    aws_account_id: Option<String>,
    aws_region: Option<String>,
    state: Option<String>,
    internet_gateway_block_mode: Option<String>,
}

/// What a block is called.
pub(super) fn mode(text: Option<&str>) -> Option<BlockMode> {
    match text {
        Some("off") => Some(BlockMode::Off),
        Some("block-bidirectional") => Some(BlockMode::Bidirectional),
        Some("block-ingress") => Some(BlockMode::Ingress),
        _ => None,
    }
}

/// BP-01
pub(super) fn options(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: OptionsRow| {
        let folders = answer.folders();
        let account = optional(row.aws_account_id);
        let region = optional(row.aws_region);
        let scope = Scope {
            account: account.and_then(|it| capture.scopes.account(folders, &it, Owner::Caller)),
            region: region.and_then(|it| capture.scopes.region(folders, &it)),
        };
        let part = |part: &Option<std::sync::Arc<str>>, folder: &Option<std::sync::Arc<str>>| {
            part.as_deref().or(folder.as_deref()).unwrap_or("any").to_owned()
        };
        let (account, region) =
            (part(&scope.account, &folders.account), part(&scope.region, &folders.region));
        let settled = row.state.as_deref() != Some("update-in-progress");
        let mode = mode(row.internet_gateway_block_mode.as_deref()).filter(|_| settled);
        let about = About { scope, at: Some(answer.at()), ..About::default() };
        let id = format!("{account}/{region}").into();
        capture.network.insert(PublicAccessBlock { id, about, mode });
        Ok(())
    })
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ExclusionRow {
    exclusion_id: Option<String>,
    resource_arn: Option<String>,
    internet_gateway_exclusion_mode: Option<String>,
    state: Option<String>,
    tags: List<Tag>,
}

pub(super) fn exclusions(capture: &mut Capture, answer: &Answer<'_>) -> Result<(), ReadError> {
    answer.each(|row: ExclusionRow| {
        let id = required(row.exclusion_id, "ExclusionId")?;
        let arn = required(row.resource_arn, "ResourceArn")?;
        let excluded = match arn.rsplit_once(':').and_then(|(_, last)| last.split_once('/')) {
            Some(("vpc", id)) => Excluded::Vpc(id.into()),
            Some(("subnet", id)) => Excluded::Subnet(id.into()),
            _ => return Err(Fault(format!("({id}) excludes `{arn}`, no VPC and no subnet"))),
        };
        let mode = match row.internet_gateway_exclusion_mode.as_deref() {
            Some("allow-bidirectional") => ExclusionMode::Bidirectional,
            Some("allow-egress") => ExclusionMode::Egress,
            other => {
                let mode = other.unwrap_or("nothing");
                return Err(Fault(format!(
                    "({id}) has `InternetGatewayExclusionMode` {mode}, which is not known"
                )));
            }
        };
        let origin = Origin { arn: Some(&arn), ..Origin::default() };
        let about = capture.about(answer, name_tag(&row.tags), &origin);
        let state = required(row.state, "State")?;
        let id = id.into();
        capture.network.insert(PublicAccessExclusion { id, about, excluded, mode, state });
        Ok(())
    })
}
