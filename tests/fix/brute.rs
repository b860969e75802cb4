//! Every single edit of a rich set, and every pair of which one already changes the answer, tried:
//! what they find, the search may not miss. The set is made from the network's resources alone, and
//! shares nothing with the search.

use super::{count, drawn, fix, passes, proven};
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::network::{Attached, Network};
use vpc_reach::query::World;
use vpc_reach::read::scenario::{self, Overlay};

const PORT: u16 = 443;

/// Edits as a person could think of them, far wider than a flow needs.
fn edits(network: &Network, query: &Query) -> Vec<Overlay> {
    let mut texts: Vec<String> = Vec::new();
    for id in network.security_groups.keys() {
        for (list, peer) in [("ingress", "from"), ("egress", "to")] {
            texts.push(format!(
                "security_groups: {{ {id:?}: {{ {list}: {{ +: {{ {peer}: 0.0.0.0/0, protocol: all }} }} }} }}"
            ));
        }
    }
    for (id, acl) in &network.network_acls {
        for (list, entries) in [("ingress", &acl.ingress), ("egress", &acl.egress)] {
            let first = entries.iter().map(|entry| entry.number).min().unwrap_or(100);
            if first > 1 {
                texts.push(format!(
                    "network_acls: {{ {id:?}: {{ {list}: {{ +: {{ rule: {}, allow: 0.0.0.0/0, protocol: all }} }} }} }}",
                    first - 1
                ));
            }
        }
    }
    let targets = network
        .internet_gateways
        .keys()
        .map(|id| format!("igw/{id}"))
        .chain(network.nat_gateways.keys().map(|id| format!("nat/{id}")))
        .chain(network.peerings.keys().map(|id| format!("pcx/{id}")))
        .chain(network.transit_gateways.keys().map(|id| format!("tgw/{id}")));
    let targets: Vec<String> = targets.collect();
    let blocks = network.vpcs.values().flat_map(|vpc| &vpc.cidrs).map(ToString::to_string);
    let blocks: Vec<String> = blocks.filter(|block| !block.contains(':')).collect();
    let outside = query.destination.text.starts_with("198.");
    for id in network.route_tables.keys() {
        for target in &targets {
            let far = target.starts_with("pcx") || target.starts_with("tgw");
            let blocks = blocks.iter().map(String::as_str).filter(|_| far);
            let all = ["0.0.0.0/0"].into_iter().filter(|_| outside);
            texts.extend(blocks.chain(all).map(|block| {
                format!("route_tables: {{ {id:?}: {{ routes: {{ {block}: {target:?} }} }} }}")
            }));
        }
    }
    for subnet in network.subnets.values() {
        let own = network.route_tables.values().filter(|table| table.vpc == subnet.vpc);
        texts.extend(own.map(|table| {
            format!("subnets: {{ {:?}: {{ route_table: {:?} }} }}", subnet.id, table.id)
        }));
    }
    for (id, one) in &network.interfaces {
        let (section, key) = match &one.instance {
            Some(instance) => ("instances", instance.as_str()),
            None => ("interfaces", id.as_str()),
        };
        for field in [
            "public_ip: true".to_owned(),
            format!("listens: [\"0.0.0.0:{PORT}\"]"),
            "source_dest_check: false".to_owned(),
        ] {
            texts.push(format!("{section}: {{ {key:?}: {{ {field} }} }}"));
        }
    }
    for (id, one) in &network.transit_gateway_attachments {
        let mut fields = vec!["appliance_mode: true".to_owned()];
        let tables = network.transit_gateway_route_tables.values();
        let tables = tables.filter(|table| table.transit_gateway == one.transit_gateway);
        fields.extend(tables.map(|table| format!("route_table: {:?}", table.id)));
        if let Attached::Vpc { vpc, .. } = &one.attached {
            let subnets = network.subnets.values().filter(|subnet| subnet.vpc == *vpc);
            fields.extend(subnets.map(|subnet| format!("subnets: {{ +: {:?} }}", subnet.id)));
        }
        texts.extend(
            fields
                .iter()
                .map(|field| format!("transit_gateway_attachments: {{ {id:?}: {{ {field} }} }}")),
        );
    }
    for table in network.transit_gateway_route_tables.values() {
        for one in network.transit_gateway_attachments.values() {
            texts.extend(blocks.iter().map(|block| {
                format!(
                    "transit_gateway_route_tables: {{ {:?}: {{ routes: {{ {block}: {:?} }} }} }}",
                    table.id, one.id
                )
            }));
        }
    }
    texts.extend(
        network.public_access_blocks.keys().map(|id| format!("remove: [public-access-block/{id}]")),
    );
    texts.iter().filter_map(|text| Overlay::read("brute.yaml", text).ok()).collect()
}

/// The answer's essence: another one means that something has changed for the flow.
fn told(network: &Network, query: &Query) -> Option<(Verdict, String)> {
    let answer = World::new(network.clone()).ask(query).ok()?;
    let blockers = answer.answers.iter().flat_map(|one| &one.blockers);
    let blockers: Vec<String> =
        blockers.map(|one| format!("{} {} {}", one.code, one.resource.id, one.what)).collect();
    Some((answer.verdict, blockers.join("\n")))
}

/// The first single edit or pair that makes the flow pass.
fn brute(network: &Network, query: &Query) -> Option<String> {
    let edits = edits(network, query);
    let before = told(network, query);
    let mut moves: Vec<(&Overlay, Network)> = Vec::new();
    for edit in &edits {
        let Ok(edited) = edit.apply(network) else { continue };
        let after = told(&edited, query);
        if after.as_ref().is_some_and(|(verdict, _)| *verdict == Verdict::Reachable) {
            return Some(edit.to_yaml());
        }
        if after != before {
            moves.push((edit, edited));
        }
    }
    for (first, edited) in &moves {
        for second in &edits {
            if second.apply(edited).is_ok_and(|both| passes(&both, query)) {
                return Some(format!("{}{}", first.to_yaml(), second.to_yaml()));
            }
        }
    }
    None
}

#[test]
fn what_brute_force_over_single_and_double_edits_finds_is_not_missed() {
    let (mut blocked, mut found, mut missed) = (0, 0, Vec::new());
    let wanted = count("REACH_BRUTE_CASES", 6);
    for (case, query) in drawn(23) {
        if blocked == wanted {
            break;
        }
        // Small ones: the pairs of a large network are too many.
        if case.network.len() > 60 {
            continue;
        }
        blocked += 1;
        let Some(way) = brute(&case.network, &query) else { continue };
        found += 1;
        let repairs = fix(&case.network, &query).repairs;
        for repair in &repairs {
            proven(&case.network, &query, repair);
        }
        if repairs.is_empty() {
            let why = told(&case.network, &query);
            let whole = scenario::write(&case.network);
            missed.push(format!("{query}: {way}\n{}\n{whole}", why.unwrap().1));
        }
    }
    assert!(found * 6 > blocked, "brute force finds {found} of {blocked}");
    let number = missed.len();
    assert!(missed.is_empty(), "{number} of {found} missed:\n{}", missed.join("\n---\n"));
}
