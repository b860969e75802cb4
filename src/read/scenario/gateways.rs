//! Internet gateways and NAT gateways.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::{choice, ipv4, texts};
use super::vpcs::is_zone_id;
use crate::network::{
    Connectivity, EgressOnlyGateway, InternetGateway, Kind, NatAddress, NatGateway, Network,
    PublicAddress, VirtualPrivateGateway, Zone,
};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

pub(super) fn internet_gateway(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let fields =
        Fields::of(node, format!("internet gateway `{}`", key.text), &key.at, &["vpc", "state"])?;
    let mut attachments = Vec::new();
    if let Some(node) = fields.get("vpc") {
        let vpc = draft.names.need(Kind::Vpc, node, &fields.name("vpc"))?;
        let state = fields.text("state")?.unwrap_or("available").to_owned();
        attachments.push((vpc, state));
    }
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(InternetGateway { id: id.into(), about, attachments });
    Ok(())
}

pub(super) fn egress_only_gateway(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("egress-only internet gateway `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["vpc", "state"])?;
    let mut attachments = Vec::new();
    if let Some(node) = fields.get("vpc") {
        let vpc = draft.names.need(Kind::Vpc, node, &fields.name("vpc"))?;
        attachments.push((vpc, fields.text("state")?.unwrap_or("attached").to_owned()));
    }
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(EgressOnlyGateway { id: id.into(), about, attachments });
    Ok(())
}

/// VP-01
pub(super) fn virtual_private_gateway(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let what = format!("virtual private gateway `{}`", key.text);
    let fields = Fields::of(node, what, &key.at, &["vpc", "state"])?;
    let mut attachments = Vec::new();
    if let Some(node) = fields.get("vpc") {
        let vpc = draft.names.need(Kind::Vpc, node, &fields.name("vpc"))?;
        let state = fields.text("state")?.unwrap_or("attached");
        attachments.push((vpc, state.to_owned()));
    }
    let about = draft.about_named(&key.at, &key.text, id);
    draft.put.insert(VirtualPrivateGateway { id: id.into(), about, attachments });
    Ok(())
}

pub(super) fn nat_gateway(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let own = [
        "subnet",
        "vpc",
        "route_table",
        "expands",
        "connectivity",
        "state",
        "addresses",
        "undocumented",
    ];
    let known = [&own[..], &ADDRESS].concat();
    let fields = Fields::of(node, format!("NAT gateway `{}`", key.text), &key.at, &known)?;
    // NG-15: a regional one is in no subnet.
    let (subnet, vpc) = match (fields.get("subnet"), draft.stated_vpc(&fields)?) {
        (None, Some(vpc)) => (None, vpc),
        _ => draft.need_subnet(&fields).map(|(subnet, vpc)| (Some(subnet), vpc))?,
    };
    let words = [("public", Connectivity::Public), ("private", Connectivity::Private)];
    let connectivity = choice(&fields, "connectivity", &words, Connectivity::Public)?;
    let regional = subnet.is_none();
    for key in ["route_table", "expands"].into_iter().filter(|_| !regional) {
        if let Some(node) = fields.get(key) {
            let message = format!("{} is in a subnet, and has no `{key}`", fields.what());
            let hint = "only a regional NAT gateway has: one with `vpc` in the place of `subnet`";
            return Err(ReadError::at(&node.at, message).hint(hint));
        }
    }
    if regional && connectivity == Connectivity::Private {
        let at = fields.get("connectivity").map_or(&key.at, |node| &node.at);
        let message = format!("{} is regional, and private", fields.what());
        return Err(ReadError::at(at, message).hint("regional NAT gateways are public"));
    }
    let route_table = match fields.get("route_table") {
        Some(node) => {
            let name = fields.name("route_table");
            Some(draft.names.need(Kind::RouteTable, node, &name)?)
        }
        None => None,
    };
    // What a file leaves unsaid of a regional one is as AWS makes it.
    let words = [("true", Some(true)), ("false", Some(false)), ("unknown", None)];
    let usual = (regional && draft.implied).then_some(true);
    let expands = choice(&fields, "expands", &words, usual)?;
    let stated = address(&fields)?;
    let public = match (connectivity, stated.public) {
        (_, None) if !draft.implied || fields.get("addresses").is_some() => None,
        (Connectivity::Public, Some(address)) => Some(address),
        (Connectivity::Public, None) => Some(next_public(draft).ok_or_else(|| {
            ReadError::at(&key.at, "there are more NAT gateways than example addresses")
                .hint("give this one a `public_ip`")
        })?),
        (Connectivity::Private, None) => None,
        // NG-04
        (Connectivity::Private, Some(_)) => {
            return Err(ReadError::at(
                fields.get("public_ip").map_or(&key.at, |node| &node.at),
                format!("{} is private, and has a public address", fields.what()),
            )
            .hint("remove `public_ip`, or `connectivity: private`"));
        }
    };
    let addresses = match fields.get("addresses") {
        Some(node) => {
            let what = fields.name("addresses");
            let one = |node: &Node| address(&Fields::of(node, &what, &node.at, &ADDRESS)?);
            node.list(&what)?.iter().map(one).collect::<Result<_, _>>()?
        }
        None => vec![NatAddress { public, ..stated }],
    };
    let gateway = NatGateway {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        vpc,
        subnet,
        route_table,
        expands,
        connectivity,
        state: fields.text("state")?.unwrap_or("available").to_owned(),
        addresses,
        undocumented: texts(&fields, "undocumented")?,
    };
    draft.put.insert(gateway);
    Ok(())
}

/// The keys of one address.
const ADDRESS: [&str; 6] = ["private_ip", "public_ip", "az", "az_id", "interface", "status"];

fn address(fields: &Fields<'_>) -> Result<NatAddress, ReadError> {
    let address = |key| fields.get(key).map(|node| ipv4(node, &fields.name(key))).transpose();
    Ok(NatAddress {
        private: address("private_ip")?,
        public: address("public_ip")?,
        // It goes by its id: it need not be stated.
        interface: fields.text("interface")?.map(Into::into),
        zone: zone(fields)?,
        status: fields.text("status")?.map(str::to_owned),
    })
}

/// A zone by name or id; the id may stand beside the name.
fn zone(fields: &Fields<'_>) -> Result<Zone, ReadError> {
    let id = fields.text("az_id")?.map(str::to_owned);
    Ok(match fields.text("az")? {
        Some(text) if is_zone_id(text) => Zone { name: None, id: Some(text.to_owned()) },
        name => Zone { name: name.map(str::to_owned), id },
    })
}

/// The ranges set aside for examples (RFC 5737).
const EXAMPLES: [[u8; 3]; 3] = [[203, 0, 113], [198, 51, 100], [192, 0, 2]];

/// A public address for a NAT gateway that states none: one that nothing else has.
fn next_public(draft: &mut Draft) -> Option<Ipv4Addr> {
    let mut examples = EXAMPLES
        .iter()
        .flat_map(|&[a, b, c]| (1..=254).map(move |last| Ipv4Addr::new(a, b, c, last)));
    let of_base = public_addresses(&draft.base);
    let is_free = |one: &Ipv4Addr| !draft.public_taken.contains(one) && !of_base.contains(one);
    let free = examples.find(is_free)?;
    draft.public_taken.insert(free);
    Some(free)
}

/// Every public address of a network.
fn public_addresses(network: &Network) -> BTreeSet<Ipv4Addr> {
    let of_gateways = network.nat_gateways.values().flat_map(|nat| &nat.addresses);
    let of_interfaces = network.interfaces.values().flat_map(|interface| &interface.addresses);
    let known = of_interfaces.filter_map(|address| match address.public {
        Some(PublicAddress::Known(known)) => Some(known),
        _ => None,
    });
    of_gateways.filter_map(|address| address.public).chain(known).collect()
}
