//! Whose answers these are, and from which Region: as the data says, else as the folders say. Of a
//! shared VPC each account answers for a part (SH-02, IE-13).

use crate::network::{About, Kind, Network, Scope};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What the answers of one folder say of their account and Region.
#[derive(Default)]
struct Said {
    /// Accounts that only the caller's own things are in: ECS, load balancers, the identity.
    own_accounts: BTreeSet<Arc<str>>,
    /// Owners of VPC resources, which another account may share.
    owners: BTreeSet<Arc<str>>,
    /// Regions of zones and ARNs.
    regions: BTreeSet<Arc<str>>,
    /// Regions in names of services: an endpoint may lead to another Region (IE-10).
    service_regions: BTreeSet<Arc<str>>,
}

/// What is known of accounts and Regions so far.
#[derive(Default)]
pub(super) struct Scopes {
    /// Texts that many share. Only asked, never listed.
    words: HashSet<Arc<str>>,
    said: BTreeMap<Scope, Said>,
    /// The scope that each file's folders state. Only asked, never listed in its order.
    files: HashMap<Arc<str>, Scope>,
    captured: Vec<(Scope, Kind)>,
}

/// The part of the world that a scope of its own belongs to.
#[derive(Clone, Copy)]
pub(super) enum Owner {
    /// Whoever made the call.
    Caller,
    /// Perhaps another account that shares it.
    Anyone,
}

impl Scopes {
    /// A text that others may share.
    pub fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.get(text) {
            return Arc::clone(word);
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(Arc::clone(&word));
        word
    }

    /// Notes the scope that a file's folders state.
    pub fn file(&mut self, file: &Arc<str>, folders: &Scope) {
        self.files.entry(Arc::clone(file)).or_insert_with(|| folders.clone());
    }

    /// Whether the account that owns a thing is the one whose folder tells of it.
    fn is_owners_view(&self, about: &About) -> bool {
        let folders = about.at.as_ref().and_then(|at| self.files.get(&at.file));
        let teller = folders.and_then(|folders| folders.account.as_ref());
        teller.is_some() && teller == about.scope.account.as_ref()
    }

    /// Whether one account's view of a thing takes the place of what was told of it before: the
    /// owner's stands (SH-02).
    pub fn replaces(&self, new: &About, before: Option<&About>) -> bool {
        !before.is_some_and(|before| self.is_owners_view(before)) || self.is_owners_view(new)
    }

    /// Hears what a later part of the input says, too.
    pub fn absorb(&mut self, later: Self) {
        let Self { words: _, said, files, captured } = later;
        for (folders, heard) in said {
            let Said { own_accounts, owners, regions, service_regions } = heard;
            let said = self.said.entry(folders).or_default();
            said.own_accounts.extend(own_accounts);
            said.owners.extend(owners);
            said.regions.extend(regions);
            said.service_regions.extend(service_regions);
        }
        self.files.extend(files);
        self.captured.extend(captured);
    }

    /// The account, where the text is an account id, which is then heard.
    pub fn account(&mut self, folders: &Scope, text: &str, owner: Owner) -> Option<Arc<str>> {
        if !is_account(text) {
            return None;
        }
        let account = self.word(text);
        let said = self.said.entry(folders.clone()).or_default();
        match owner {
            Owner::Caller => said.own_accounts.insert(Arc::clone(&account)),
            Owner::Anyone => said.owners.insert(Arc::clone(&account)),
        };
        Some(account)
    }

    /// The Region, where the text is one, which is then heard.
    pub fn region(&mut self, folders: &Scope, text: &str) -> Option<Arc<str>> {
        if !is_region(text) {
            return None;
        }
        let region = self.word(text);
        self.said.entry(folders.clone()).or_default().regions.insert(Arc::clone(&region));
        Some(region)
    }

    /// Hears the Region in the name of a service or of its prefix list: a last resort.
    pub fn service(&mut self, folders: &Scope, name: &str) {
        if let Some(region) = name.split('.').find(|part| is_region(part)) {
            let region = self.word(region);
            self.said.entry(folders.clone()).or_default().service_regions.insert(region);
        }
    }

    /// Notes that a kind was captured in full.
    pub fn captured(&mut self, folders: &Scope, kind: Kind) {
        self.captured.push((folders.clone(), kind));
    }

    /// Whose answers a folder's are: the only account that owns the caller's own things, else as
    /// the folders say, else the only owner. The Region likewise, the data first.
    fn settle(said: &Said, folders: &Scope) -> Scope {
        let only = |words: &BTreeSet<Arc<str>>| match words.len() {
            1 => words.first().cloned(),
            _ => None,
        };
        let account = only(&said.own_accounts).or_else(|| folders.account.clone());
        let region = only(&said.regions).or_else(|| folders.region.clone());
        Scope {
            account: account.or_else(|| only(&said.owners)),
            region: region.or_else(|| only(&said.service_regions)),
        }
    }

