//! What a call is asked for: nothing, or every value that earlier answers hold.

use super::focus::Focused;
use super::folder::Folder;
use crate::models::{Each, Focus, SnapshotCall};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;

/// What one call is asked for, and what its answer is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Input {
    /// The values of its option.
    pub ids: Vec<String>,
    /// The ECS cluster that they are in.
    pub cluster: Option<String>,
    /// The ECS service that it keeps to.
    pub service: Option<String>,
    /// The filter that keeps to some VPCs.
    pub filter: Option<(&'static str, Vec<String>)>,
    /// The name of the answer's file, without its ending.
    pub file: String,
}

impl Input {
    /// The value of an option that takes one.
    pub fn id(&self) -> String {
        self.ids.first().cloned().unwrap_or_default()
    }

    /// The values of an option that may be left out.
    pub fn listed(&self) -> Option<Vec<String>> {
        Some(self.ids.clone()).filter(|ids| !ids.is_empty())
    }
}

/// Everything that a call is to be asked for, as the earlier answers in the folder say.
pub(super) fn inputs(
    call: &SnapshotCall,
    folder: &Folder,
    focused: Option<&Focused>,
) -> io::Result<Vec<Input>> {
    let service = focused.map(|focused| focused.service.clone());
    if call.each.is_empty() {
        let filter = match (call.focus, focused) {
            (Focus::Filter(name), Some(focused)) if !focused.vpcs.is_empty() => {
                Some((name, focused.vpcs.clone()))
            }
            _ => None,
        };
        let ids = focused.and_then(|focused| focused.asked(call.name)).unwrap_or_default();
        if focused.is_some() && call.service == "elbv2" && ids.is_empty() {
            // A service without a load balancer needs none.
            return Ok(Vec::new());
        }
        let file = file_name(call, None, None);
        // Twenty names at a time are all that a call by name takes; one service has no more.
        return Ok(vec![Input { ids, filter, file, ..Input::default() }]);
    }
    let mut inputs = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for each in &call.each {
        for (label, ids) in values(each, folder, focused)? {
            let cluster = each.batch.and(label.clone());
            match each.batch {
                Some(size) => {
                    for (index, ids) in ids.chunks(size).enumerate() {
                        let number = (index + 1).to_string();
                        inputs.push(Input {
                            ids: ids.to_vec(),
                            cluster: cluster.clone(),
                            service: service.clone(),
                            filter: None,
                            file: file_name(call, label.as_deref(), Some(&number)),
                        });
                    }
                }
                None => {
                    for id in ids.into_iter().filter(|id| known.insert(id.clone())) {
                        inputs.push(Input {
                            file: file_name(call, Some(&self::label(&id)), None),
                            service: service.clone(),
                            ids: vec![id],
                            ..Input::default()
                        });
                    }
                }
            }
        }
    }
    Ok(inputs)
}

/// The values that the answers of an earlier call hold, by what the answers belong to.
fn values(
    each: &Each,
    folder: &Folder,
    focused: Option<&Focused>,
) -> io::Result<BTreeMap<Option<String>, Vec<String>>> {
    if let Some((label, ids)) = focused.and_then(|focused| focused.found(each.call)) {
        return Ok([(label, ids)].into());
    }
    let mut found: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    for (name, value) in folder.answers(each.call)? {
        let mut parts = name.split('.').skip(1);
        let first = parts.next();
        if each.variant.is_some_and(|variant| name.rsplit('.').next() != Some(variant)) {
            continue;
        }
        let label = first.filter(|_| each.batch.is_some()).map(str::to_owned);
        let ids = found.entry(label).or_default();
        texts(&value, each.field, &mut |text| {
            if !ids.iter().any(|id| id == text) {
                ids.push(text.to_owned());
            }
        });
    }
    Ok(found)
}

/// Every text under a key, however deep: the text itself or the texts of its list.
pub(super) fn texts(value: &Value, field: &str, heard: &mut impl FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, field, heard)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if key == field => heard(text),
                    Value::Array(items) if key == field => {
                        items.iter().filter_map(Value::as_str).for_each(&mut *heard);
                    }
                    _ => texts(member, field, heard),
                }
            }
        }
        _ => {}
    }
}

/// `describe-vpc-attribute.vpc-1.enableDnsSupport`
fn file_name(call: &SnapshotCall, label: Option<&str>, number: Option<&str>) -> String {
    let parts = [Some(call.name), label, number, call.variant];
    parts.into_iter().flatten().collect::<Vec<_>>().join(".")
}

/// What a thing is called in a file's name: `front.50dc6c495c0c9188` for a load balancer's ARN.
pub(super) fn label(id: &str) -> String {
    let name = match id.strip_prefix("arn:") {
        // A stateless and a stateful group of rules may have the same name.
        Some(arn) => match arn.rsplit_once(':') {
            Some((_, group)) if group.contains("-rulegroup/") => group,
            _ => arn.split_once('/').map_or(arn, |(_, name)| name),
        },
        None => id.strip_prefix("/hostedzone/").unwrap_or(id),
    };
    let types = ["app/", "net/", "gwy/"];
    let name = types.iter().find_map(|of| name.strip_prefix(of)).unwrap_or(name);
    name.replace(['/', ':'], ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_what_it_belongs_to() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/50dc";
        assert_eq!(label(arn), "front.50dc");
        assert_eq!(label("arn:aws:ecs:us-east-1:111122223333:cluster/app"), "app");
        assert_eq!(label("arn:aws:ecs:us-east-1:111122223333:task-definition/web:3"), "web.3");
        assert_eq!(label("/hostedzone/Z1"), "Z1");
        let arn = "arn:aws:network-firewall:us-east-1:111122223333:stateful-rulegroup/web";
        assert_eq!(label(arn), "stateful-rulegroup.web");
        assert_eq!(label("vpc-1"), "vpc-1");
    }

    #[test]
    fn values_are_found_however_deep() {
        let value = serde_json::json!({"services": [{
            "taskDefinition": "a:1", "deployments": [{"taskDefinition": "a:2"}]
        }], "taskArns": ["t"]});
        let mut found = Vec::new();
        texts(&value, "taskDefinition", &mut |text| found.push(text.to_owned()));
        texts(&value, "taskArns", &mut |text| found.push(text.to_owned()));
        found.sort();
        assert_eq!(found, ["a:1", "a:2", "t"]);
    }
}
