//! VPC Block Public Access.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::choice;
use crate::network::{
    BlockMode, Excluded, ExclusionMode, Kind, PublicAccessBlock, PublicAccessExclusion,
};
use crate::read::ReadError;

/// What a block is called.
pub(super) const MODES: [(&str, BlockMode); 3] = [
    ("off", BlockMode::Off),
    ("block-bidirectional", BlockMode::Bidirectional),
    ("block-ingress", BlockMode::Ingress),
];

/// What a VPC or subnet says itself (BP-05).
pub(super) fn said(fields: &Fields<'_>) -> Result<Option<BlockMode>, ReadError> {
    choice(fields, "public_access", &MODES.map(|(word, mode)| (word, Some(mode))), None)
}

pub(super) fn block(draft: &mut Draft, key: &Key, node: &Node, id: &str) -> Result<(), ReadError> {
    let what = format!("public access block `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["mode"])?;
    let about = draft.about_named(&key.at, &key.text, id);
    fields.need("mode")?;
    let mut words = MODES.map(|(word, mode)| (word, Some(mode))).to_vec();
    words.push(("unknown", None));
    let mode = choice(&fields, "mode", &words, None)?;
    draft.put.insert(PublicAccessBlock { id: id.into(), about, mode });
    Ok(())
}

pub(super) fn exclusion(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = ["vpc", "subnet", "mode", "state"];
    let what = format!("public access exclusion `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &known)?;
    let excluded = match (fields.get("vpc"), fields.get("subnet")) {
        (Some(node), None) => {
            Excluded::Vpc(draft.names.need(Kind::Vpc, node, &fields.name("vpc"))?)
        }
        (None, Some(node)) => {
            Excluded::Subnet(draft.names.need(Kind::Subnet, node, &fields.name("subnet"))?)
        }
        _ => {
            let message = format!("{} is for one VPC or one subnet", fields.what());
            return Err(ReadError::at(&key.at, message).hint("write `vpc` or `subnet`"));
        }
    };
    let words = [
        ("allow-bidirectional", ExclusionMode::Bidirectional),
        ("allow-egress", ExclusionMode::Egress),
    ];
    let exclusion = PublicAccessExclusion {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        excluded,
        mode: choice(&fields, "mode", &words, ExclusionMode::Bidirectional)?,
        state: fields.text("state")?.unwrap_or("create-complete").to_owned(),
    };
    draft.put.insert(exclusion);
    Ok(())
}
