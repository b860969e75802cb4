//! What a template's functions come to, before anything is deployed.

use super::parameters::Parameters;
use super::template::{Resource, Template};
use super::tree::{Entry, Node, Value};
use crate::read::ReadError;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Templates that are deployed together.
pub(super) struct Stack<'t> {
    pub templates: &'t [Template],
    /// What the person who asks gives for parameters.
    pub parameters: &'t Parameters,
    /// How many NAT gateways have got an example of an address.
    pub nat_addresses: u32,
    /// A condition that cannot be told, and on which more than a text rests: rules, containers.
    pub undecided: Option<String>,
    /// What could not be told, by what it is.
    open: BTreeSet<String>,
    /// Resources that are not followed: their types.
    passed_over: BTreeMap<String, usize>,
    /// What is being evaluated, by file, so that a circle ends.
    within: Vec<(Arc<str>, String)>,
}

/// The zones of a Region, as far as their names can be told: `us-east-1a` and on.
const ZONES: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];

impl<'t> Stack<'t> {
    pub fn new(templates: &'t [Template], parameters: &'t Parameters) -> Self {
        Self {
            templates,
            parameters,
            nat_addresses: 0,
            undecided: None,
            open: BTreeSet::new(),
            passed_over: BTreeMap::new(),
            within: Vec::new(),
        }
    }

