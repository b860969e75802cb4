//! One template, taken apart.

use super::tree::{self, Entry, Node, Value};
use crate::network::At;
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One template.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub file: Arc<str>,
    /// The stack that it makes.
    pub stack: String,
    pub place: Place,
    /// Logical ids that other stacks use, too.
    pub shared: BTreeSet<String>,
    /// The whole of it.
    pub root: Node,
    pub resources: Vec<Resource>,
}

/// Where a stack is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub account: String,
    pub region: String,
}

/// One of its resources.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub logical: String,
    pub at: At,
    /// `AWS::EC2::VPC`
    pub kind: String,
    pub condition: Option<String>,
    pub properties: Node,
}

/// Whether a text looks like a template: it has resources, and types of AWS.
pub(super) fn is_template(text: &str) -> bool {
    // What nearly all other files lack comes first.
    if !text.contains("Resources") {
        return false;
    }
    let typed = text.contains("AWS::") || text.contains("AWSTemplateFormatVersion");
    let json = text.trim_start().starts_with('{') && text.contains("\"Resources\"");
    let yaml = || text.lines().any(|line| line.trim_end().starts_with("Resources:"));
    typed && (json || yaml())
}

impl Template {
    pub fn parse(file: &str, text: &str, place: Place) -> Result<Self, ReadError> {
        let file: Arc<str> = Arc::from(file);
        let with_text = |mut error: ReadError| {
            error.text = Some(Arc::from(text));
            error
        };
        let root = tree::parse(&file, text).map_err(with_text)?;
        let mut resources = Vec::new();
        let Some(section) = root.get("Resources") else {
            return Err(with_text(
                ReadError::at(&root.at, "this template has no `Resources`")
                    .hint("a CloudFormation template lists what it makes under `Resources`"),
            ));
        };
        for Entry { key: logical, at, value: node } in section.entries() {
            let Some(kind) = node.get("Type").and_then(Node::text) else {
                let message = format!("resource `{logical}` has no `Type`");
                return Err(with_text(ReadError::at(at, message)));
            };
            let nothing = Node { at: node.at.clone(), value: Value::Map(Vec::new()) };
            resources.push(Resource {
                logical: logical.clone(),
                at: at.clone(),
                kind: kind.to_owned(),
                condition: node.get("Condition").and_then(Node::text).map(str::to_owned),
                properties: node.get("Properties").cloned().unwrap_or(nothing),
            });
        }
        Ok(Self { file, stack: String::new(), place, shared: BTreeSet::new(), root, resources })
    }

    /// What a resource is called here: its logical id, with the stack where that is not enough.
    pub fn name_of(&self, logical: &str) -> String {
        match self.shared.contains(logical) {
            true => format!("{}/{logical}", self.stack),
            false => logical.to_owned(),
        }
    }

    pub fn resource(&self, logical: &str) -> Option<&Resource> {
        self.resources.iter().find(|one| one.logical == logical)
    }
}
