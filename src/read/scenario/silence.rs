//! What a file says of its own limits: what was not captured, what is of no modelled kind, what is
//! assumed.

use super::draft::Draft;
use super::entry::{Entry, known};
use super::node::{Fields, Node};
use super::value::boolean;
use crate::network::{About, Coverage, Gap, Kind, Network, Other, Scope, closest};
use crate::read::ReadError;
use std::collections::{BTreeMap, BTreeSet};

/// `captured: [{ account: "111122223333", region: us-east-1, without: [hosted-zone] }]`
pub(super) fn captured(fields: &Fields<'_>) -> Result<Option<Coverage>, ReadError> {
    let Some(node) = fields.get("captured") else { return Ok(None) };
    let mut scopes: BTreeMap<Scope, BTreeSet<Kind>> = BTreeMap::new();
    for one in node.list("`captured`")? {
        let known = ["account", "region", "kinds", "without"];
        let fields = Fields::of(one, "an item of `captured`", &one.at, &known)?;
        let of = match fields.either("kinds", "without")? {
            Some(node) => node.list(&fields.name("kinds"))?,
            None => &[],
        };
        let named: BTreeSet<Kind> = of.iter().map(kind).collect::<Result<_, _>>()?;
        let kinds = match fields.get("kinds") {
            Some(_) => named,
            None => Kind::ALL.into_iter().filter(|kind| !named.contains(kind)).collect(),
        };
        scopes.entry(scope(&fields)?).or_default().extend(kinds);
    }
    Ok(Some(Coverage::Captured(scopes)))
}

fn kind(node: &Node) -> Result<Kind, ReadError> {
    let text = node.text("a kind")?;
    Kind::from_word(text).ok_or_else(|| {
        let error = ReadError::at(&node.at, format!("there is no kind `{text}`"));
        match closest(text, Kind::ALL.into_iter().map(Kind::word)) {
            Some(meant) => error.hint(format!("did you mean `{meant}`?")),
            None => error.hint("a kind is like route-table, security-group, hosted-zone"),
        }
    })
}

/// An account and a Region; what is left out is not known.
fn scope(fields: &Fields<'_>) -> Result<Scope, ReadError> {
    let of = |key, check| fields.get(key).map(|node| known(node, check)).transpose();
    Ok(Scope {
        account: of("account", super::account)?.flatten(),
        region: of("region", super::region)?.flatten(),
    })
}

/// `gaps: [{ call: ec2 describe-network-acls, why: denied }]`
pub(super) fn gaps(fields: &Fields<'_>) -> Result<Vec<Gap>, ReadError> {
    let read = |one: &Node| {
        let known = ["account", "region", "call", "why"];
        let fields = Fields::of(one, "an item of `gaps`", &one.at, &known)?;
        let text = |key| fields.need(key)?.text(&fields.name(key)).map(str::to_owned);
        Ok(Gap { scope: scope(&fields)?, call: text("call")?, why: text("why")? })
    };
    fields.list("gaps")?.iter().map(read).collect()
}

/// `others: { vpn-1: { kind: vpn connection } }`
pub(super) fn others(draft: &mut Draft, fields: &Fields<'_>) -> Result<(), ReadError> {
    let Some(node) = fields.get("others") else { return Ok(()) };
    for (key, node) in node.entries("`others`")? {
        let entry = Entry::of(None, key, node)?;
        let what = format!("`{}` of `others`", key.text);
        let fields = Fields::of(&entry.node, what, &key.at, &["kind"])?;
        draft.begin_entry(&entry);
        let about = About { name: entry.name.clone(), ..draft.about(&key.at) };
        let kind = fields.need("kind")?.text(&fields.name("kind"))?.to_owned();
        draft.put.insert(Other { kind, id: entry.id.unwrap_or_else(|| key.text.clone()), about });
    }
    draft.end_entry();
    Ok(())
}

/// `assume: { CROSS_REGION_PEERING_MTU: 1500 }`
pub(super) fn assume(network: &mut Network, fields: &Fields<'_>) -> Result<(), ReadError> {
    let Some(node) = fields.get("assume") else { return Ok(()) };
    for (key, value) in node.entries("`assume`")? {
        let text = value.text(&format!("the value of {}", key.text))?;
        network
            .assumptions
            .set(&key.text, text)
            .map_err(|error| ReadError::at(&key.at, error.message).hint(error.hint))?;
    }
    Ok(())
}

/// Whether what AWS adds by itself is added, and what is left out is as AWS makes it.
pub(super) fn implied(fields: &Fields<'_>) -> Result<bool, ReadError> {
    boolean(fields, "implied", fields.get("captured").is_none())
}
