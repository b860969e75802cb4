//! Image references: which registry they lead to.

use crate::models::{Registry, registry, service_of_host};

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A private registry in Amazon ECR.
    Ecr {
        /// The registry's host.
        host: String,
        /// The Region in it.
        region: String,
    },
    /// A public registry.
    Public(Registry),
    /// Another host, perhaps with a port.
    Other(String),
}

/// IMG-01, IMG-02: the registry of an image.
pub(super) fn source(image: &str) -> Source {
    let host = match image.split_once('/') {
        Some((first, _)) if is_host(first) => first,
        _ => "docker.io",
    };
    if let Some(public) = registry(host) {
        return Source::Public(public);
    }
    match service_of_host(host).filter(|found| found.service.name == "ecr.dkr") {
        Some(found) => Source::Ecr { host: host.to_owned(), region: found.region },
        None => Source::Other(host.to_owned()),
    }
}

fn is_host(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':'])
        || first.contains(|letter: char| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Source, source};

    // IMG-01, IMG-02, IMG-11, IMG-12, IMG-13
    #[test]
    fn an_image_leads_to_its_registry() {
        let public = |image: &str| match source(image) {
            Source::Public(registry) => registry.name,
            other => panic!("{image}: {other:?}"),
        };
        for image in ["nginx", "nginx:1.27", "grafana/loki@sha256:00", "index.docker.io/a/b"] {
            assert_eq!(public(image), "docker.io", "{image}");
        }
        assert_eq!(public("public.ecr.aws/nginx/nginx:1"), "public.ecr.aws");
        assert_eq!(public("ghcr.io/org/app"), "ghcr.io");
        let host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        let ecr = Source::Ecr { host: host.to_owned(), region: "eu-west-1".to_owned() };
        assert_eq!(source(&format!("{host}/team/web@sha256:00")), ecr);
        for host in ["registry.corp.example:5000", "localhost", "Registry"] {
            assert_eq!(source(&format!("{host}/web:1")), Source::Other(host.to_owned()));
        }
    }
}
