//! Network Firewalls.

use super::draft::Draft;
use super::node::{Fields, Key, Node};
use super::value::{boolean, choice, cidr, port_set};
use crate::header::{AddressSet, PortSet, Protocol};
use crate::network::{
    Firewall, FirewallEndpoint, FirewallId, FirewallPolicy, Kind, StatefulAction, StatefulDefault,
    StatefulRule, StatelessAction, StatelessRule, SubnetId, Tuple, VpcEndpointId,
};
use crate::read::ReadError;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn firewall(
    draft: &mut Draft,
    key: &Key,
    node: &Node,
    id: &str,
) -> Result<(), ReadError> {
    let known = [
        "policy",
        "endpoints",
        "stateless",
        "stateless_default",
        "order",
        "stateful",
        "stateful_default",
    ];
    let fields = Fields::of(node, format!("firewall `{}`", key.text), &key.at, &known)?;
    let former = draft.base.firewalls.get(id);
    let mut firewall = Firewall {
        id: id.into(),
        about: draft.about_named(&key.at, &key.text, id),
        endpoints: former.map_or_else(BTreeMap::new, |former| former.endpoints.clone()),
        policy: None,
    };
    for node in fields.list("endpoints")? {
        let what = format!("an endpoint of {}", fields.what());
        let one = Fields::of(node, what, &node.at, &["endpoint", "subnet", "state"])?;
        let (kind, name) = (Kind::VpcEndpoint, one.name("endpoint"));
        let endpoint: VpcEndpointId = draft.names.need(kind, one.need("endpoint")?, &name)?;
        let subnet = one.get("subnet");
        let subnet = subnet
            .map(|node| draft.names.need(Kind::Subnet, node, &one.name("subnet")))
            .transpose()?;
        let state = one.text("state")?.unwrap_or("READY").to_owned();
        firewall.endpoints.insert(endpoint, FirewallEndpoint { subnet, state });
    }
    if !choice(&fields, "policy", &[("unknown", false), ("stated", true)], true)? {
        let said = known.iter().skip(2).find_map(|key| Some((*key, fields.get(key)?)));
        if let Some((key, node)) = said {
            return Err(ReadError::at(&node.at, format!("{} says `{key}`", fields.what()))
                .hint("what a policy says is not unknown: leave out `policy: unknown`"));
        }
        draft.put.insert(firewall);
        return Ok(());
    }
    let actions = [
        ("pass", StatelessAction::Pass),
        ("drop", StatelessAction::Drop),
        ("forward", StatelessAction::Forward),
    ];
    let mut stateless = Vec::new();
    for (place, node) in fields.list("stateless")?.iter().enumerate() {
        let rule = Rule::read(node, format!("stateless rule {} of {}", place + 1, fields.what()))?;
        let action = choice(&rule.fields, "action", &actions, StatelessAction::Forward)?;
        rule.fields.need("action")?;
        let Ranked { priority, name } = rule.ranked(place, "stateless")?;
        stateless.push(StatelessRule {
            priority,
            name,
            action,
            certain: rule.certain()?,
            tuple: rule.tuple,
            at: Some(node.at.clone()),
        });
    }
    let actions_of_connections = [
        ("pass", StatefulAction::Pass),
        ("drop", StatefulAction::Drop),
        ("reject", StatefulAction::Reject),
    ];
    let mut stateful = Vec::new();
    for (place, node) in fields.list("stateful")?.iter().enumerate() {
        let rule = Rule::read(node, format!("stateful rule {} of {}", place + 1, fields.what()))?;
        rule.fields.need("action")?;
        let action = choice(&rule.fields, "action", &actions_of_connections, StatefulAction::Drop)?;
        let Ranked { priority, name } = rule.ranked(place, "stateful")?;
        stateful.push(StatefulRule {
            priority,
            name,
            both_ways: boolean(&rule.fields, "both_ways", false)?,
            action,
            certain: rule.certain()?,
            tuple: rule.tuple,
            at: Some(node.at.clone()),
        });
    }
    let defaults = [
        ("pass", StatefulDefault::Pass),
        ("drop", StatefulDefault::Drop),
        ("drop_established", StatefulDefault::DropEstablished),
    ];
    let policy = FirewallPolicy {
        stateless,
        stateless_default: choice(
            &fields,
            "stateless_default",
            &actions,
            StatelessAction::Forward,
        )?,
        strict: choice(&fields, "order", &[("strict", true), ("default", false)], false)?,
        stateful,
        stateful_default: choice(&fields, "stateful_default", &defaults, StatefulDefault::Pass)?,
    };
    if let (Some(node), false) = (fields.get("stateful_default"), policy.strict) {
        return Err(ReadError::at(&node.at, format!("{} is not in strict order", fields.what()))
            .hint("only `order: strict` has a `stateful_default`; otherwise what no rule matches passes"));
    }
    firewall.policy = Some(policy);
    draft.put.insert(firewall);
    Ok(())
}