    /// What a person should know.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.open.is_empty() {
            let all: Vec<&str> = self.open.iter().map(String::as_str).collect();
            notes.push(format!(
                "the template does not say what these come to, so what depends on them is unknown: {} (`--parameter NAME=VALUE` says so, or the template that exports it beside this one)",
                all.join(", ")
            ));
        }
        if !self.passed_over.is_empty() {
            let all: Vec<String> =
                self.passed_over.iter().map(|(kind, count)| format!("{kind} ({count})")).collect();
            notes.push(format!("not followed in templates: {}", all.join(", ")));
        }
        notes
    }

    /// A resource of a type that may change the network, and is not followed.
    pub fn pass_over(&mut self, kind: &str) {
        *self.passed_over.entry(kind.to_owned()).or_default() += 1;
    }

    /// Whether a resource's condition holds; nothing, where that cannot be told.
    pub fn is_made(
        &mut self,
        template: &Template,
        resource: &Resource,
    ) -> Result<Option<bool>, ReadError> {
        match &resource.condition {
            Some(name) => self.condition(template, name),
            None => Ok(Some(true)),
        }
    }

    fn condition(&mut self, template: &Template, name: &str) -> Result<Option<bool>, ReadError> {
        let node = template.root.get("Conditions").and_then(|all| all.get(name)).cloned();
        match node {
            Some(node) => {
                self.guarded(template, &format!("condition {name}"), &node, |stack, node| {
                    stack.truth(template, node)
                })
            }
            None => {
                self.open.insert(format!("condition {name}"));
                Ok(None)
            }
        }
    }

    fn truth(&mut self, template: &Template, node: &Node) -> Result<Option<bool>, ReadError> {
        let [Entry { key, value: inner, .. }] = node.entries() else { return Ok(None) };
        let items: Vec<Node> = inner.items().to_vec();
        match key.as_str() {
            "Condition" => match inner.text() {
                Some(name) => self.condition(template, name),
                None => Ok(None),
            },
            "Fn::Not" => match items.first() {
                Some(item) => Ok(self.truth(template, item)?.map(|truth| !truth)),
                None => Ok(None),
            },
            "Fn::And" | "Fn::Or" => {
                let deciding = key == "Fn::Or";
                let mut all = Vec::new();
                for item in &items {
                    all.push(self.truth(template, item)?);
                }
                if all.contains(&Some(deciding)) {
                    return Ok(Some(deciding));
                }
                Ok(all.iter().all(Option::is_some).then_some(!deciding))
            }
            "Fn::Equals" => match items.as_slice() {
                [left, right] => {
                    let known = |value: &Json| !value.to_string().contains("${");
                    let (left, right) = (self.value(template, left)?, self.value(template, right)?);
                    Ok((known(&left) && known(&right)).then(|| left == right))
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// Evaluates something that may lead back to itself.
    pub fn guarded<T>(
        &mut self,
        template: &Template,
        what: &str,
        node: &Node,
        evaluate: impl FnOnce(&mut Self, &Node) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let own = (Arc::clone(&template.file), what.to_owned());
        if self.within.contains(&own) {
            let message = format!("{what} refers to itself");
            return Err(ReadError::at(&node.at, message).hint("CloudFormation refuses a circle"));
        }
        self.within.push(own);
        let value = evaluate(self, node);
        self.within.pop();
        value
    }

    /// What a node comes to. Scalars are strings; what cannot be told is `${…}`; `AWS::NoValue` is
    /// null, and left out of lists and maps.
    pub fn value(&mut self, template: &Template, node: &Node) -> Result<Json, ReadError> {
        match &node.value {
            Value::Null => Ok(Json::Null),
            Value::Scalar(text) => Ok(Json::String(text.clone())),
            Value::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.push(self.value(template, item)?);
                }
                list.retain(|item| !item.is_null());
                Ok(Json::Array(list))
            }
            Value::Map(entries) => {
                if let [Entry { key, value: inner, .. }] = entries.as_slice()
                    && (key == "Ref" || key == "Condition" || key.starts_with("Fn::"))
                {
                    return self.function(template, key, inner);
                }
                let mut map = serde_json::Map::new();
                for Entry { key, value, .. } in entries {
                    let value = self.value(template, value)?;
                    if !value.is_null() {
                        map.insert(key.clone(), value);
                    }
                }
                Ok(Json::Object(map))
            }
        }
    }

    fn function(
        &mut self,
        template: &Template,
        key: &str,
        inner: &Node,
    ) -> Result<Json, ReadError> {
        let items = inner.items();
        let text = |value: &Json| value.as_str().map(str::to_owned);
        match (key, items) {
            ("Ref", _) => self.reference(template, inner),
            ("Fn::GetAtt", _) => {
                let value = self.value(template, inner)?;
                let parts: Vec<String> = match &value {
                    Json::String(text) => text.splitn(2, '.').map(str::to_owned).collect(),
                    Json::Array(items) => items.iter().filter_map(text).collect(),
                    _ => Vec::new(),
                };
                match parts.as_slice() {
                    [logical, attribute] => self.attribute(template, inner, logical, attribute),
                    _ => Err(ReadError::at(
                        &inner.at,
                        "`Fn::GetAtt` needs a resource and an attribute",
                    )),
                }
            }
            ("Fn::Sub", _) => self.substitute(template, inner),
            ("Fn::Join", [between, list]) => {
                let between = text(&self.value(template, between)?).unwrap_or_default();
                let list = self.value(template, list)?;
                let parts: Vec<String> =
                    list.as_array().into_iter().flatten().filter_map(text).collect();
                Ok(Json::String(parts.join(&between)))
            }
            ("Fn::Split", [between, whole]) => {
                let between = text(&self.value(template, between)?).unwrap_or_default();
                let whole = text(&self.value(template, whole)?).unwrap_or_default();
                let parts = whole.split(between.as_str()).map(|part| Json::String(part.to_owned()));
                Ok(Json::Array(parts.collect()))
            }
            ("Fn::Select", [index, list]) => {
                let index = text(&self.value(template, index)?);
                let list = self.value(template, list)?;
                let index = index.and_then(|text| text.parse::<usize>().ok());
                match (index, &list) {
                    (Some(index), Json::Array(items)) => match (items.get(index), items.as_slice())
                    {
                        (_, [Json::String(only)]) if is_open(only) => {
                            Ok(self.unknown(&format!("item {index} of {}", bare(only))))
                        }
                        (Some(item), _) => Ok(item.clone()),
                        (None, _) => Err(ReadError::at(
                            &inner.at,
                            format!("`Fn::Select` asks for item {index} of {}", items.len()),
                        )),
                    },
                    (index, _) => {
                        let index = index.map(|it| it.to_string()).unwrap_or_default();
                        Ok(self.unknown(&format!("item {index} of {}", bare(&plain(&list)))))
                    }
                }
            }
            ("Fn::GetAZs", _) => {
                let region = text(&self.value(template, inner)?).filter(|text| !text.is_empty());
                let region = region.unwrap_or_else(|| template.place.region.clone());
                let zones = ZONES.iter().map(|zone| Json::String(format!("{region}{zone}")));
                Ok(Json::Array(zones.collect()))
            }
            ("Fn::If", [name, yes, no]) => {
                let name = name.text().unwrap_or_default().to_owned();
                match self.condition(template, &name)? {
                    Some(true) => self.value(template, yes),
                    Some(false) => self.value(template, no),
                    None => {
                        let (yes, no) = (self.value(template, yes)?, self.value(template, no)?);
                        if yes == no {
                            return Ok(yes);
                        }
                        if [&yes, &no].into_iter().any(has_parts) {
                            self.undecided.get_or_insert(name.clone());
                        }
                        Ok(self.unknown(&format!("condition {name}")))
                    }
                }
            }
            ("Fn::FindInMap", [map, first, second, ..]) => {
                let mut at = template.root.get("Mappings").cloned();
                let mut path = Vec::new();
                for key in [map, first, second] {
                    let key = text(&self.value(template, key)?).unwrap_or_default();
                    at = at.and_then(|node| node.get(&key).cloned());
                    path.push(key);
                }
                match at {
                    Some(node) => self.value(template, &node),
                    None => Ok(self.unknown(&path.join("."))),
                }
            }
            ("Fn::ImportValue", _) => {
                let name = text(&self.value(template, inner)?).unwrap_or_default();
                self.import(template, &name, inner)
            }
            ("Fn::Cidr", [block, count, ..]) => {
                let block = text(&self.value(template, block)?).unwrap_or_default();
                let count = text(&self.value(template, count)?).unwrap_or_default();
                let bits = match items.get(2) {
                    Some(bits) => text(&self.value(template, bits)?).unwrap_or_default(),
                    None => String::new(),
                };
                Ok(match subnets(&block, &count, &bits) {
                    Some(blocks) => Json::Array(blocks.into_iter().map(Json::String).collect()),
                    None => self.unknown(&format!("subnets of {block}")),
                })
            }
            ("Fn::Base64", _) => self.value(template, inner),
            _ => Ok(self.unknown(key)),
        }
    }

    /// Something that only a deployment tells.
    pub fn unknown(&mut self, what: &str) -> Json {
        let what = bare(what);
        self.open.insert(what.clone());
        Json::String(format!("${{{what}}}"))
    }

    /// `{{resolve:ssm:/app/image}}` is what the store holds when the stack is deployed.
    pub fn dynamic(value: Json) -> Json {
        match value {
            Json::String(text) => Json::String(dynamic_text(&text)),
            Json::Array(items) => items.into_iter().map(Self::dynamic).collect(),
            Json::Object(fields) => {
                fields.into_iter().map(|(key, value)| (key, Self::dynamic(value))).collect()
            }
            other => other,
        }
    }

    /// `"…${Name}…${Other.Attribute}…"`, perhaps with values of its own.
    fn substitute(&mut self, template: &Template, node: &Node) -> Result<Json, ReadError> {
        let (text, own) = match (node.text(), node.items()) {
            (Some(text), _) => (text.to_owned(), None),
            (None, [text, own]) => (text.text().unwrap_or_default().to_owned(), Some(own.clone())),
            _ => return Err(ReadError::at(&node.at, "`Fn::Sub` needs a text")),
        };
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(ReadError::at(&node.at, "`${` is not closed"));
            };
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let name = name.trim();
            let inner = |value: String| Node { at: node.at.clone(), value: Value::Scalar(value) };
            let value = match own.as_ref().and_then(|own| own.get(name)) {
                Some(own) => self.value(template, own)?,
                None => match name.split_once('.') {
                    Some((logical, attribute)) => {
                        self.attribute(template, node, logical, attribute)?
                    }
                    None => self.reference(template, &inner(name.to_owned()))?,
                },
            };
            out.push_str(&plain(&value));
        }
        out.push_str(rest);
        Ok(Json::String(out))
    }
}

