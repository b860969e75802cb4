//! Route 53 Resolver rules (DN-04, DN-08).

use super::{Found, Lookup, Outside, Server, depth, holds};
use crate::network::{Coverage, Kind, ResolverRule, Resource};

impl<'n> Lookup<'n> {
    /// What a rule answers, where a rule decides: the most specific one that forwards, unless a
    /// local zone is more specific. `local` and `hidden` count the labels of the local zone and of
    /// an endpoint's hidden one.
    pub(super) fn forwarded(
        &mut self,
        host: &str,
        outside: Outside<'_>,
        local: Option<usize>,
        hidden: Option<usize>,
    ) -> Option<Vec<Found>> {
        let network = self.network;
        let scope = &self.vpc.about.scope;
        if !network.coverage.covers(scope, Kind::ResolverRule)
            && !self.assumes("NO_RESOLVER_RULES_WHEN_NOT_CAPTURED", "DN-04")
        {
            let fact = format!("the Resolver rules of vpc {}", self.label());
            return Some(vec![self.unknown(fact, Some("ResolverRules"), None, "DN-04")]);
        }
        let here = |rule: &&ResolverRule| {
            rule.vpcs.as_ref().is_none_or(|vpcs| vpcs.contains(&self.vpc.id))
                && rule.rule_type != "RECURSIVE"
                && holds(&rule.domain, host)
        };
        let forwards = |rule: &ResolverRule| rule.rule_type != "SYSTEM";
        let mut rules: Vec<&ResolverRule> = network.resolver_rules.values().filter(here).collect();
        // A rule that may not be associated must not hide one that is.
        rules.sort_by_key(|rule| (depth(&rule.domain), forwards(rule), rule.vpcs.is_none()));
        let rule = rules.pop()?;
        let less_certain = rule.vpcs.is_none() && network.coverage != Coverage::Stated;
        let beats = local.is_none_or(|local| depth(&rule.domain) >= local);
        if !beats {
            // The endpoint's zone wins over a shorter rule, if it ranks as a zone.
            let captured = forwards(rule) && hidden.is_some() && hidden == local;
            if !captured || self.assumes("HIDDEN_ZONE_IS_PHZ", "DN-04") {
                return None;
            }
            let fact = format!(
                "whether Resolver rule {} for `{}` or the endpoint's private DNS answers for {host}",
                rule.label(),
                rule.domain
            );
            return Some(vec![self.unknown(fact, None, None, "DN-04")]);
        }
        if less_certain && (forwards(rule) || rules.iter().any(|rule| forwards(rule))) {
            let fact = format!(
                "whether Resolver rule {} for `{}` is associated with vpc {}",
                rule.label(),
                rule.domain,
                self.label()
            );
            let key = Some("ResolverRuleAssociations");
            return Some(vec![self.unknown(fact, key, None, "DN-04")]);
        }
        match rule.rule_type.as_str() {
            "SYSTEM" => None,
            "FORWARD" => {
                self.server = Some(Server::Forward(rule.id.clone()));
                let server = format!("the target of Resolver rule {}", rule.label());
                if rule.answers.is_some() {
                    let text = format!(
                        "the way from the resolver's outbound endpoint to the targets of rule {} is not followed: it is taken to be open (DN-08)",
                        rule.label()
                    );
                    self.note("RESOLVER_PATH_NOT_FOLLOWED", text);
                }
                Some(self.stated(rule.answers.as_ref(), &server, host, outside, "DN-08"))
            }
            other => {
                let fact = format!(
                    "what Resolver rule {} of type {other} answers for {host}",
                    rule.label()
                );
                Some(vec![self.unknown(fact, None, None, "DN-04")])
            }
        }
    }
}
