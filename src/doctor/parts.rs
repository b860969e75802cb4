//! Things that are there and lack a part.

use super::{Gap, Lack, command};
use crate::network::{Attached, Coverage, NameServer, Network, Resource, Scope};

/// Every thing that lacks a part.
pub(super) fn incomplete(network: &Network) -> Vec<Lack> {
    let mut parts = Parts { network, all: Vec::new() };
    parts.vpcs();
    parts.lists();
    parts.transit();
    parts.balancing();
    parts.names();
    parts.all
}

struct Parts<'n> {
    network: &'n Network,
    all: Vec<Lack>,
}

impl Parts<'_> {
    fn lacks(
        &mut self,
        of: &impl Resource,
        what: String,
        key: Option<&str>,
        fill: &[(&str, &str)],
    ) {
        let scope: &Scope = &of.about().scope;
        // In a scenario nobody runs a command: the file says it all.
        let captured = self.network.coverage != Coverage::Stated;
        let command = key.filter(|_| captured).and_then(|key| command(key, scope, fill));
        self.all.push(Lack { scope: scope.clone(), gap: Gap::Incomplete, what, command });
    }

    /// DN-02: the attributes have calls of their own.
    fn vpcs(&mut self) {
        for vpc in self.network.vpcs.values() {
            let id = vpc.id.as_str();
            let attributes =
                [("enableDnsSupport", vpc.dns_support), ("enableDnsHostnames", vpc.dns_hostnames)];
            for (name, _) in attributes.into_iter().filter(|(_, value)| value.is_none()) {
                let what = format!("the attribute {name} of vpc {}", vpc.label());
                let fill = [("vpc-id", id), ("enableDnsSupport or enableDnsHostnames", name)];
                self.lacks(vpc, what, Some("EnableDnsSupport"), &fill);
            }
        }
    }

    fn lists(&mut self) {
        for list in self.network.prefix_lists.values().filter(|list| list.entries.is_none()) {
            // Verdicts on AWS's own lists do not need them, unless a rule or route cuts one.
            if self.network.coverage == Coverage::Stated {
                continue;
            }
            let what = format!("the entries of prefix list {}", list.label());
            self.lacks(list, what, Some("Entries"), &[("prefix-list-id", list.id.as_str())]);
        }
    }

    /// TG-01, TG-03: the subnets of attachments and the routes of tables have calls of their own.
    fn transit(&mut self) {
        for one in self.network.transit_gateway_attachments.values() {
            if matches!(one.attached, Attached::Vpc { subnets: None, .. }) {
                let what = format!("the subnets of transit gateway attachment {}", one.label());
                self.lacks(one, what, Some("TransitGatewayVpcAttachments"), &[]);
            }
        }
        let tables = self.network.transit_gateway_route_tables.values();
        for table in tables.filter(|table| table.routes.is_none()) {
            let what = format!("the routes of transit gateway route table {}", table.label());
            self.lacks(table, what, Some("Routes"), &[("tgw-rtb-id", table.id.as_str())]);
        }
    }

    fn balancing(&mut self) {
        for one in self.network.load_balancers.values().filter(|one| one.listeners.is_none()) {
            let what = format!("the listeners of load balancer {}", one.label());
            self.lacks(one, what, Some("Listeners"), &[("load-balancer-arn", one.id.as_str())]);
        }
        for group in self.network.target_groups.values().filter(|one| one.targets.is_none()) {
            // What is in a template only has no targets yet.
            if self.network.coverage == Coverage::Stated || !group.id.as_str().starts_with("arn:") {
                continue;
            }
            let what = format!("the targets of target group {} and their health", group.label());
            let fill = [("target-group-arn", group.id.as_str())];
            self.lacks(group, what, Some("TargetHealthDescriptions"), &fill);
        }
    }

    /// DN-01, DN-04, DN-05: zones, rules and servers whose answers are not known.
    fn names(&mut self) {
        for zone in self.network.hosted_zones.values().filter(|zone| zone.private) {
            let fill = [("hosted-zone-id", zone.id.as_str())];
            if zone.vpcs.is_none() {
                let what = format!("the VPCs of private hosted zone {}", zone.domain);
                self.lacks(zone, what, Some("HostedZone"), &fill);
            }
            if zone.records.is_none() {
                let what = format!("the records of private hosted zone {}", zone.domain);
                self.lacks(zone, what, Some("ResourceRecordSets"), &fill);
            }
        }
        for rule in self.network.resolver_rules.values() {
            let followed = rule.vpcs.as_ref().is_none_or(|vpcs| !vpcs.is_empty());
            if rule.vpcs.is_none() && rule.rule_type != "RECURSIVE" {
                let what = format!("the VPCs of Resolver rule {}", rule.label());
                self.lacks(rule, what, Some("ResolverRuleAssociations"), &[]);
            }
            if rule.rule_type == "FORWARD" && rule.answers.is_none() && followed {
                let what = format!(
                    "what the target of Resolver rule {} for `{}` answers: state it in a scenario, under `answers`",
                    rule.label(),
                    rule.domain
                );
                self.lacks(rule, what, None, &[]);
            }
        }
        let used = |id| self.network.vpcs.values().any(|vpc| vpc.dhcp_options.as_ref() == Some(id));
        for options in self.network.dhcp_options.values().filter(|one| used(&one.id)) {
            let own: Vec<String> = options
                .name_servers
                .iter()
                .filter_map(|server| match server {
                    NameServer::Address(address) => Some(address.to_string()),
                    NameServer::Amazon => None,
                })
                .collect();
            if !own.is_empty() && options.answers.is_none() {
                let what = format!(
                    "what the name servers {} of DHCP option set {} answer: state it in a scenario, under `answers`",
                    own.join(", "),
                    options.label()
                );
                self.lacks(options, what, None, &[]);
            }
        }
    }
}
