//! A network as sections of bytes: some resources of one kind each, readable without the others.

use super::bytes::{Broken, Reader, Stored, Writer};
use crate::network::*;
use crate::threads;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

/// The most resources of one section.
const ROWS: usize = 4096;

/// Some resources of one kind.
pub(super) struct Section {
    /// The number of the kind.
    pub kind: u8,
    /// How many there are.
    pub rows: usize,
    /// They themselves.
    pub bytes: Vec<u8>,
}

fn section<T: Stored>(kind: u8, rows: &[&T]) -> Section {
    let mut to = Writer::default();
    for row in rows {
        row.put(&mut to);
    }
    Section { kind, rows: rows.len(), bytes: to.bytes }
}

/// Rows, as many at a time as one section has.
fn some<'r, T: 'r>(rows: impl Iterator<Item = &'r T>) -> impl Iterator<Item = Vec<&'r T>> {
    let mut rows = rows.peekable();
    std::iter::from_fn(move || {
        rows.peek()?;
        Some(rows.by_ref().take(ROWS).collect())
    })
}

fn rows<T: Stored>(count: usize, bytes: &[u8]) -> Result<Vec<T>, Broken> {
    let mut from = Reader::new(bytes);
    // Each takes a byte at least.
    let mut rows = Vec::with_capacity(count.min(bytes.len()).min(ROWS));
    for _ in 0..count {
        rows.push(T::take(&mut from)?);
    }
    if from.is_done() { Ok(rows) } else { Err(Broken) }
}

/// What is no resource.
type Rest = (Coverage, (Vec<Gap>, (bool, Vec<String>)));

/// The numbers of the sections that hold it, and resources of kinds that are not modelled.
const REST: u8 = 255;
const OTHERS: u8 = 254;

macro_rules! shelves {
    ($($number:literal $field:ident: $kind:ident,)*) => {
        /// The resources of one section, or what is no resource.
        pub(super) enum Rows {
            $($kind(Vec<$kind>),)*
            Other(Vec<Other>),
            Rest(Box<Rest>),
        }

        /// A network, and the notes of its reading, as sections.
        pub(super) fn sections(
            network: &Network,
            notes: &[String],
            threads: usize,
        ) -> Vec<Section> {
            let Network { $($field,)* others, coverage, assumptions: _, gaps, planned } = network;
            let rest: Rest = (coverage.clone(), (gaps.clone(), (*planned, notes.to_vec())));
            let mut works: Vec<Box<dyn Fn() -> Section + Sync + '_>> = Vec::new();
            $(works.extend(some($field.values()).map(|some| -> Box<dyn Fn() -> Section + Sync> {
                Box::new(move || section($number, &some))
            }));)*
            works.extend(some(others.values()).map(|some| -> Box<dyn Fn() -> Section + Sync> {
                Box::new(move || section(OTHERS, &some))
            }));
            works.push(Box::new(|| section(REST, &[&rest])));
            let sections = threads::each(0..works.len(), threads, |number| {
                Ok::<_, Infallible>(works.get(number).map(|work| work()))
            });
            sections.into_iter().flatten().flatten().collect()
        }

        /// What a section holds.
        pub(super) fn read(kind: u8, count: usize, bytes: &[u8]) -> Result<Rows, Broken> {
            match kind {
                $($number => rows(count, bytes).map(Rows::$kind),)*
                OTHERS => rows(count, bytes).map(Rows::Other),
                REST => rows(count, bytes)?.pop().map(|rest| Rows::Rest(Box::new(rest))).ok_or(Broken),
                _ => Err(Broken),
            }
        }

        /// The network, and the notes, of all sections.
        pub(super) fn whole(
            sections: Vec<Rows>,
            threads: usize,
        ) -> Result<(Network, Vec<String>), Broken> {
            $(let mut $field: Vec<Vec<$kind>> = Vec::new();)*
            let (mut others, mut rest) = (Vec::new(), None);
            for section in sections {
                match section {
                    $(Rows::$kind(rows) => $field.push(rows),)*
                    Rows::Other(rows) => others.extend(rows),
                    Rows::Rest(one) => rest = Some(*one),
                }
            }
            let (coverage, (gaps, (planned, notes))) = rest.ok_or(Broken)?;
            // Each kind is work of its own, done by whoever comes to it.
            let works: Vec<Mutex<Option<Work>>> = vec![$({
                let work: Work = Box::new(move || {
                    let rows = $field.into_iter().flatten().map(|row| (row.id.clone(), row));
                    let $field = Shelf::from(rows.collect::<BTreeMap<_, _>>());
                    Network { $field, ..Network::default() }
                });
                Mutex::new(Some(work))
            }),*];
            let shelved = threads::each(0..works.len(), threads, |number| {
                let work = works.get(number).and_then(|work| threads::locked(work).take());
                work.map(|work| work()).ok_or(Broken)
            })?;
            let mut shelved = shelved.into_iter();
            let network = Network {
                $($field: shelved.next().ok_or(Broken)?.$field,)*
                others: {
                    let key = |row: &Other| (row.kind.clone(), row.id.clone());
                    others.into_iter().map(|row| (key(&row), row)).collect()
                },
                coverage,
                assumptions: Assumptions::default(),
                gaps,
                planned,
            };
            Ok((network, notes))
        }
    };
}

/// Puts the resources of one kind on their shelf, in a network of nothing else.
type Work = Box<dyn FnOnce() -> Network + Send>;

shelves! {
    0 vpcs: Vpc,
    1 subnets: Subnet,
    2 route_tables: RouteTable,
    3 internet_gateways: InternetGateway,
    4 egress_only_gateways: EgressOnlyGateway,
    5 nat_gateways: NatGateway,
    6 vpc_endpoints: VpcEndpoint,
    7 peerings: PeeringConnection,
    8 virtual_private_gateways: VirtualPrivateGateway,
    9 transit_gateways: TransitGateway,
    10 transit_gateway_attachments: TransitGatewayAttachment,
    11 transit_gateway_route_tables: TransitGatewayRouteTable,
    12 firewalls: Firewall,
    13 security_groups: SecurityGroup,
    14 network_acls: NetworkAcl,
    15 prefix_lists: PrefixList,
    16 interfaces: NetworkInterface,
    17 instances: Instance,
    18 load_balancers: LoadBalancer,
    19 target_groups: TargetGroup,
    20 services: Service,
    21 tasks: Task,
    22 task_definitions: TaskDefinition,
    23 clusters: Cluster,
    24 capacity_providers: CapacityProvider,
    25 container_instances: ContainerInstance,
    26 file_systems: FileSystem,
    27 dhcp_options: DhcpOptions,
    28 hosted_zones: HostedZone,
    29 resolver_rules: ResolverRule,
    30 public_access_blocks: PublicAccessBlock,
    31 public_access_exclusions: PublicAccessExclusion,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::describe::{self, Document};
    use proptest::prelude::*;

    fn written() -> Vec<Section> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/captures/nat-per-zone");
        let loaded = crate::read::load(folder).unwrap();
        sections(&loaded.network, &["a note".to_owned()], 1)
    }

    proptest! {
        // As if somebody had made the sums fit.
        #[test]
        fn other_bytes_are_refused_or_read_but_break_nothing(
            section in any::<prop::sample::Index>(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            rows in prop::option::of(any::<usize>()),
            kind in prop::option::of(any::<u8>()),
        ) {
            let mut all = written();
            let index = section.index(all.len());
            let section = &mut all[index];
            for (place, byte) in changes {
                let place = place.index(section.bytes.len());
                section.bytes[place] = byte;
            }
            section.rows = rows.unwrap_or(section.rows);
            section.kind = kind.unwrap_or(section.kind);
            let read: Result<Vec<_>, _> =
                all.iter().map(|one| read(one.kind, one.rows, &one.bytes)).collect();
            drop(read.and_then(|all| whole(all, 1)));
        }
    }

    #[test]
    fn every_kind_is_read_back() {
        let text = r#"{
            "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
            "CarrierGateways": [{"CarrierGatewayId": "cagw-1", "OwnerId": "111122223333"}]
        }"#;
        let loaded = describe::read(&[Document::new("all.json", text)]).unwrap();
        let all = sections(&loaded.network, &loaded.notes, 2);
        let read: Result<Vec<_>, _> =
            all.iter().map(|one| read(one.kind, one.rows, &one.bytes)).collect();
        let (network, notes) = read.and_then(|all| whole(all, 2)).unwrap();
        assert!(network == loaded.network && !network.others.is_empty());
        assert_eq!(notes, loaded.notes);
    }
}
