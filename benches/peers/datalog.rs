//! The same reachability as Datalog. Longest prefixes and the order of ACLs' entries are settled
//! before, which helps it: no route and no entry of a fleet splits a subnet.

use super::{Facts, IN, OUT, To, passes, within};
use ascent::ascent;

ascent! {
    struct Pairs;

    /// A host: its number, subnet and address.
    relation host(u32, u32, u32);
    /// A host that carries a group.
    relation member(u32, u32);
    /// By direction: a group admits a range.
    relation range(bool, u32, u32, u32);
    /// By direction: a group admits the members of another.
    relation names(bool, u32, u32);
    /// A subnet, its table and its ACL.
    relation subnet(u32, u32, u32);
    /// In a table, packets for a subnet go on by another.
    relation next(u32, u32, u32);
    /// In a table, packets for a subnet are delivered.
    relation local(u32, u32);
    /// In a table, packets for a subnet go to a NAT gateway.
    relation to_nat(u32, u32, u32);
    /// A NAT gateway: its number, subnet and address.
    relation nat(u32, u32, u32);
    /// An ACL lets packets for or from a subnet pass: requests out and in, replies in and out.
    relation request_out(u32, u32);
    relation request_in(u32, u32);
    relation reply_in(u32, u32);
    relation reply_out(u32, u32);

    relation come(u32, u32);
    come(table, to) <-- local(table, to);
    come(table, to) <-- next(table, to, other), come(other, to);

    relation routed(u32, u32);
    routed(from, to) <-- subnet(from, table, _), come(table, to);

    relation open(u32, u32);
    open(one, one) <-- subnet(one, _, _);
    open(from, to) <-- routed(from, to), routed(to, from), subnet(from, _, acl), subnet(to, _, far),
        request_out(acl, to), request_in(far, from), reply_out(far, from), reply_in(acl, to);

    relation translated(u32, u32, u32);
    translated(from, to, gateway) <-- subnet(from, table, acl), to_nat(table, to, gateway),
        nat(gateway, own, _), open(own, to), routed(own, from), subnet(own, _, far),
        request_out(acl, to), request_in(far, from), reply_out(far, from), reply_in(acl, to);

    relation admits(bool, u32, u32);
    admits(way, group, one) <-- range(way, group, low, high), host(one, _, address),
        if (low..=high).contains(&address);
    admits(way, group, one) <-- names(way, group, other), member(one, other);

    relation admits_nat(u32, u32);
    admits_nat(group, gateway) <-- range(false, group, low, high), nat(gateway, _, address),
        if (low..=high).contains(&address);

    relation reach(u32, u32);
    reach(from, to) <-- member(to, group), admits(false, group, from), if from != to,
        host(from, source, _), host(to, target, _), open(source, target),
        member(from, own), admits(true, own, to);
    reach(from, to) <-- translated(source, target, gateway), admits_nat(group, gateway),
        member(to, group), host(to, target, _), host(from, source, _), if from != to,
        member(from, own), admits(true, own, to);
}

/// How many pairs get there.
pub fn datalog(facts: &Facts) -> u64 {
    let mut pairs = Pairs::default();
    read(facts, &mut pairs);
    pairs.run();
    pairs.reach.len() as u64
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("networks are smaller")
}

fn read(facts: &Facts, pairs: &mut Pairs) {
    for (one, host) in facts.hosts.iter().enumerate() {
        pairs.host.push((number(one), number(host.subnet), host.address));
        pairs.member.extend(host.groups.iter().map(|&group| (number(one), number(group))));
    }
    for (group, both) in facts.groups.iter().enumerate() {
        let group = number(group);
        for way in [IN, OUT] {
            let (out, admits) = (way == OUT, &both[way]);
            pairs.range.extend(admits.ranges.iter().map(|&(low, high)| (out, group, low, high)));
            pairs.names.extend(admits.groups.iter().map(|&other| (out, group, number(other))));
        }
    }
    for (one, subnet) in facts.subnets.iter().enumerate() {
        pairs.subnet.push((number(one), number(subnet.table), number(subnet.acl)));
    }
    for (one, nat) in facts.nats.iter().enumerate() {
        pairs.nat.push((number(one), number(nat.subnet), nat.address));
    }
    for (to, subnet) in facts.subnets.iter().enumerate() {
        let (address, to) = (subnet.block.0, number(to));
        for (table, routes) in facts.tables.iter().enumerate() {
            let table = number(table);
            let meant = routes.iter().filter(|(range, _)| within(*range, address));
            match meant.min_by_key(|(range, _)| range.1 - range.0) {
                Some(&(_, To::Vpc(vpc))) if vpc == subnet.vpc => pairs.local.push((table, to)),
                Some(&(_, To::Table(other))) => pairs.next.push((table, to, number(other))),
                Some(&(_, To::Nat(nat))) => pairs.to_nat.push((table, to, number(nat))),
                _ => {}
            }
        }
        for (acl, [requests, replies]) in facts.acls.iter().enumerate() {
            let pair = (number(acl), to);
            pairs.request_out.extend(passes(&requests[OUT], address).then_some(pair));
            pairs.request_in.extend(passes(&requests[IN], address).then_some(pair));
            pairs.reply_in.extend(passes(&replies[IN], address).then_some(pair));
            pairs.reply_out.extend(passes(&replies[OUT], address).then_some(pair));
        }
    }
}
