//! What references come to: parameters, resources and their attributes, exports of other templates.

use super::intrinsics::Stack;
use super::template::{Place, Resource, Template};
use super::tree::{Entry, Node};
use crate::models::{self, TemplateValue};
use crate::read::ReadError;
use serde_json::Value as Json;

/// Attributes that name the resource itself.
const OWN_ID: [&str; 18] = [
    "Arn",
    "Id",
    "GroupId",
    "VpcId",
    "SubnetId",
    "RouteTableId",
    "InternetGatewayId",
    "NatGatewayId",
    "AllocationId",
    "LoadBalancerArn",
    "TargetGroupArn",
    "ListenerArn",
    "ServiceArn",
    "TaskDefinitionArn",
    "FileSystemId",
    "TransitGatewayId",
    "PrefixListId",
    "ClusterArn",
];

impl Stack<'_> {
    pub(super) fn reference(
        &mut self,
        template: &Template,
        node: &Node,
    ) -> Result<Json, ReadError> {
        let Some(name) = node.text() else {
            return Err(ReadError::at(&node.at, "`Ref` needs a name"));
        };
        let name = name.to_owned();
        if let Some(value) = pseudo(template, &name) {
            return Ok(value);
        }
        if let Some(parameter) = template.root.get("Parameters").and_then(|all| all.get(&name)) {
            let kind = parameter.get("Type").and_then(Node::text).unwrap_or_default().to_owned();
            let from_store = kind.starts_with("AWS::SSM::Parameter::Value");
            let list = kind.contains("List<") || kind.contains("CommaDelimitedList");
            let given = self.parameters.get(&name).map(|text| Json::String(text.clone()));
            let default = parameter.get("Default").filter(|_| !from_store);
            return match (given, default) {
                (Some(given), _) => Ok(given_value(given, list)),
                (None, Some(default)) => {
                    let what = format!("parameter {name}");
                    let value = self.guarded(template, &what, default, |stack, node| {
                        stack.value(template, node)
                    })?;
                    Ok(given_value(value, list))
                }
                // How many there are, nobody knows.
                (None, None) if list => Ok(Json::Array(vec![self.unknown(&name)])),
                (None, None) => Ok(self.unknown(&name)),
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

    /// What a resource is called in what is put down.
    pub fn id(&mut self, template: &Template, resource: &Resource) -> Result<String, ReadError> {
        let identity = self.identity(template, resource)?;
        Ok(identity.as_str().unwrap_or(&resource.logical).to_owned())
    }

    /// What AWS calls a resource in the DNS.
    pub fn dns_name(
        &mut self,
        template: &Template,
        resource: &Resource,
    ) -> Result<Option<String>, ReadError> {
        let value = models::template_value(&resource.kind, "DNSName");
        let name = value.map(|value| self.written(template, resource, value)).transpose()?;
        Ok(name.as_ref().and_then(Json::as_str).map(str::to_owned))
    }

    /// What `Ref` of a resource gives: its id, which here is its logical id, or what the type says.
    fn identity(&mut self, template: &Template, resource: &Resource) -> Result<Json, ReadError> {
        match models::template_value(&resource.kind, "Ref") {
            Some(value) => self.written(template, resource, value),
            None => Ok(Json::String(template.name_of(&resource.logical))),
        }
    }

    /// What a type's reference or attribute gives.
    fn written(
        &mut self,
        template: &Template,
        resource: &Resource,
        value: &TemplateValue,
    ) -> Result<Json, ReadError> {
        let logical = template.name_of(&resource.logical);
        let Place { account, region } = &template.place;
        let property = value.name().and_then(|name| resource.properties.get(name));
        let named = property.map(|node| {
            let what = format!("the name of {logical}");
            self.guarded(template, &what, node, |stack, node| stack.value(template, node))
        });
        let named = named.transpose()?.as_ref().and_then(Json::as_str).map(str::to_owned);
        let fill = |pattern: &str, name: &str| {
            pattern
                .replace("{partition}", models::partition(region))
                .replace("{suffix}", models::dns_suffix(region))
                .replace("{region}", region)
                .replace("{account}", account)
                .replace("{name}", name)
                .replace("{host}", &logical.replace('/', "-").to_ascii_lowercase())
                .replace("{id}", &logical)
        };
        let name = named.as_deref().unwrap_or(&logical);
        if value.pattern == "{of}" {
            // A secret goes by its name, too.
            let arn = "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}";
            let text = if name.starts_with("arn:") { name.to_owned() } else { fill(arn, name) };
            return Ok(Json::String(text));
        }
        Ok(Json::String(fill(value.pattern, name)))
    }

    pub(super) fn attribute(
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
        if let Some(value) = models::template_value(&resource.kind, attribute) {
            return self.written(template, &resource, value);
        }
        if let Some(own) = resource.properties.get(attribute).cloned() {
            let what = format!("{logical}.{attribute}");
            return self.guarded(template, &what, &own, |stack, node| stack.value(template, node));
        }
        match OWN_ID.contains(&attribute) {
            true => self.identity(template, &resource),
            false => Ok(self.unknown(&format!("{logical}.{attribute}"))),
        }
    }

    /// What another of the templates exports under a name.
    pub(super) fn import(
        &mut self,
        into: &Template,
        name: &str,
        node: &Node,
    ) -> Result<Json, ReadError> {
        let templates = self.templates;
        // Exports are those of an account and Region.
        for template in templates.iter().filter(|one| one.place == into.place) {
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
                    return self
                        .guarded(template, &what, node, |stack, _| stack.value(template, value));
                }
            }
        }
        Ok(self.unknown(&format!("import {name}")))
    }
}

/// What CloudFormation itself tells a template.
fn pseudo(template: &Template, name: &str) -> Option<Json> {
    let Place { account, region } = &template.place;
    let text = match name {
        "AWS::Region" => region.clone(),
        "AWS::AccountId" => account.clone(),
        "AWS::URLSuffix" => models::dns_suffix(region).to_owned(),
        "AWS::Partition" => models::partition(region).to_owned(),
        "AWS::StackName" | "AWS::StackId" => template.stack.clone(),
        "AWS::NoValue" => return Some(Json::Null),
        "AWS::NotificationARNs" => return Some(Json::Array(Vec::new())),
        _ => return None,
    };
    Some(Json::String(text))
}

/// The value of a parameter: of a list, what stands between its commas.
fn given_value(value: Json, list: bool) -> Json {
    match value.as_str().filter(|_| list) {
        Some(text) => {
            let parts = text.split(',').map(|part| Json::String(part.trim().to_owned()));
            Json::Array(parts.collect())
        }
        None => value,
    }
}
