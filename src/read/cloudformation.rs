//! CloudFormation templates, as people write them and as the AWS CDK synthesises them.
//!
//! A template says what will exist. Its resources are put down as the answers that AWS would give
//! once the stack stands, and read as such ([`super::describe`]): what AWS adds of itself (main
//! route tables, default groups and ACLs) is there, and what the template does not make is absent.
//! Ids are the logical ids of the template, after the stack's name where several stacks use one.

mod balancing;
mod containers;
mod hosts;
mod implied;
mod intrinsics;
mod names;
mod parameters;
mod places;
mod references;
mod rows;
mod stacks;
mod template;
mod traffic;
mod tree;

use super::describe::{self, Document};
use super::{Loaded, ReadError};
use crate::network::{At, Destination, Network, Scope};
use intrinsics::Stack;
pub use parameters::Parameters;
use rows::Rows;
pub(super) use stacks::{Described, described};
use std::collections::BTreeSet;
use template::{Place, Template};

/// The Region of a template that does not say where it is deployed.
const USUAL_REGION: &str = "us-east-1";
/// The account, likewise: the one of AWS's own examples.
const USUAL_ACCOUNT: &str = "111122223333";

/// Whether a JSON or YAML text is a template.
pub(super) fn is_template(text: &str) -> bool {
    template::is_template(text)
}

/// Reads templates, which together are one network: what one exports, another imports.
///
/// # Errors
/// When a text is no template, or a resource cannot be what it says.
pub(super) fn read(
    documents: &[Document],
    described: &[Described],
    parameters: &Parameters,
) -> Result<Loaded, ReadError> {
    read_together(documents, described, parameters).map_err(|mut error| {
        let file = error.at.as_ref().map(|at| at.file.to_string());
        let own = documents.iter().find(|one| Some(&one.file) == file.as_ref());
        if let (None, Some(own)) = (&error.text, own) {
            error.text = Some(own.text.as_str().into());
        }
        error
    })
}

fn read_together(
    documents: &[Document],
    described: &[Described],
    parameters: &Parameters,
) -> Result<Loaded, ReadError> {
    let mut templates = Vec::new();
    let mut names = Vec::new();
    let mut nowhere = BTreeSet::new();
    for document in documents {
        let own = described.iter().find(|one| one.file == document.file);
        // A stack that no list names is deployed with those beside it.
        let stated = own.or(described.first()).map(|one| &one.scope);
        let account = stated.and_then(|scope| scope.account.as_deref());
        let account = account.or(document.scope.account.as_deref());
        let region = stated.and_then(|scope| scope.region.as_deref());
        let region = region.or(document.scope.region.as_deref());
        let place = Place {
            account: account.unwrap_or(USUAL_ACCOUNT).to_owned(),
            region: region.unwrap_or(USUAL_REGION).to_owned(),
        };
        if region.is_none() {
            nowhere.insert(place.region.clone());
        }
        names.push(own.map(|one| one.stack.clone()));
        templates.push(Template::parse(&document.file, &document.text, place)?);
    }
    stacks::name(&mut templates, &names);
    parameters::check(parameters, &templates)?;
    let mut stack = Stack::new(&templates, parameters);
    let mut rows = Rows::default();
    for template in &templates {
        for resource in &template.resources {
            if stack.is_made(template, resource)? != Some(false) {
                stack.make(template, resource, &mut rows)?;
            }
        }
    }
    let mut notes = stack.notes();
    for region in nowhere {
        notes.push(format!("no Region is stated: the template is taken to be for {region}"));
    }
    let mut answers = Vec::new();
    for place in rows.all_places() {
        rows.turn_to(&place);
        hosts::add(&mut rows);
        implied::add(&mut rows, &place);
        let first = templates.iter().find(|one| one.place == place);
        answers.push(Document {
            file: first.map(|one| one.file.to_string()).unwrap_or_default(),
            text: rows.answers(&place),
            scope: Scope {
                region: Some(place.region.as_str().into()),
                account: Some(place.account.as_str().into()),
            },
        });
    }
    let mut loaded = describe::read(&answers).map_err(|mut error| {
        // A place in what we put down is no place in the template.
        error.at = error.at.and_then(|at| rows.places.of_error(&at, &error.message));
        error
    })?;
    loaded.network.planned = true;
    rows.settle(&mut loaded.network);
    settle_places(&mut loaded.network, &rows.places);
    match rows.records_elsewhere(&loaded.network) {
        0 => {}
        count => notes.push(format!(
            "not followed in templates: AWS::Route53::RecordSet in hosted zones that no template makes ({count})"
        )),
    }
    notes.append(&mut loaded.notes);
    Ok(Loaded { notes, ..loaded })
}

/// Every resource, rule and route gets its place in the template.
fn settle_places(network: &mut Network, places: &rows::Places) {
    network.each_about_mut(|id, about| about.at = places.of(id).cloned());
    for group in network.security_groups.values_mut() {
        let id = group.id.as_str().to_owned();
        let sides = [("in", &mut group.ingress), ("out", &mut group.egress)];
        for (side, rules) in sides {
            for (number, rule) in rules.iter_mut().enumerate() {
                rule.at = places.of_part(&id, &format!("{side} {number}")).cloned();
            }
        }
    }
    for table in network.route_tables.values_mut() {
        let id = table.id.as_str().to_owned();
        for route in &mut table.routes {
            let destination = match &route.destination {
                Destination::Cidr(cidr) => cidr.to_string(),
                Destination::PrefixList(list) => list.to_string(),
            };
            route.at = places.of_part(&id, &destination).cloned();
        }
    }
    for acl in network.network_acls.values_mut() {
        let id = acl.id.as_str().to_owned();
        let sides = [("in", &mut acl.ingress), ("out", &mut acl.egress)];
        for (side, entries) in sides {
            for entry in entries {
                entry.at = places.of_part(&id, &format!("{side} {}", entry.number)).cloned();
            }
        }
    }
    for definition in network.task_definitions.values_mut() {
        let at: Option<At> = definition.about.at.clone();
        for container in &mut definition.containers {
            container.at.clone_from(&at);
        }
    }
    for balancer in network.load_balancers.values_mut() {
        let id = balancer.id.as_str().to_owned();
        for listener in balancer.listeners.iter_mut().flatten() {
            listener.at = places.of_part(&id, &listener.port.to_string()).cloned();
        }
    }
}
