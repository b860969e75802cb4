//! What a template's functions come to, before anything is deployed.

use super::template::{Resource, Template};
use super::tree::{Entry, Node, Value};
use crate::models;
use crate::read::ReadError;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Templates that are deployed together.
pub(super) struct Stack<'t> {
    pub templates: &'t [Template],
    pub region: String,
    pub account: String,
    /// What could not be told, by what it is.
    open: BTreeSet<String>,
    /// Resources that are not followed: their types.
    passed_over: BTreeMap<String, usize>,
    /// What is being evaluated, so that a circle ends.
    within: Vec<String>,
}

/// The zones of a Region, as far as their names can be told: `us-east-1a` and on.
const ZONES: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];

impl<'t> Stack<'t> {
    pub fn new(templates: &'t [Template], region: &str, account: &str) -> Self {
        Self {
            templates,
            region: region.to_owned(),
            account: account.to_owned(),
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
                "the template does not say what these come to, so what depends on them is unknown: {}",
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

    /// Whether a resource's condition holds. One that cannot be told is taken to hold.
    pub fn is_made(&mut self, template: &Template, resource: &Resource) -> Result<bool, ReadError> {
        match &resource.condition {
            Some(name) => Ok(self.condition(template, name)?.unwrap_or(true)),
            None => Ok(true),
        }
    }

    fn condition(&mut self, template: &Template, name: &str) -> Result<Option<bool>, ReadError> {
        let node = template.root.get("Conditions").and_then(|all| all.get(name)).cloned();
        match node {
            Some(node) => self.guarded(&format!("condition {name}"), &node, |stack, node| {
                stack.truth(template, node)
            }),
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
    fn guarded<T>(
        &mut self,
        what: &str,
        node: &Node,
        evaluate: impl FnOnce(&mut Self, &Node) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        if self.within.iter().any(|own| own == what) {
            let message = format!("{what} refers to itself");
            return Err(ReadError::at(&node.at, message).hint("CloudFormation refuses a circle"));
        }
        self.within.push(what.to_owned());
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
                    (Some(index), Json::Array(items)) => match items.get(index) {
                        Some(item) => Ok(item.clone()),
                        None => Err(ReadError::at(
                            &inner.at,
                            format!("`Fn::Select` asks for item {index} of {}", items.len()),
                        )),
                    },
                    (index, _) => {
                        let index = index.map(|it| it.to_string()).unwrap_or_default();
                        Ok(self.unknown(&format!("item {index} of {}", plain(&list))))
                    }
                }
            }
            ("Fn::GetAZs", _) => {
                let region = text(&self.value(template, inner)?).filter(|text| !text.is_empty());
                let region = region.unwrap_or_else(|| self.region.clone());
                let zones = ZONES.iter().map(|zone| Json::String(format!("{region}{zone}")));
                Ok(Json::Array(zones.collect()))
            }
            ("Fn::If", [name, yes, no]) => {
                let name = name.text().unwrap_or_default().to_owned();
                // One that cannot be told is taken to hold, as for resources.
                match self.condition(template, &name)?.unwrap_or(true) {
                    true => self.value(template, yes),
                    false => self.value(template, no),
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
                self.import(&name, inner)
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
    fn unknown(&mut self, what: &str) -> Json {
        let what = what.trim_start_matches("${").trim_end_matches('}');
        self.open.insert(what.to_owned());
        Json::String(format!("${{{what}}}"))
    }

    fn reference(&mut self, template: &Template, node: &Node) -> Result<Json, ReadError> {
        let Some(name) = node.text() else {
            return Err(ReadError::at(&node.at, "`Ref` needs a name"));
        };
        let name = name.to_owned();
        if let Some(value) = self.pseudo(&name) {
            return Ok(value);
        }
        if let Some(parameter) = template.root.get("Parameters").and_then(|all| all.get(&name)) {
            let kind = parameter.get("Type").and_then(Node::text).unwrap_or_default().to_owned();
            let from_store = kind.starts_with("AWS::SSM::Parameter::Value");
            return match parameter.get("Default").filter(|_| !from_store) {
                Some(default) => {
                    let what = format!("parameter {name}");
                    let value =
                        self.guarded(&what, default, |stack, node| stack.value(template, node))?;
                    let list = kind.starts_with("List<") || kind == "CommaDelimitedList";
                    Ok(match value.as_str().filter(|_| list) {
                        Some(text) => Json::Array(
                            text.split(',')
                                .map(|part| Json::String(part.trim().to_owned()))
                                .collect(),
                        ),
                        None => value,
                    })
                }
                None => Ok(self.unknown(&name)),
            };
        }
        match template.resource(&name) {
            Some(resource) => {
                let resource = resource.clone();
                self.identity(template, &resource)
            }
            None => {
                Err(ReadError::at(&node.at, format!("there is no parameter or resource `{name}`"))
                    .hint("`Ref` names a parameter or a logical id of this template"))
            }
        }
    }

    fn pseudo(&self, name: &str) -> Option<Json> {
        let text = match name {
            "AWS::Region" => self.region.clone(),
            "AWS::AccountId" => self.account.clone(),
            "AWS::URLSuffix" => models::dns_suffix(&self.region).to_owned(),
            "AWS::Partition" => models::partition(&self.region).to_owned(),
            "AWS::StackName" | "AWS::StackId" => "stack".to_owned(),
            "AWS::NoValue" => return Some(Json::Null),
            "AWS::NotificationARNs" => return Some(Json::Array(Vec::new())),
            _ => return None,
        };
        Some(Json::String(text))
    }

    /// What a resource is called in what is put down.
    pub fn id(&mut self, template: &Template, resource: &Resource) -> Result<String, ReadError> {
        let identity = self.identity(template, resource)?;
        Ok(identity.as_str().unwrap_or(&resource.logical).to_owned())
    }

    /// What `Ref` of a resource gives: its id, which here is its logical id.
    fn identity(&mut self, template: &Template, resource: &Resource) -> Result<Json, ReadError> {
        let logical = resource.logical.clone();
        let arn = |stack: &Self, service: &str, tail: String| {
            let partition = models::partition(&stack.region);
            format!("arn:{partition}:{service}:{}:{}:{tail}", stack.region, stack.account)
        };
        let text = match resource.kind.as_str() {
            "AWS::EC2::InternetGateway" => format!("igw-{logical}"),
            "AWS::EC2::VPCEndpoint" => format!("vpce-{logical}"),
            "AWS::EC2::VPNGateway" => format!("vgw-{logical}"),
            "AWS::EC2::Instance" => format!("i-{logical}"),
            "AWS::SecretsManager::Secret" => {
                arn(self, "secretsmanager", format!("secret:{logical}"))
            }
            "AWS::SSM::Parameter"
            | "AWS::S3::Bucket"
            | "AWS::Logs::LogGroup"
            | "AWS::ECR::Repository"
            | "AWS::IAM::Role" => {
                let names = ["Name", "BucketName", "LogGroupName", "RepositoryName", "RoleName"];
                let named = names.iter().find_map(|name| resource.properties.get(name)).cloned();
                let what = format!("the name of {logical}");
                let named = named.map(|node| {
                    self.guarded(&what, &node, |stack, node| stack.value(template, node))
                });
                let named = named.transpose()?;
                named.as_ref().and_then(Json::as_str).map_or(logical, str::to_owned)
            }
            _ => logical,
        };
        Ok(Json::String(text))
    }

    fn attribute(
        &mut self,
        template: &Template,
        node: &Node,
        logical: &str,
        attribute: &str,
    ) -> Result<Json, ReadError> {
        let Some(resource) = template.resource(logical).cloned() else {
            return Err(ReadError::at(&node.at, format!("there is no resource `{logical}`"))
                .hint("`Fn::GetAtt` names a logical id of this template"));
        };
        let partition = models::partition(&self.region);
        let (region, account) = (self.region.clone(), self.account.clone());
        let identity = self.identity(template, &resource)?;
        let name = identity.as_str().unwrap_or_default().to_owned();
        let text = match (resource.kind.as_str(), attribute) {
            ("AWS::IAM::Role", "Arn") => format!("arn:{partition}:iam::{account}:role/{name}"),
            ("AWS::S3::Bucket", "Arn") => format!("arn:{partition}:s3:::{name}"),
            ("AWS::Logs::LogGroup", "Arn") => {
                format!("arn:{partition}:logs:{region}:{account}:log-group:{name}")
            }
            ("AWS::SSM::Parameter", "Arn") => {
                format!("arn:{partition}:ssm:{region}:{account}:parameter/{name}")
            }
            ("AWS::ECR::Repository", "RepositoryUri") => {
                let suffix = models::dns_suffix(&region);
                format!("{account}.dkr.ecr.{region}.{suffix}/{name}")
            }
            ("AWS::ECR::Repository", "Arn") => {
                format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
            }
            ("AWS::EC2::VPC", "DefaultSecurityGroup") => format!("{logical}-default-group"),
            ("AWS::EC2::VPC", "DefaultNetworkAcl") => format!("{logical}-default-acl"),
            // Whatever names the resource itself.
            (
                _,
                "Arn" | "Id" | "GroupId" | "VpcId" | "SubnetId" | "RouteTableId"
                | "InternetGatewayId" | "NatGatewayId" | "AllocationId" | "LoadBalancerArn"
                | "TargetGroupArn" | "ListenerArn" | "ServiceArn" | "TaskDefinitionArn"
                | "FileSystemId" | "TransitGatewayId" | "PrefixListId" | "ClusterArn",
            ) if resource.properties.get(attribute).is_none() => name,
            _ => {
                let own = resource.properties.get(attribute).cloned();
                return match own {
                    Some(node) => {
                        let what = format!("{logical}.{attribute}");
                        self.guarded(&what, &node, |stack, node| stack.value(template, node))
                    }
                    None => Ok(self.unknown(&format!("{logical}.{attribute}"))),
                };
            }
        };
        Ok(Json::String(text))
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

    /// What another of the templates exports under a name.
    fn import(&mut self, name: &str, node: &Node) -> Result<Json, ReadError> {
        let templates = self.templates;
        for template in templates {
            let outputs = template.root.get("Outputs").map(Node::entries).unwrap_or_default();
            for Entry { value: output, .. } in outputs {
                let Some(export) = output.get("Export").and_then(|export| export.get("Name"))
                else {
                    continue;
                };
                if self.value(template, export)?.as_str() != Some(name) {
                    continue;
                }
                if let Some(value) = output.get("Value") {
                    let what = format!("export {name}");
                    return self.guarded(&what, node, |stack, _| stack.value(template, value));
                }
            }
        }
        Ok(self.unknown(&format!("import {name}")))
    }
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
