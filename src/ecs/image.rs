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
    /// Only a deployment tells.
    Open,
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
    let plain = masked(image);
    let image = plain.as_str();
    let open = |text: &str| text.contains(OPEN);
    match image.split_once('/') {
        // The account in a host of ECR changes nothing.
        Some((first, _)) if open(first) => {
            if service_of_host(first).is_none() {
                return Source::Open;
            }
        }
        // Before its tag, it may have a host.
        None if image.split([':', '@']).next().is_some_and(open) => return Source::Open,
        Some(_) | None => {}
    }
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
            let host = host.replace(OPEN, "account");
            return Source::Ecr { host, region: found.region, family };
        }
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().unwrap_or(443)),
        None => (host, 443),
    };
    Source::Other { host: name.to_owned(), port }
}

/// Stands for a part of an image that only a deployment tells.
const OPEN: char = '\u{fffd}';

fn masked(image: &str) -> String {
    let mut out = String::new();
    let mut rest = image;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push(OPEN);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

fn is_host(first: &str) -> bool {
    first == "localhost"
        || first.contains(['.', ':'])
        || first.contains(|letter: char| letter.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::{Family, Source, source};

    // IMG-01
    #[test]
    fn an_image_whose_registry_only_a_deployment_tells_is_open() {
        for image in
            ["${Url}", "${Url}:latest", "${net/x}/app:1", "host:${Port}/app", "team${X}/app"]
        {
            assert_eq!(source(image), Source::Open, "{image}");
        }
        for image in ["nginx:${Tag}", "team/${Name}", "docker.io/${Name}:1"] {
            assert!(matches!(source(image), Source::Public(_)), "{image}");
        }
        let own = "${Account}.dkr.ecr.eu-west-1.amazonaws.com/app";
        assert!(matches!(source(own), Source::Ecr { region, .. } if region == "eu-west-1"));
    }

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
