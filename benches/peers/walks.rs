//! Every pair walked on its own, over a petgraph graph of route tables.

use super::{Facts, Host, IN, OUT, Range, To, passes, within};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

/// Where a walk ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Table,
    Vpc(usize),
    Nat(usize),
    Away,
}

/// More transit gateways than any way crosses.
const MOST: usize = 8;

struct Walker<'f> {
    facts: &'f Facts,
    graph: DiGraph<Node, Range>,
    /// The node of each table.
    tables: Vec<NodeIndex>,
}

/// How many pairs get there.
pub fn walks(facts: &Facts) -> u64 {
    let walker = Walker::new(facts);
    let mut found = 0;
    for (one, from) in facts.hosts.iter().enumerate() {
        for (other, to) in facts.hosts.iter().enumerate() {
            found += u64::from(one != other && walker.reaches(from, to));
        }
    }
    found
}

impl<'f> Walker<'f> {
    fn new(facts: &'f Facts) -> Self {
        let mut graph = DiGraph::new();
        let tables: Vec<NodeIndex> =
            facts.tables.iter().map(|_| graph.add_node(Node::Table)).collect();
        let vpcs = facts.subnets.iter().map(|subnet| subnet.vpc + 1).max().unwrap_or(0);
        let vpcs: Vec<NodeIndex> = (0..vpcs).map(|vpc| graph.add_node(Node::Vpc(vpc))).collect();
        let nats: Vec<NodeIndex> =
            (0..facts.nats.len()).map(|nat| graph.add_node(Node::Nat(nat))).collect();
        let away = graph.add_node(Node::Away);
        for (routes, &table) in facts.tables.iter().zip(&tables) {
            for &(range, to) in routes {
                let target = match to {
                    To::Vpc(vpc) => vpcs[vpc],
                    To::Table(table) => tables[table],
                    To::Nat(nat) => nats[nat],
                    To::Away => away,
                };
                graph.add_edge(table, target, range);
            }
        }
        Self { facts, graph, tables }
    }

    /// Where packets for an address come from a subnet: by the longest prefix at every table.
    fn come(&self, subnet: usize, address: u32) -> Node {
        let mut at = self.tables[self.facts.subnets[subnet].table];
        for _ in 0..MOST {
            if self.graph[at] != Node::Table {
                return self.graph[at];
            }
            let edges = self.graph.edges(at).filter(|edge| within(*edge.weight(), address));
            let narrowest = edges.min_by_key(|edge| edge.weight().1 - edge.weight().0);
            let Some(edge) = narrowest else { return Node::Away };
            at = edge.target();
        }
        Node::Away
    }

    fn arrives(&self, from: usize, to: usize, address: u32) -> bool {
        self.come(from, address) == Node::Vpc(self.facts.subnets[to].vpc)
    }

    /// Whether two subnets' ACLs let requests pass from one address to another, and the replies.
    fn acls_pass(&self, from: (usize, u32), to: (usize, u32)) -> bool {
        if from.0 == to.0 {
            return true;
        }
        let acl = |subnet: usize| &self.facts.acls[self.facts.subnets[subnet].acl];
        let ([requests, replies], [far_requests, far_replies]) = (acl(from.0), acl(to.0));
        passes(&requests[OUT], to.1)
            && passes(&far_requests[IN], from.1)
            && passes(&far_replies[OUT], from.1)
            && passes(&replies[IN], to.1)
    }

    /// Whether a host's groups admit an address, or one that carries some groups.
    fn admits(&self, host: &Host, way: usize, address: u32, carried: &[usize]) -> bool {
        host.groups.iter().any(|&group| {
            let admits = &self.facts.groups[group][way];
            admits.ranges.iter().any(|&range| within(range, address))
                || admits.groups.iter().any(|group| carried.contains(group))
        })
    }

    fn reaches(&self, from: &Host, to: &Host) -> bool {
        if !self.admits(from, OUT, to.address, &to.groups) {
            return false;
        }
        let direct = |address: u32, subnet: usize| {
            self.acls_pass((subnet, address), (to.subnet, to.address))
                && self.arrives(to.subnet, subnet, address)
        };
        match self.come(from.subnet, to.address) {
            Node::Vpc(vpc) => {
                vpc == self.facts.subnets[to.subnet].vpc
                    && self.admits(to, IN, from.address, &from.groups)
                    && direct(from.address, from.subnet)
            }
            // A NAT gateway sends in its own name: it carries no groups.
            Node::Nat(nat) => {
                let nat = &self.facts.nats[nat];
                self.admits(to, IN, nat.address, &[])
                    && self.arrives(nat.subnet, to.subnet, to.address)
                    && direct(nat.address, nat.subnet)
                    && self.arrives(nat.subnet, from.subnet, from.address)
                    && self.translated(from, nat.subnet, to.address)
            }
            Node::Table | Node::Away => false,
        }
    }

    /// What the ACLs between a host and its NAT gateway say of packets for another address.
    fn translated(&self, from: &Host, nat: usize, address: u32) -> bool {
        let acl = |subnet: usize| &self.facts.acls[self.facts.subnets[subnet].acl];
        let ([requests, replies], [far_requests, far_replies]) = (acl(from.subnet), acl(nat));
        from.subnet == nat
            || (passes(&requests[OUT], address)
                && passes(&far_requests[IN], from.address)
                && passes(&far_replies[OUT], from.address)
                && passes(&replies[IN], address))
    }
}
