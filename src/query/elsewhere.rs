//! File systems as the ones that are asked.

use super::client::Client;
use super::server::{Port, Server, in_no_vpc, location, nowhere};
use super::{AskError, World};
use crate::answer::{Blocker, Code, Direction, Failure, Missing, ResourceRef, RuleId};
use crate::models;
use crate::network::{Coverage, FileSystem, Kind, MountTarget, Resource, Subnet, Vpc, Zone};
use crate::resolve::{Outside, Resolution, Resolved};

/// The port of NFS, on which EFS is mounted (VOL-01).
pub(super) const NFS: u16 = 2_049;

impl World {
    /// VOL-01: the mount target of a file system in the client's zone.
    pub(super) fn mount_targets(
        &self,
        client: &Client,
        id: &str,
        port: Port,
    ) -> Result<Vec<Server>, AskError> {
        let own = client.end.subnet.as_ref().and_then(|one| self.network.subnets.get(&*one.id));
        let vpc = client.vpc.as_ref().and_then(|id| self.network.vpcs.get(id));
        let (Some(own), Some(vpc)) = (own, vpc) else {
            return Err(in_no_vpc(client, id));
        };
        let found = self.network.file_systems.values();
        let system = found.into_iter().find(|one| one.id.as_str() == id || one.label() == id);
        let name = system.map(Resource::label);
        let resource = ResourceRef::new(
            Kind::FileSystem.word(),
            system.map_or(id, |one| one.id.as_str()),
            name,
        );
        let scope = &vpc.about.scope;
        let region = scope.region.as_deref().unwrap_or("<region>");
        let host = format!("{id}.efs.{region}.{}", models::dns_suffix(region));
        let resolutions = self.lookup(client, vpc, &host, Outside::Set(&host));
        let mut resolutions = resolutions.to_vec();
        let is_public = |one: &Resolution| matches!(one.resolved, Resolved::Public { .. });
        if !resolutions.iter().any(is_public) {
            return self.resolved(client, vpc, &resource, port, &resolutions);
        }
        let Some(system) = system else {
            let mut server = nowhere(resource, port);
            server.missing = Some(self.mount_targets_of(id));
            return Ok(vec![server]);
        };
        let here = |one: &&MountTarget| {
            let subnet = self.network.subnets.get(&one.subnet);
            subnet.is_some_and(|subnet| same_zone(&subnet.zone, &own.zone))
        };
        let targets: Vec<&MountTarget> = system.mount_targets.iter().filter(here).collect();
        if targets.is_empty() {
            return Ok(vec![self.no_target(system, own, vpc, resource, port)]);
        }
        for resolution in resolutions.iter_mut().filter(|one| is_public(one)) {
            resolution.resolved = Resolved::Interfaces(
                targets.iter().filter_map(|one| one.interface.clone()).collect(),
            );
            resolution.name.what = format!("the mount target in {}", own.zone);
            resolution.name.rule = RuleId::new("VOL-01");
        }
        let mut servers = self.resolved(client, vpc, &resource, port, &resolutions)?;
        let waiting = targets
            .iter()
            .find(|one| !one.state.is_empty() && !one.state.eq_ignore_ascii_case("available"));
        if let Some(target) = waiting {
            for server in &mut servers {
                server.missing = Some(Missing {
                    fact: format!(
                        "the mount target of {id} in {} in its final state: it is {}",
                        own.zone, target.state
                    ),
                    command: None,
                });
            }
        }
        if servers.is_empty() {
            let mut server = nowhere(resource, port);
            server.missing = Some(self.mount_targets_of(id));
            servers.push(server);
        }
        Ok(servers)
    }

    fn mount_targets_of(&self, id: &str) -> Missing {
        let captured = self.network.coverage != Coverage::Stated;
        let call = models::call(Kind::FileSystem.word()).filter(|_| captured);
        Missing {
            fact: format!("the mount targets of EFS file system {id}"),
            command: call.map(|call| call.command.replace("<file-system-id>", id)),
        }
    }

    fn no_target(
        &self,
        system: &FileSystem,
        own: &Subnet,
        vpc: &Vpc,
        resource: ResourceRef,
        port: Port,
    ) -> Server {
        let mut server = nowhere(resource.clone(), port);
        // A target in a subnet that is not in the input may be in this zone.
        let all = system.mount_targets.iter();
        let known = all.into_iter().all(|one| self.network.subnets.contains_key(&one.subnet));
        if !known {
            server.missing = Some(Missing {
                fact: format!(
                    "the subnets of the mount targets of {} (for vpc {})",
                    system.label(),
                    vpc.label()
                ),
                command: models::call(Kind::Subnet.word()).map(|call| call.command.to_owned()),
            });
            return server;
        }
        server.blockers.push(Blocker {
            direction: Direction::Forward,
            code: Code::new("EFS_NO_MOUNT_TARGET_IN_ZONE"),
            resource,
            what: format!(
                "has no mount target in {}, so its name gives no address there",
                own.zone
            ),
            rule: RuleId::new("VOL-01"),
            location: location(system),
            failure: Failure::NoName,
            symptom: None,
        });
        server
    }
}

/// Zones are compared by name where both have one, else by id (SH-01).
fn same_zone(one: &Zone, other: &Zone) -> bool {
    match (&one.name, &other.name) {
        (Some(one), Some(other)) => one == other,
        _ => one.id.is_some() && one.id == other.id,
    }
}
