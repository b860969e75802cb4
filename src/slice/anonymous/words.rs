//! Accounts, host names, images and other words, each everywhere replaced by the same.

use crate::network::{
    AliasTarget, Container, Network, Record, RecordData, StatedAnswers, Tags, VolumeSource,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What was replaced by what.
#[derive(Default)]
pub(super) struct Words {
    given: BTreeMap<(&'static str, String), usize>,
    count: BTreeMap<&'static str, usize>,
}

/// Accounts of examples.
const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "777788889999"];

/// Suffixes under which only AWS gives names.
const AWSS: [&str; 6] =
    ["amazonaws.com", "amazonaws.com.cn", "api.aws", "on.aws", "compute.internal", "ec2.internal"];

impl Words {
    fn number_of(&mut self, of: &'static str, text: &str) -> usize {
        let count = self.count.entry(of).or_default();
        *self.given.entry((of, text.to_owned())).or_insert_with(|| {
            *count += 1;
            *count
        })
    }

    /// `other-1`, `other-2`.
    pub(super) fn number(&mut self, of: &'static str, text: &str) -> String {
        format!("{of}-{}", self.number_of(of, text))
    }

    /// Tags: `tag-1: value-1`.
    pub(super) fn tags(&mut self, tags: &Tags) -> Tags {
        if tags.iter().next().is_none() {
            return tags.clone();
        }
        let replaced: Vec<(String, String)> = tags
            .iter()
            .map(|(key, value)| (self.number("tag", key), self.number("value", value)))
            .collect();
        Tags::of(replaced.iter().map(|(key, value)| (key.as_str(), value.as_str())))
    }

    /// A place that names a tag of the network, which says where its key ends.
    pub(super) fn tag_place(&mut self, network: &Network, text: &str) -> String {
        let wanted = text.strip_prefix("tag/").unwrap_or(text);
        let tags = network.abouts().flat_map(|about| about.tags.iter());
        let named = tags.filter_map(|(key, value)| match wanted.strip_prefix(key)? {
            "" => Some((key, None)),
            rest => (rest.strip_prefix('=')? == value).then_some((key, Some(value))),
        });
        match named.min() {
            Some((key, None)) => format!("tag/{}", self.number("tag", key)),
            Some((key, Some(value))) => {
                format!("tag/{}={}", self.number("tag", key), self.number("value", value))
            }
            None => format!("tag/{}", self.number("tag", wanted)),
        }
    }

    /// An account of examples.
    pub(super) fn account(&mut self, account: &str) -> String {
        let number = self.number_of("account", account);
        match ACCOUNTS.get(number.wrapping_sub(1)) {
            Some(known) => (*known).to_owned(),
            None => format!("{number:012}"),
        }
    }

    /// A host name, label by label, so that what is under a domain stays under it. Names that AWS
    /// gives keep what AWS reads in them.
    pub(super) fn host(&mut self, name: &str) -> String {
        let plain = name.trim_end_matches('.');
        if AWSS.iter().any(|awss| plain == *awss || plain.ends_with(&format!(".{awss}"))) {
            return self.awss(plain);
        }
        let labels: Vec<&str> = plain.split('.').collect();
        let last = labels.len().saturating_sub(1);
        let labels = labels.into_iter().enumerate().map(|(place, label)| match label {
            "" | "*" => label.to_owned(),
            _ if place == last && last > 0 => "example".to_owned(),
            _ => self.number("host", label),
        });
        labels.collect::<Vec<_>>().join(".")
    }

    /// A name that AWS gives: its accounts are replaced, and what a load balancer is called.
    fn awss(&mut self, name: &str) -> String {
        let balancer = name.contains(".elb.") || name.contains(".vpce.");
        let labels = name.split('.').enumerate().map(|(place, label)| {
            let account = label.len() == 12 && label.bytes().all(|byte| byte.is_ascii_digit());
            match label {
                _ if account => self.account(label),
                "dualstack" | "*" | "internal" => label.to_owned(),
                _ if balancer && place < 2 && label.contains('-') && !is_region(label) => {
                    self.number("host", label)
                }
                _ => label.to_owned(),
            }
        });
        labels.collect::<Vec<_>>().join(".")
    }

    /// An image: the registry stays, and the names that Docker itself gives.
    fn image(&mut self, image: &str) -> String {
        match image.split_once('/') {
            None => image.to_owned(),
            Some((registry, rest)) if registry.contains('.') || registry.contains(':') => {
                let of = self.number("image", rest);
                format!("{}/{of}", self.registry(registry))
            }
            Some(_) => self.number("image", image),
        }
    }

    fn registry(&mut self, registry: &str) -> String {
        let known = ["public.ecr.aws", "docker.io", "quay.io", "ghcr.io", "gcr.io"];
        match known.contains(&registry) {
            true => registry.to_owned(),
            false => self.host(registry),
        }
    }

    /// An ARN, or a name: the service and the Region stay.
    fn arn(&mut self, text: &str) -> String {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, service, region, account, resource] = parts.as_slice() else {
            return self.number("name", text);
        };
        let kind = resource.split([':', '/']).next().unwrap_or_default();
        let kind = if kind == *resource { "" } else { kind };
        let separator = resource.chars().nth(kind.chars().count()).filter(|_| !kind.is_empty());
        let separator = separator.map(String::from).unwrap_or_default();
        let account = if account.is_empty() { String::new() } else { self.account(account) };
        let name = self.number("name", resource);
        format!("{arn}:{partition}:{service}:{region}:{account}:{kind}{separator}{name}")
    }

    fn record(&mut self, record: &mut Record) {
        record.name = self.host(&record.name);
        match &mut record.data {
            RecordData::Cname(name) | RecordData::Alias { target: AliasTarget::Name(name), .. } => {
                *name = self.host(name);
            }
            _ => {}
        }
    }

    fn answers(&mut self, answers: &mut Option<StatedAnswers>) {
        if let Some(StatedAnswers::Records(records)) = answers {
            records.iter_mut().for_each(|record| self.record(record));
        }
    }

    fn container(&mut self, container: &mut Container) {
        let Container { image, secrets, repository_credentials, environment_files, .. } = container;
        image.iter_mut().for_each(|image| *image = self.image(image));
        let arns = secrets.iter_mut().chain(repository_credentials).chain(environment_files);
        arns.for_each(|arn| *arn = self.arn(arn));
        for value in container.environment.values_mut() {
            *value = value.take().filter(|text| says_nothing(text));
        }
        for value in container.log.iter_mut().flat_map(|log| log.options.values_mut()) {
            if !says_nothing(value) && !is_region(value) {
                *value = self.number("name", value);
            }
        }
        container.health_check = None;
        if let Some(firelens) = &mut container.firelens {
            firelens.options.clear();
        }
    }
}

