//! VPC peering connections.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use crate::network::{Kind, PeeringConnection, PeeringEnd, VpcId};
use crate::read::ReadError;

pub(super) fn peering(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let fields = Fields::of(node, format!("peering `{}`", key.text), &key.at, &["vpcs", "state"])?;
    let nodes = fields.need("vpcs")?.list(&fields.name("vpcs"))?;
    let vpcs: Vec<VpcId> = draft.names.need_all(Kind::Vpc, nodes, &fields.name("vpcs"))?;
    let [one, other] = vpcs.as_slice() else {
        return Err(ReadError::at(
            fields.get("vpcs").map_or(&key.at, |node| &node.at),
            format!("{} joins {} VPCs", fields.what(), vpcs.len()),
        )
        .hint("a peering connection joins two VPCs: `vpcs: [a, b]`"));
    };
    let end = |vpc: &VpcId| PeeringEnd { vpc: vpc.clone(), scope: draft.scope_of_vpc(vpc) };
    let peering = PeeringConnection {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        ends: [end(one), end(other)],
        state: fields.text("state")?.unwrap_or("active").to_owned(),
    };
    draft.put.insert(peering);
    Ok(())
}
