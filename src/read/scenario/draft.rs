//! The network as far as it has been read.

use super::entry::Entry;
use super::names::Names;
use super::node::Fields;
use crate::edit::Edit;
use crate::models;
use crate::network::{
    About, At, Kind, Network, NetworkAcl, NetworkAclId, PrefixList, PrefixListId, Resource,
    RouteTable, RouteTableId, Scope, SecurityGroupId, Subnet, SubnetId, Tags, VpcEndpointId, VpcId,
};
use crate::read::ReadError;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// What the file states, on top of its base.
pub(super) struct Draft {
    pub base: Network,
    /// Everything that is added or replaced.
    pub put: Network,
    /// Everything that is removed.
    pub remove: Vec<(Kind, String, At)>,
    pub names: Names,
    pub region: String,
    pub account: String,
    /// Whether what AWS adds by itself is added, and what is left out is as AWS makes it; else
    /// what is left out is not there, or not known.
    pub implied: bool,
    /// What the entry that is being read says of itself.
    pub entry: Option<Stated>,
    /// Public addresses that something of the file has.
    pub public_taken: BTreeSet<Ipv4Addr>,
    /// Endpoints that leave `private_dns_only_for_inbound_resolver` to its default.
    pub inbound_resolver_unstated: Vec<VpcEndpointId>,
}