/// Notes that a firewall stands behind an endpoint (NF-01).
pub(super) fn stands_behind(
    draft: &mut Draft,
    node: &Node,
    what: &str,
    endpoint: &VpcEndpointId,
    subnet: Option<SubnetId>,
) -> Result<(), ReadError> {
    let id: FirewallId = draft.names.need(Kind::Firewall, node, what)?;
    if !draft.put.firewalls.contains_key(&id)
        && let Some(former) = draft.base.firewalls.get(&id)
    {
        draft.put.insert(former.clone());
    }
    if let Some(firewall) = draft.put.firewalls.get_mut(&id) {
        let state = "READY".to_owned();
        firewall.endpoints.insert(endpoint.clone(), FirewallEndpoint { subnet, state });
    }
    Ok(())
}

/// What rules of both kinds have.
struct Rule<'n> {
    fields: Fields<'n>,
    tuple: Tuple,
}

/// What a rule is called, and when it is its turn.
struct Ranked {
    priority: (u32, u32),
    name: String,
}

impl<'n> Rule<'n> {
    fn read(node: &'n Node, what: String) -> Result<Self, ReadError> {
        let known = [
            "action",
            "from",
            "to",
            "port",
            "source_port",
            "protocol",
            "domains",
            "both_ways",
            "certain",
            "priority",
            "name",
        ];
        let fields = Fields::of(node, what, &node.at, &known)?;
        let blocks = |key: &str| -> Result<AddressSet, ReadError> {
            let Some(node) = fields.get(key) else { return Ok(AddressSet::all()) };
            let blocks = node.one_or_more().iter().map(|one| cidr(one, &fields.name(key)));
            Ok(AddressSet::from_nets(&blocks.collect::<Result<Vec<_>, _>>()?))
        };
        let ports = |key: &str| match fields.get(key) {
            Some(node) => port_set(node, &fields.name(key)),
            None => Ok(PortSet::all()),
        };
        let (source, destination) = (blocks("from")?, blocks("to")?);
        let (source_ports, destination_ports) = (ports("source_port")?, ports("port")?);
        let of_tcp = || BTreeSet::from([Protocol::Tcp]);
        let protocols = match fields.get("protocol") {
            Some(node) => protocols(node, &fields.name("protocol"))?,
            None if fields.get("domains").is_some() => of_tcp(),
            None if destination_ports != PortSet::all() => of_tcp(),
            None => BTreeSet::new(),
        };
        let tuple = Tuple { protocols, source, source_ports, destination, destination_ports };
        Ok(Self { fields, tuple })
    }

    /// NF-04: host names decide what no packet shows.
    fn certain(&self) -> Result<bool, ReadError> {
        boolean(&self.fields, "certain", self.fields.get("domains").is_none())
    }

    /// The priority of the group and of the rule, as in `7/5`; else its place.
    fn ranked(&self, place: usize, kind: &str) -> Result<Ranked, ReadError> {
        let name = self.fields.text("name")?;
        let name = name.map_or_else(|| format!("{kind} rule {}", place + 1), str::to_owned);
        let place = (0, u32::try_from(place).unwrap_or(u32::MAX));
        let Some(node) = self.fields.get("priority") else {
            return Ok(Ranked { priority: place, name });
        };
        let text = node.text(&self.fields.name("priority"))?;
        let (group, own) = text.split_once('/').unwrap_or(("0", text));
        match (group.parse(), own.parse()) {
            (Ok(group), Ok(own)) => Ok(Ranked { priority: (group, own), name }),
            _ => Err(ReadError::at(&node.at, format!("`{text}` is no priority"))
                .hint("write the rule's, or its group's and the rule's: 5 or 7/5")),
        }
    }
}

/// Protocols by word or number; `all` for every one.
fn protocols(node: &Node, what: &str) -> Result<BTreeSet<Protocol>, ReadError> {
    let mut all = BTreeSet::new();
    for one in node.one_or_more() {
        let text = one.text(what)?;
        all.insert(match (text, text.parse::<u8>()) {
            ("all", _) => return Ok(BTreeSet::new()),
            ("tcp", _) => Protocol::Tcp,
            ("udp", _) => Protocol::Udp,
            ("icmp", _) => Protocol::Icmp,
            ("icmpv6", _) => Protocol::Icmpv6,
            (_, Ok(number)) => Protocol::from_number(number),
            _ => {
                return Err(ReadError::at(&one.at, format!("`{text}` is no protocol"))
                    .hint("write tcp, udp, icmp, icmpv6, all or a number"));
            }
        });
    }
    Ok(all)
}
