//! Endpoint policies: what they answer with 403 while the connection is made.

use crate::answer::{Answer, Code, Finding, Flow, Verdict};
use crate::models::{self, EndpointNeed};
use crate::network::{Kind, Network, Resource, VpcEndpoint};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// IE-08, GE-08: adds what the policies of the endpoints on the way refuse. A verdict stays as it is.
pub(super) fn add_findings(network: &Network, flow: &Flow, answer: &mut Answer) {
    if answer.verdict == Verdict::Blocked {
        return;
    }
    let server = flow.destination.interface();
    let passed: BTreeSet<&str> = answer
        .hops
        .iter()
        .filter(|hop| hop.resource.kind == Kind::VpcEndpoint.word())
        .map(|hop| &*hop.resource.id)
        .collect();
    let on_the_way = |endpoint: &&VpcEndpoint| {
        passed.contains(endpoint.id.as_str())
            || server.is_some_and(|id| endpoint.interfaces.iter().any(|one| one.as_str() == id))
    };
    let crossed = passed.iter().filter_map(|id| network.vpc_endpoints.get(*id));
    let served = server.into_iter().flat_map(|id| network.vpc_endpoints.referring_to(id));
    let endpoints: BTreeMap<&str, &VpcEndpoint> =
        crossed.chain(served).filter(on_the_way).map(|one| (one.id.as_str(), one)).collect();
    let findings: Vec<Finding> = endpoints.into_values().filter_map(finding).collect();
    answer.findings.extend(findings);
}

/// What the policy of an endpoint refuses, or may refuse.
fn finding(endpoint: &VpcEndpoint) -> Option<Finding> {
    let policy = Policy::read(endpoint.policy.as_deref()?)?;
    let service = models::service(&endpoint.service_name)?;
    let region = endpoint.service_name.split('.').find(|part| part.contains('-'))?;
    let partition = models::partition(region);
    let (mut refused, mut open) = (Vec::new(), Vec::new());
    let mut purpose = "";
    for need in models::endpoint_needs(service.name) {
        let EndpointNeed { action, resource, .. } = need;
        let resource = resource
            .map(|begin| begin.replace("{region}", region).replace("{partition}", partition));
        let words = match &resource {
            Some(begin) => format!("{action} on {begin}*"),
            None => action.to_owned(),
        };
        match policy.allows(action, resource.as_deref()) {
            Allows::Yes => continue,
            Allows::No => refused.push(words),
            Allows::Perhaps => open.push(words),
        }
        purpose = need.purpose;
    }
    let label = endpoint.label();
    let (code, text) = match (refused.as_slice(), open.as_slice()) {
        ([], []) => return None,
        ([], open) => (
            "ENDPOINT_POLICY_MAY_DENY",
            format!(
                "whether the policy of endpoint {label} allows {}, for {purpose}, depends on who asks and for what: if not, the answer is 403 (IE-08)",
                open.join(", ")
            ),
        ),
        (refused, _) => (
            "ENDPOINT_POLICY_DENIES",
            format!(
                "the policy of endpoint {label} does not allow {}: {purpose} through it get 403 AccessDenied, over a connection that is made (IE-08)",
                refused.join(", ")
            ),
        ),
    };
    Some(Finding { code: Code::new(code), text })
}

/// A policy's statements, as far as they decide.
struct Policy(Vec<Statement>);

struct Statement {
    allows: bool,
    /// Whether it holds for everybody, always.
    for_all: bool,
    actions: Patterns,
    resources: Patterns,
}

/// `Action` and `Resource`, or `NotAction` and `NotResource`.
struct Patterns {
    negated: bool,
    all: Vec<String>,
}

/// Whether a policy allows something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allows {
    Yes,
    No,
    Perhaps,
}

impl Policy {
    /// What does not read as a policy decides nothing.
    fn read(text: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let statements = match document.get("Statement")? {
            Value::Array(all) => all.iter().collect(),
            one => vec![one],
        };
        statements.into_iter().map(Statement::read).collect::<Option<_>>().map(Self)
    }

