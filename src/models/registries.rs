//! Public image registries.

use super::table::rows;

/// A public registry and the hosts that a pull takes, all on tcp 443 over the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registry {
    /// The first part of an image's name: `ghcr.io`.
    pub name: &'static str,
    hosts: &'static str,
}

impl Registry {
    /// The hosts; `*` stands for one label.
    pub fn hosts(&self) -> impl Iterator<Item = &'static str> {
        self.hosts.split(',')
    }
}

/// Whether the first part of a repository's path is one that pull-through caches of ECR suggest.
#[must_use]
pub fn is_pull_through_prefix(part: &str) -> bool {
    rows::<1>(include_str!("../../models/pull_through.tsv")).any(|[prefix]| prefix == part)
}

/// The public registry of that name.
#[must_use]
pub fn registry(name: &str) -> Option<Registry> {
    // IMG-01: an older name of Docker Hub.
    let name = if name == "index.docker.io" { "docker.io" } else { name };
    let mut all = rows::<2>(include_str!("../../models/registries.tsv"));
    all.find(|[own, _]| *own == name).map(|[name, hosts]| Registry { name, hosts })
}