/// What an entry says of itself, whatever its kind.
#[derive(Default)]
pub(super) struct Stated {
    /// Its owner.
    pub scope: Scope,
    /// Its name, where it states one.
    pub name: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Draft {
    pub(super) fn about(&self, at: &At) -> About {
        About { scope: self.scope(), at: Some(at.clone()), ..About::default() }
    }

    /// For a resource that the author named. One of the base keeps its id, and is still called by
    /// the name that was used for it.
    pub(super) fn about_named(&self, at: &At, name: &str, id: &str) -> About {
        let stated = self.entry.as_ref().and_then(|entry| entry.name.clone());
        let name = stated.or_else(|| (name != id).then(|| name.to_owned()));
        let tags = self.entry.as_ref().map(|entry| entry.tags.clone()).unwrap_or_default();
        About { name, tags, ..self.about(at) }
    }

    fn scope(&self) -> Scope {
        if let Some(entry) = &self.entry {
            return entry.scope.clone();
        }
        self.file_scope()
    }

    /// The account and Region of the file.
    fn file_scope(&self) -> Scope {
        let (account, region) = (self.account.as_str().into(), self.region.as_str().into());
        Scope { account: Some(account), region: Some(region) }
    }

    /// From here on, what is read belongs to this entry: its owner is the stated one, else that
    /// of its VPC, else the file's.
    pub(super) fn begin_entry(&mut self, entry: &Entry<'_>) {
        self.entry = None;
        let home = match entry.vpc(self) {
            Some(vpc) => self.scope_of_vpc(&vpc),
            None => self.scope(),
        };
        let owner = entry.owner.clone();
        let scope = Scope {
            account: owner.account.unwrap_or(home.account),
            region: owner.region.unwrap_or(home.region),
        };
        self.entry = Some(Stated { scope, name: entry.name.clone(), tags: entry.tags.clone() });
    }

    /// From here on, what is read belongs to no entry.
    pub(super) fn end_entry(&mut self) {
        self.entry = None;
    }

    /// What is left out: as AWS makes it, or not known.
    pub(super) fn or_implied<T>(&self, stated: Option<T>, usual: T) -> Option<T> {
        stated.or_else(|| self.implied.then_some(usual))
    }

    /// The account and Region of a VPC.
    pub(super) fn scope_of_vpc(&self, id: &VpcId) -> Scope {
        let vpc = self.put.vpcs.get(id).or_else(|| self.base.vpcs.get(id));
        vpc.map_or_else(|| self.scope(), |vpc| vpc.about.scope.clone())
    }

    pub(super) fn subnet(&self, id: &SubnetId) -> Option<&Subnet> {
        self.put.subnets.get(id).or_else(|| self.base.subnets.get(id))
    }

    /// The subnet under `subnet`, with its VPC.
    pub(super) fn need_subnet(&self, fields: &Fields<'_>) -> Result<(SubnetId, VpcId), ReadError> {
        let node = fields.need("subnet")?;
        let id: SubnetId = self.names.need(Kind::Subnet, node, &fields.name("subnet"))?;
        match self.stated_vpc(fields)?.or_else(|| Some(self.subnet(&id)?.vpc.clone())) {
            Some(vpc) => Ok((id, vpc)),
            None => Err(self.names.dangling(&[Kind::Subnet], node, id.as_str())),
        }
    }

    /// The VPC under `vpc`.
    pub(super) fn stated_vpc(&self, fields: &Fields<'_>) -> Result<Option<VpcId>, ReadError> {
        let node = fields.get("vpc");
        node.map(|node| self.names.need(Kind::Vpc, node, &fields.name("vpc"))).transpose()
    }

    /// The subnets under `subnets`: some, in a file in which what is left out is implied.
    pub(super) fn subnets(&self, fields: &Fields<'_>) -> Result<Vec<SubnetId>, ReadError> {
        let ids: Vec<SubnetId> =
            self.names.need_all(Kind::Subnet, fields.list("subnets")?, &fields.name("subnets"))?;
        match ids.is_empty() && self.implied {
            true => {
                fields.need("subnets")?;
                Err(no_subnet(fields))
            }
            false => Ok(ids),
        }
    }

    /// The subnets under `subnets`, with the VPC of the first.
    pub(super) fn need_subnets(
        &self,
        fields: &Fields<'_>,
    ) -> Result<(Vec<SubnetId>, VpcId), ReadError> {
        let ids = self.subnets(fields)?;
        let first = ids.first().and_then(|id| self.subnet(id));
        match self.stated_vpc(fields)?.or_else(|| first.map(|subnet| subnet.vpc.clone())) {
            Some(vpc) => Ok((ids, vpc)),
            None => Err(no_subnet(fields)),
        }
    }

    /// A route table, to be changed.
    pub(super) fn route_table(&mut self, id: &RouteTableId) -> Option<&mut RouteTable> {
        if !self.put.route_tables.contains_key(id) {
            let table = self.base.route_tables.get(id)?.clone();
            self.put.insert(table);
        }
        self.put.route_tables.get_mut(id)
    }

    /// A network ACL, to be changed.
    pub(super) fn network_acl(&mut self, id: &NetworkAclId) -> Option<&mut NetworkAcl> {
        if !self.put.network_acls.contains_key(id) {
            let acl = self.base.network_acls.get(id)?.clone();
            self.put.insert(acl);
        }
        self.put.network_acls.get_mut(id)
    }

    /// The groups under `security_groups`; where none is stated, the VPC's default one (SG-17).
    pub(super) fn groups(
        &self,
        fields: &Fields<'_>,
        vpc: &VpcId,
    ) -> Result<BTreeSet<SecurityGroupId>, ReadError> {
        let groups = self.stated_groups(fields)?;
        Ok(match groups.is_empty() && self.implied {
            true => self.default_group(vpc).into_iter().collect(),
            false => groups,
        })
    }

    /// The groups under `security_groups`.
    pub(super) fn stated_groups(
        &self,
        fields: &Fields<'_>,
    ) -> Result<BTreeSet<SecurityGroupId>, ReadError> {
        let nodes = fields.list("security_groups")?;
        self.names.need_all(Kind::SecurityGroup, nodes, &fields.name("security_groups"))
    }

    /// The default group of a VPC: AWS calls it `default`.
    pub(super) fn default_group(&self, vpc: &VpcId) -> Option<SecurityGroupId> {
        let groups = self.put.security_groups.values().chain(self.base.security_groups.values());
        groups
            .filter(|group| group.vpc == *vpc && group.label() == "default")
            .map(|group| group.id.clone())
            .next()
    }

    /// AWS's own prefix list of a service. Nobody can list its entries unless they are stated.
    pub(super) fn aws_prefix_list(&mut self, service: &str) -> PrefixListId {
        let lists = self.put.prefix_lists.values().chain(self.base.prefix_lists.values());
        if let Some(list) = lists.into_iter().find(|list| list.label() == service) {
            return list.id.clone();
        }
        let id = aws_prefix_list_id(service);
        let name = Some(service.to_owned());
        let about = About { name, scope: self.file_scope(), ..About::default() };
        self.put.insert(PrefixList { id: id.clone(), about, entries: None });
        id
    }

    /// The full name of the AWS prefix list that `text` names: `s3`, `pl-s3`, or the full name.
    pub(super) fn aws_list_name(&self, text: &str) -> Option<String> {
        if text.starts_with("com.amazonaws.") || text.starts_with("cn.com.amazonaws.") {
            return Some(text.to_owned());
        }
        let service = models::service(text.strip_prefix("pl-").unwrap_or(text))?;
        service.has_gateway_endpoint.then(|| service.endpoint_name(&self.region))
    }

    /// Whether a VPC has an IPv6 block.
    pub(super) fn has_ipv6(&self, vpc: &VpcId) -> bool {
        let vpc = self.put.vpcs.get(vpc).or_else(|| self.base.vpcs.get(vpc));
        vpc.is_some_and(|vpc| vpc.cidrs.iter().any(|cidr| matches!(cidr, ipnet::IpNet::V6(_))))
    }

    /// What the file changes.
    pub(super) fn into_edits(self) -> (Network, Vec<Edit>, Vec<(Kind, String, At)>) {
        (self.base, self.put.into_resources().map(Edit::put).collect(), self.remove)
    }
}

fn no_subnet(fields: &Fields<'_>) -> ReadError {
    ReadError::at(fields.at(), format!("{} has no subnet", fields.what()))
        .hint("name at least one under `subnets`")
}

/// Whether a list that is called `key` and states no id has this one.
pub(super) fn stands_for_list(key: &str, id: &str) -> bool {
    aws_prefix_list_id(key).as_str() == id
}

/// The id that stands for an AWS prefix list: `pl-s3`.
pub(super) fn aws_prefix_list_id(full_name: &str) -> PrefixListId {
    let short = models::service(full_name).map_or(full_name, |service| service.name);
    format!("pl-{short}").into()
}
