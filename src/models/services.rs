//! AWS services: their ports and names.

use super::table::rows;
use std::sync::LazyLock;

/// An AWS service that a VPC endpoint can lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The suffix of its endpoint service name: `ecr.dkr`.
    pub name: &'static str,
    /// The port it answers on.
    pub port: u16,
    /// Its protocol: `tcp` or `udp`.
    pub protocol: &'static str,
    /// Whether a gateway endpoint leads to it.
    pub has_gateway_endpoint: bool,
    host: &'static str,
    private_dns: &'static str,
}

/// A host name that belongs to a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceHost {
    /// The service.
    pub service: &'static Service,
    /// The Region in the name.
    pub region: String,
}

impl Service {
    /// The host that a client in `account` looks up.
    #[must_use]
    pub fn host(&self, region: &str, account: Option<&str>) -> String {
        let usual = self.host.split(',').next().unwrap_or_default();
        fill(usual, region).replace("{account}", account.unwrap_or("111122223333"))
    }

    /// The names that an interface endpoint's private DNS overrides; `*.` begins a wildcard.
    pub fn private_dns_names(&self, region: &str) -> impl Iterator<Item = String> {
        self.private_dns.split(',').filter(|name| *name != "-").map(move |name| fill(name, region))
    }

    /// Whether a host is the service's under a further name, dual-stack or FIPS (DN-15).
    fn has_host(&self, region: &str, host: &str) -> bool {
        rows::<2>(include_str!("../../models/other_hosts.tsv"))
            .filter(|[service, _]| *service == "*" || *service == self.name)
            .any(|[_, pattern]| {
                name_matches(&fill(&pattern.replace("{name}", self.name), region), host)
            })
    }

    /// The endpoint's service name, which is also the name of the service's prefix list.
    #[must_use]
    pub fn endpoint_name(&self, region: &str) -> String {
        format!("com.amazonaws.{region}.{}", self.name)
    }
}

fn fill(pattern: &str, region: &str) -> String {
    let dual_stack = partition_of(region).map_or("api.aws", |[.., dual_stack]| dual_stack);
    pattern
        .replace("{region}", region)
        .replace("{suffix}", dns_suffix(region))
        .replace("{dual_stack}", dual_stack)
}

/// The DNS suffix of a Region's service names.
#[must_use]
pub fn dns_suffix(region: &str) -> &'static str {
    partition_of(region).map_or("amazonaws.com", |[_, _, suffix, _]| suffix)
}

/// The partition of a Region: `aws-cn`.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    partition_of(region).map_or("aws", |[partition, ..]| partition)
}

fn partition_of(region: &str) -> Option<[&'static str; 4]> {
    PARTITIONS.iter().find(|[_, prefix, ..]| region.starts_with(prefix)).copied()
}

static PARTITIONS: LazyLock<Vec<[&'static str; 4]>> =
    LazyLock::new(|| rows::<4>(include_str!("../../models/partitions.tsv")).collect());

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    rows::<6>(include_str!("../../models/services.tsv"))
        .map(|[name, port, protocol, types, host, private_dns]| Service {
            name,
            port: port.parse().unwrap_or(443),
            protocol,
            has_gateway_endpoint: types.contains("gateway"),
            host,
            private_dns,
        })
        .collect()
});

/// Every known service.
#[must_use]
pub fn services() -> &'static [Service] {
    &SERVICES
}

/// The service of that endpoint name: `ecr.dkr`, `com.amazonaws.us-east-1.ecr.dkr` or
/// `cn.com.amazonaws.cn-north-1.ecr.dkr`.
#[must_use]
pub fn service(name: &str) -> Option<&'static Service> {
    let short = name.strip_prefix("cn.").unwrap_or(name);
    let short = match short.strip_prefix("com.amazonaws.") {
        Some(rest) => rest.split_once('.')?.1,
        None => name,
    };
    SERVICES.iter().find(|service| service.name == short)
}

/// Whether a host of a service has IPv6 addresses, as far as that is known.
#[must_use]
pub fn has_ipv6(service: &Service, region: &str, host: &str) -> Option<bool> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    rows::<3>(include_str!("../../models/ipv6_hosts.tsv"))
        .filter(|[name, ..]| *name == "*" || *name == service.name)
        .find(|[_, pattern, _]| {
            name_matches(&fill(&pattern.replace("{name}", service.name), region), &host)
        })
        .map(|[.., has]| has == "yes")
}

/// The service and Region that a host name belongs to.
#[must_use]
pub fn service_of_host(host: &str) -> Option<ServiceHost> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let region = host.split('.').find(|label| {
        let parts: Vec<_> = label.split('-').collect();
        parts.len() >= 3 && parts.last().is_some_and(|last| last.parse::<u8>().is_ok())
    })?;
    let service = SERVICES.iter().find(|service| {
        let own = |name: &str| match name.split_once("{account}") {
            Some((_, rest)) => host.ends_with(&fill(rest, region)),
            None => host == fill(name, region),
        };
        service.host.split(',').any(own)
            || service.private_dns_names(region).any(|name| name_matches(&name, &host))
    });
    let further = || SERVICES.iter().find(|service| service.has_host(region, &host));
    let service = service.or_else(further)?;
    Some(ServiceHost { service, region: region.to_owned() })
}

/// Whether a name of a DNS zone, perhaps a wildcard, holds `host`.
fn name_matches(name: &str, host: &str) -> bool {
    match name.strip_prefix('*') {
        Some(parent) => host.len() > parent.len() && host.ends_with(parent),
        None => name == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_short_and_full_names() {
        assert_eq!(service("ecr.dkr").unwrap().name, "ecr.dkr");
        assert_eq!(service("com.amazonaws.eu-west-1.ecr.dkr").unwrap().name, "ecr.dkr");
        assert_eq!(service("cn.com.amazonaws.cn-north-1.sts").unwrap().name, "sts");
        assert!(service("ecr").is_none());
    }

    #[test]
    fn hosts_are_known_by_service_and_region() {
        let host = |name: &str| service_of_host(name).map(|h| (h.service.name, h.region));
        let in_region = |name, region: &str| Some((name, region.to_owned()));
        assert_eq!(host("api.ecr.us-east-1.amazonaws.com"), in_region("ecr.api", "us-east-1"));
        assert_eq!(
            host("111122223333.dkr.ecr.eu-west-1.amazonaws.com"),
            in_region("ecr.dkr", "eu-west-1")
        );
        assert_eq!(host("bucket.s3.us-west-2.amazonaws.com"), in_region("s3", "us-west-2"));
        assert_eq!(host("logs.cn-north-1.amazonaws.com.cn"), in_region("logs", "cn-north-1"));
        assert_eq!(host("s3.dualstack.us-west-2.amazonaws.com"), in_region("s3", "us-west-2"));
        assert_eq!(host("b.s3-fips.us-gov-west-1.amazonaws.com"), in_region("s3", "us-gov-west-1"));
        assert_eq!(host("ecr.us-east-1.api.aws"), in_region("ecr.api", "us-east-1"));
        assert_eq!(
            host("sts.cn-north-1.api.amazonwebservices.com.cn"),
            in_region("sts", "cn-north-1")
        );
        assert_eq!(host("logs.eusc-de-east-1.amazonaws.eu"), in_region("logs", "eusc-de-east-1"));
        assert_eq!(host("example.com"), None);
    }
}
