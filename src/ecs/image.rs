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
        /// Which of the registry's names it is.
        family: Family,
    },
    /// A public registry.
    Public(Registry),
    /// Another host.
    Other {
        /// Its name or address.
        host: String,
        /// Its port: that of HTTPS where the image names none.
        port: u16,
    },
}

/// The families of names that a private registry has (IMG-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `.dkr.ecr.`: IPv4.
    Usual,
    /// `.dkr.ecr-fips.`
    Fips,
    /// `.dkr-ecr.`: both address families.
    DualStack,
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
    if let Some(found) = service_of_host(host) {
        let family = match found.service.name {
            "ecr.dkr" if host.contains(".dkr-ecr.") => Some(Family::DualStack),
            "ecr.dkr" => Some(Family::Usual),
            "ecr-fips.dkr" => Some(Family::Fips),
            _ => None,
        };
        if let Some(family) = family {
            return Source::Ecr { host: host.to_owned(), region: found.region, family };
        }
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().unwrap_or(443)),
        None => (host, 443),
    };
    Source::Other { host: name.to_owned(), port }
}

fn is_host(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':'])
        || first.contains(|letter: char| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Family, Source, source};

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
        for (host, family) in [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", Family::Usual),
            ("111122223333.dkr.ecr-fips.eu-west-1.amazonaws.com", Family::Fips),
            ("111122223333.dkr-ecr.eu-west-1.on.aws", Family::DualStack),
        ] {
            let ecr = Source::Ecr { host: host.to_owned(), region: "eu-west-1".to_owned(), family };
            assert_eq!(source(&format!("{host}/team/web@sha256:00")), ecr);
        }
        for (host, name, port) in [
            ("registry.corp.example:5000", "registry.corp.example", 5000),
            ("localhost", "localhost", 443),
            ("Registry", "Registry", 443),
        ] {
            let other = Source::Other { host: name.to_owned(), port };
            assert_eq!(source(&format!("{host}/web:1")), other);
        }
    }
}