    /// Whether it allows an action on resources that begin so, or on some that nothing states.
    fn allows(&self, action: &str, resource: Option<&str>) -> Allows {
        let of = |allows| self.0.iter().filter(move |one| one.allows == allows);
        if of(false).any(|one| one.surely(action, resource)) {
            return Allows::No;
        }
        if !of(true).any(|one| one.maybe(action, resource)) {
            return Allows::No;
        }
        let allowed = of(true).any(|one| one.surely(action, resource));
        match allowed && !of(false).any(|one| one.maybe(action, resource)) {
            true => Allows::Yes,
            false => Allows::Perhaps,
        }
    }
}

impl Statement {
    fn read(value: &Value) -> Option<Self> {
        let everybody = match value.get("Principal") {
            Some(Value::String(who)) => who == "*",
            Some(Value::Object(who)) => who.get("AWS").is_some_and(|who| list(who) == ["*"]),
            _ => false,
        };
        Some(Self {
            allows: match value.get("Effect")?.as_str()? {
                "Allow" => true,
                "Deny" => false,
                _ => return None,
            },
            for_all: everybody && value.get("Condition").is_none(),
            actions: Patterns::read(value, "Action", "NotAction")?,
            resources: Patterns::read(value, "Resource", "NotResource")?,
        })
    }

    /// Whether it may be meant by the action on the resource, for some client.
    fn maybe(&self, action: &str, resource: Option<&str>) -> bool {
        let action = self.actions.negated
            != self.actions.any(|one| covers(&lower(one), &lower(action), false));
        let resource = resource.is_none_or(|begin| {
            self.resources.negated || self.resources.any(|one| meets(one, begin))
        });
        action && resource
    }

    /// Whether it is meant for every client and every such resource.
    fn surely(&self, action: &str, resource: Option<&str>) -> bool {
        let every = |pattern: &str| match resource {
            Some(begin) => covers(pattern, begin, true),
            None => pattern == "*",
        };
        self.for_all
            && self.actions.negated
                != self.actions.any(|one| covers(&lower(one), &lower(action), false))
            && !self.resources.negated
            && self.resources.any(every)
    }
}

impl Patterns {
    fn read(value: &Value, named: &str, others: &str) -> Option<Self> {
        let (negated, found) = match (value.get(named), value.get(others)) {
            (Some(found), _) => (false, found),
            (None, Some(found)) => (true, found),
            (None, None) => return None,
        };
        Some(Self { negated, all: list(found).into_iter().map(str::to_owned).collect() })
    }

    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.all.iter().any(|one| test(one))
    }
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// Whether some text that begins so matches a pattern, in which `*` stands for anything, `?` for a
/// character, and a variable for what nothing states.
fn meets(pattern: &str, begin: &str) -> bool {
    pattern.contains("${") || !left_over(pattern, begin).is_empty()
}

/// Whether a pattern matches the text, or with `open` every text that begins so.
fn covers(pattern: &str, text: &str, open: bool) -> bool {
    let rests = left_over(pattern, text);
    match open {
        true => rests.iter().any(|rest| !rest.is_empty() && rest.iter().all(|one| *one == '*')),
        false => rests.iter().any(|rest| rest.iter().all(|one| *one == '*')),
    }
}

/// What may be left of a pattern when it has matched all of a text.
fn left_over(pattern: &str, text: &str) -> BTreeSet<Vec<char>> {
    // Nothing is used up of what stands for anything.
    if pattern == "*" {
        return BTreeSet::from([vec!['*']]);
    }
    let mut rests = BTreeSet::from([pattern.chars().collect::<Vec<char>>()]);
    for character in text.chars() {
        let mut next = BTreeSet::new();
        for rest in rests {
            let mut rest = rest.as_slice();
            while let Some((first, behind)) = rest.split_first() {
                match first {
                    '*' => {
                        next.insert(rest.to_vec());
                        rest = behind;
                    }
                    one => {
                        if *one == '?' || *one == character {
                            next.insert(behind.to_vec());
                        }
                        break;
                    }
                }
            }
        }
        rests = next;
    }
    rests
}