    /// Gives every resource that does not say itself the account and Region of its folder, and
    /// notes what was captured where. Returns what is to be said about it.
    pub fn finish(self, network: &mut Network) -> Vec<String> {
        let mut notes = Vec::new();
        let mut settled: BTreeMap<Scope, Scope> = BTreeMap::new();
        let nothing = Said::default();
        // In the order of their first files.
        let mut firsts: BTreeMap<&Scope, &Arc<str>> = BTreeMap::new();
        for (file, folders) in &self.files {
            let first = firsts.entry(folders).or_insert(file);
            *first = (*first).min(file);
        }
        let mut firsts: Vec<_> =
            firsts.into_iter().map(|(folders, first)| (first, folders)).collect();
        firsts.sort();
        for (_, folders) in firsts {
            let said = self.said.get(folders).unwrap_or(&nothing);
            let scope = Self::settle(said, folders);
            if scope.region.is_none() && said.regions.len() > 1 {
                let regions: Vec<&str> = said.regions.iter().map(AsRef::as_ref).collect();
                notes.push(format!(
                    "one capture holds several Regions ({}) and does not say of everything where \
                     it is: give each Region a folder of its own",
                    regions.join(", ")
                ));
            }
            settled.insert(folders.clone(), scope);
        }
        let settled = |folders: &Scope| settled.get(folders).unwrap_or(folders).clone();
        let of_file = |about: &About| {
            let folders = about.at.as_ref().and_then(|at| self.files.get(&at.file));
            folders.map(settled).unwrap_or_default()
        };
        for (about, global) in abouts(network) {
            if about.scope.account.is_some() && (about.scope.region.is_some() || global) {
                continue;
            }
            let scope = of_file(about);
            about.scope.account = about.scope.account.take().or(scope.account);
            if !global {
                about.scope.region = about.scope.region.take().or(scope.region);
            }
        }
        for (folders, kind) in self.captured {
            let mut scope = settled(&folders);
            // Hosted zones are the account's, in no Region.
            if kind == Kind::HostedZone {
                scope.region = None;
            }
            network.coverage.add(&scope, kind);
        }
        notes
    }
}

/// What every resource carries, and whether the resource is in no Region.
fn abouts(network: &mut Network) -> impl Iterator<Item = (&mut About, bool)> {
    macro_rules! chain {
        ($($field:ident),*) => {{
            let all = std::iter::empty();
            $(let all = all.chain(network.$field.values_mut().map(|one| &mut one.about));)*
            all.map(|about| (about, false))
        }};
    }
    let zones = network.hosted_zones.values_mut().map(|zone| (&mut zone.about, true));
    chain!(
        vpcs,
        subnets,
        route_tables,
        internet_gateways,
        egress_only_gateways,
        nat_gateways,
        vpc_endpoints,
        peerings,
        virtual_private_gateways,
        transit_gateways,
        transit_gateway_attachments,
        transit_gateway_route_tables,
        security_groups,
        network_acls,
        prefix_lists,
        interfaces,
        instances,
        load_balancers,
        target_groups,
        services,
        tasks,
        task_definitions,
        clusters,
        capacity_providers,
        container_instances,
        file_systems,
        dhcp_options,
        resolver_rules,
        public_access_blocks,
        public_access_exclusions,
        others
    )
    .chain(zones)
}

/// An account id has twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The last word of a Region's code.
const COMPASS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// A Region's code is words, the last one of the compass, and a number: `us-east-1`,
/// `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let Some((words, number)) = text.rsplit_once('-') else { return false };
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    words.rsplit_once('-').is_some_and(|(_, last)| COMPASS.contains(&last))
        && words.split('-').all(is_word)
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The Region that a zone's name begins with: `us-east-1a`, `us-west-2-lax-1a`.
pub(super) fn region_of_zone(zone: &str) -> Option<&str> {
    let digits = zone.find(|c: char| c.is_ascii_digit())?;
    let rest = zone.get(digits..)?;
    let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    zone.get(..digits + length).filter(|region| is_region(region))
}

/// The Region and account of an ARN.
pub(super) fn of_arn(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.split(':').skip(2);
    Some((parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_told_from_zones_and_arns() {
        assert_eq!(region_of_zone("us-east-1a"), Some("us-east-1"));
        assert_eq!(region_of_zone("us-west-2-lax-1a"), Some("us-west-2"));
        assert_eq!(region_of_zone("us-gov-west-1b"), Some("us-gov-west-1"));
        assert_eq!(region_of_zone("use1-az6"), None);
        let arn = "arn:aws:ecs:eu-west-3:111122223333:service/app/web";
        assert_eq!(of_arn(arn), Some(("eu-west-3", "111122223333")));
        assert!(!is_region("front-tg") && !is_region("subnet-1") && !is_account("us-east-1"));
    }
}