/// Whether a value is more than texts, so that nothing could stand for it.
fn has_parts(value: &Json) -> bool {
    match value {
        Json::Object(_) => true,
        Json::Array(items) => items.iter().any(has_parts),
        _ => false,
    }
}

/// Whether only a deployment tells some of a text.
pub(super) fn is_open(text: &str) -> bool {
    text.contains("${")
}

fn dynamic_text(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once("{{resolve:") {
        let Some((inner, after)) = reference.split_once("}}") else { break };
        out.push_str(&format!("{before}${{{}}}", bare(inner)));
        rest = after;
    }
    out + rest
}

/// What is open, without the signs around it.
fn bare(what: &str) -> String {
    what.replace("${", "").replace('}', "")
}

/// A scalar's text.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `Fn::Cidr`: the first blocks of a size that a block holds. `bits` are those of the hosts.
fn subnets(block: &str, count: &str, bits: &str) -> Option<Vec<String>> {
    let net: ipnet::IpNet = block.parse().ok()?;
    let count: usize = count.parse().ok()?;
    let width = net.max_prefix_len();
    let usual = if width == 32 { 8 } else { 64 };
    let bits: u8 = if bits.is_empty() { usual } else { bits.parse().ok()? };
    let length = width.checked_sub(bits)?;
    let blocks: Vec<String> =
        net.subnets(length).ok()?.take(count.min(256)).map(|net| net.to_string()).collect();
    (blocks.len() == count).then_some(blocks)
}
