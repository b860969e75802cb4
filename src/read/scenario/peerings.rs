//! VPC peering connections.

use super::draft::Draft;
use super::entry::known;
use super::node::{Fields, Key, Node, Value};
use super::value::texts;
use crate::network::{Kind, PeeringConnection, PeeringEnd, Scope, VpcId};
use crate::read::ReadError;

pub(super) fn peering(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let fields = Fields::of(
        node,
        format!("peering `{}`", key.text),
        &key.at,
        &["vpcs", "state", "undocumented"],
    )?;
    let nodes = fields.need("vpcs")?.list(&fields.name("vpcs"))?;
    let ends: Vec<PeeringEnd> = nodes
        .iter()
        .map(|node| end(draft, node, &fields.name("vpcs")))
        .collect::<Result<_, _>>()?;
    let ends: [PeeringEnd; 2] = ends.try_into().map_err(|ends: Vec<_>| {
        ReadError::at(
            fields.get("vpcs").map_or(&key.at, |node| &node.at),
            format!("{} joins {} VPCs", fields.what(), ends.len()),
        )
        .hint("a peering connection joins two VPCs: `vpcs: [a, b]`")
    })?;
    let peering = PeeringConnection {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        ends,
        state: fields.text("state")?.unwrap_or("active").to_owned(),
        undocumented: texts(&fields, "undocumented")?,
    };
    draft.put.insert(peering);
    Ok(())
}

/// A VPC; or `{ vpc: vpc-1, account: "…", region: … }`, for one that the file does not hold.
fn end(draft: &Draft, node: &Node, what: &str) -> Result<PeeringEnd, ReadError> {
    let Value::Mapping(_) = &node.value else {
        let vpc: VpcId = draft.names.need(Kind::Vpc, node, what)?;
        return Ok(PeeringEnd { scope: draft.scope_of_vpc(&vpc), vpc });
    };
    let fields = Fields::of(node, what, &node.at, &["vpc", "account", "region"])?;
    let vpc: VpcId = draft.names.need(Kind::Vpc, fields.need("vpc")?, &fields.name("vpc"))?;
    let Scope { account, region } = draft.scope_of_vpc(&vpc);
    let stated = |key, check| fields.get(key).map(|node| known(node, check)).transpose();
    let scope = Scope {
        account: stated("account", super::account)?.unwrap_or(account),
        region: stated("region", super::region)?.unwrap_or(region),
    };
    Ok(PeeringEnd { vpc, scope })
}