/// A number, an address or a switch.
fn says_nothing(text: &str) -> bool {
    let port = text.trim_start_matches(':');
    port.parse::<u32>().is_ok()
        || text.parse::<IpAddr>().is_ok()
        || ["true", "false", "blocking", "non-blocking"].contains(&text)
}

/// `us-east-1`
fn is_region(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(words, number)| {
        words.contains('-') && number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Replaces every word of a network that names something of someone's.
pub(super) fn replace(network: &mut Network, words: &mut Words) {
    for zone in network.hosted_zones.values_mut() {
        zone.domain = words.host(&zone.domain);
        zone.records.iter_mut().flatten().for_each(|record| words.record(record));
    }
    for rule in network.resolver_rules.values_mut() {
        if rule.domain != "." {
            rule.domain = words.host(&rule.domain);
        }
        words.answers(&mut rule.answers);
    }
    for options in network.dhcp_options.values_mut() {
        words.answers(&mut options.answers);
    }
    for balancer in network.load_balancers.values_mut() {
        balancer.dns_name.iter_mut().for_each(|name| *name = words.host(name));
        let rules = balancer.listeners.iter_mut().flatten().flat_map(|one| &mut one.rules);
        for condition in rules.flat_map(|rule| &mut rule.conditions) {
            *condition = format!("path /{}", words.number("path", condition));
        }
    }
    for group in network.target_groups.values_mut() {
        group.health_check.path.iter_mut().for_each(|path| "/".clone_into(path));
        for health in group.targets.iter_mut().flatten().filter_map(|one| one.health.as_mut()) {
            health.description = None;
        }
    }
    for endpoint in network.vpc_endpoints.values_mut() {
        // A service of someone's own.
        if endpoint.service_name.contains(".vpce-svc-") {
            let (before, own) = endpoint.service_name.split_once("vpce-svc-").unwrap_or_default();
            endpoint.service_name = format!("{before}vpce-svc-{}", words.number_of("own", own));
        }
        for name in &mut endpoint.private_dns_names {
            *name = words.host(name);
        }
    }
    for group in network.security_groups.values_mut() {
        let rules = group.ingress.iter_mut().chain(&mut group.egress);
        rules.for_each(|rule| rule.rule_id = None);
    }
    for task in network.tasks.values_mut() {
        task.stopped_reason = None;
        task.containers.clear();
    }
    for definition in network.task_definitions.values_mut() {
        let roles = definition.execution_role.iter_mut().chain(&mut definition.task_role);
        roles.for_each(|role| *role = words.arn(role));
        definition.containers.iter_mut().for_each(|one| words.container(one));
        for volume in &mut definition.volumes {
            match &mut volume.source {
                VolumeSource::Efs { .. } => {}
                VolumeSource::FsxWindows { file_system, credentials } => {
                    *file_system = words.number("file-system", file_system);
                    credentials.iter_mut().for_each(|arn| *arn = words.arn(arn));
                }
                VolumeSource::Docker { options, .. } => options.clear(),
            }
        }
    }
}
