//! Which stacks there are: what they are called, and where they are deployed.

use super::template::Template;
use crate::network::Scope;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the AWS CDK's own list of its stacks (`manifest.json`) says of one.
#[derive(Clone, Debug)]
pub(in crate::read) struct Described {
    /// The file of its template.
    pub file: String,
    pub stack: String,
    pub scope: Scope,
}

#[derive(Deserialize)]
struct Manifest {
    artifacts: BTreeMap<String, Artifact>,
}

#[derive(Deserialize)]
struct Artifact {
    r#type: String,
    environment: Option<String>,
    properties: Option<Properties>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Properties {
    template_file: Option<String>,
    stack_name: Option<String>,
}

/// The stacks that a manifest lists, where a text is one.
pub(in crate::read) fn described(file: &str, text: &str) -> Vec<Described> {
    let Ok(manifest) = serde_json::from_str::<Manifest>(text) else { return Vec::new() };
    let folder = file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let stacks = manifest.artifacts.into_iter();
    stacks
        .filter(|(_, artifact)| artifact.r#type == "aws:cloudformation:stack")
        .map(|(id, artifact)| {
            let properties = artifact.properties.unwrap_or_default();
            let file = properties.template_file.unwrap_or_else(|| format!("{id}.template.json"));
            Described {
                file: format!("{folder}{file}"),
                stack: properties.stack_name.unwrap_or(id),
                scope: artifact.environment.as_deref().and_then(environment).unwrap_or_default(),
            }
        })
        .collect()
}

/// `aws://111122223333/us-east-1`
fn environment(text: &str) -> Option<Scope> {
    let (account, region) = text.strip_prefix("aws://")?.split_once('/')?;
    let known = |text: &str| (!text.starts_with("unknown-")).then(|| text.into());
    Some(Scope { account: known(account), region: known(region) })
}

/// Gives every template the name of its stack, and notes which logical ids are not theirs alone.
pub(super) fn name(templates: &mut [Template], stated: &[Option<String>]) {
    let files: Vec<String> = templates.iter().map(|one| one.file.to_string()).collect();
    let names = files.iter().enumerate().map(|(index, file)| {
        let own = stated.get(index).cloned().flatten();
        own.unwrap_or_else(|| of_file(file, &files))
    });
    let names: Vec<String> = names.collect();
    for (index, (template, name)) in templates.iter_mut().zip(&names).enumerate() {
        let same = names.iter().take(index).filter(|other| *other == name).count();
        template.stack = match same {
            0 => name.clone(),
            before => format!("{name}-{}", before + 1),
        };
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in templates.iter().flat_map(|one| &one.resources) {
        *counts.entry(&resource.logical).or_default() += 1;
    }
    let shared: BTreeSet<String> =
        counts.iter().filter(|(_, count)| **count > 1).map(|(id, _)| (*id).to_owned()).collect();
    for template in templates {
        template.shared.clone_from(&shared);
    }
}

/// `Dev` of `cdk.out/Dev.template.json`, with as many folders as it takes to tell it from others.
fn of_file(file: &str, all: &[String]) -> String {
    let last = |file: &str, parts: usize| {
        let parts: Vec<&str> = file.rsplit(['/', '\\']).take(parts).collect();
        parts.iter().rev().map(|part| stem(part)).collect::<Vec<_>>().join("-")
    };
    let most = file.split(['/', '\\']).count();
    let unique = |parts: &usize| {
        let own = last(file, *parts);
        all.iter().filter(|other| last(other, *parts) == own).count() == 1
    };
    let parts = (1..=most).find(unique).unwrap_or(most);
    last(file, parts)
}

fn stem(name: &str) -> &str {
    let name =
        [".json", ".yaml", ".yml"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.strip_suffix(".template").unwrap_or(name)
}
