//! What the right side of the arrow names, before any client sees it.

use super::client::HOSTS;
use super::scope::Scope;
use super::{AskError, World};
use crate::header::AddressSet;
use crate::models::{self, service_of_host};
use crate::network::Selected;

/// What a destination names.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// The internet.
    Internet,
    /// Addresses, written out.
    Addresses(AddressSet),
    /// An AWS service.
    Aws {
        /// The service.
        service: &'static models::Service,
        /// Its host, where a host is named and not just the service.
        host: Option<NamedHost>,
    },
    /// A public image registry.
    Registry(models::Registry),
    /// Another host, by name.
    Host(String),
    /// An EFS file system, by id.
    FileSystem(String),
    /// All of an account, or whoever carries a tag.
    Many(Scope),
    /// A resource of the network.
    Resource(Selected),
}

/// A host of an AWS service.
#[derive(Clone, Debug)]
pub(super) struct NamedHost {
    /// Its name.
    pub(super) name: String,
    /// The Region in its name.
    pub(super) region: String,
}

impl World {
    /// What a destination's text names.
    pub(super) fn named(&self, text: &str) -> Result<Named, AskError> {
        if text == "internet" {
            return Ok(Named::Internet);
        }
        if let Some(addresses) = self.addresses(text)? {
            return Ok(Named::Addresses(addresses));
        }
        if let Some(scope) = self.many(text)? {
            return Ok(Named::Many(scope));
        }
        if let Some(named) = self.named_service(text)? {
            return Ok(named);
        }
        if let Some(registry) = models::registry(text.strip_prefix("registry/").unwrap_or(text)) {
            return Ok(Named::Registry(registry));
        }
        if let Some(host) = text.strip_prefix("host/") {
            return match self.addresses(host)? {
                Some(addresses) => Ok(Named::Addresses(addresses)),
                None => Ok(Named::Host(host.to_owned())),
            };
        }
        if let Some(id) = text.strip_prefix("file-system/") {
            return Ok(Named::FileSystem(id.to_owned()));
        }
        match self.select(text) {
            Ok(selected) => Ok(Named::Resource(selected)),
            Err(_) if self.holds_name(text) => Ok(Named::Host(text.to_owned())),
            Err(error) => match error.or_service(text) {
                // What is like nothing that is known may still be a name of something.
                error if error.hint_is_general() && is_host_name(text) => {
                    Ok(Named::Host(text.to_owned()))
                }
                error => Err(error),
            },
        }
    }

    /// Whether a zone or rule of the network holds the name, or AWS gives such names to things.
    fn holds_name(&self, text: &str) -> bool {
        let name = text.trim_end_matches('.').to_ascii_lowercase();
        let under = |domain: &str| {
            let domain = domain.trim_matches('.');
            !domain.is_empty()
                && (name == domain
                    || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
        };
        is_host_name(text)
            && (self.network.hosted_zones.values().any(|zone| under(&zone.domain))
                || self.network.resolver_rules.values().any(|rule| under(&rule.domain))
                || ["amazonaws.com", "amazonaws.com.cn", "compute.internal", "ec2.internal"]
                    .iter()
                    .any(|domain| under(domain)))
    }

    /// An AWS service by endpoint name or host name.
    fn named_service(&self, text: &str) -> Result<Option<Named>, AskError> {
        let Some(named) = aws_service(text) else { return Ok(None) };
        let same_name = self
            .network
            .resources()
            .find(|&(kind, id, label)| HOSTS.contains(&kind) && (id == text || label == text));
        if let Some((kind, _, label)) = same_name {
            return Err(AskError {
                message: format!("`{text}` could mean 2 things"),
                hint: Some("say which one you mean".to_owned()),
                candidates: vec![format!("aws/{text}"), format!("{kind}/{label}")],
            });
        }
        Ok(Some(named))
    }
}

/// The AWS service that a text names, whatever else may be called so.
pub(super) fn aws_service(text: &str) -> Option<Named> {
    let plain = text.strip_prefix("aws/").unwrap_or(text);
    let by_host = service_of_host(plain);
    let service = by_host.as_ref().map(|host| host.service).or_else(|| models::service(plain))?;
    let host = by_host.map(|host| NamedHost { name: plain.to_owned(), region: host.region });
    Some(Named::Aws { service, host })
}

/// Whether a text is written like a host name of at least two labels.
fn is_host_name(text: &str) -> bool {
    let name = text.trim_end_matches('.');
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let named = |last: &str| last.bytes().any(|b| b.is_ascii_alphabetic());
    name.contains('.') && name.split('.').all(label) && name.rsplit('.').next().is_some_and(named)
}
