//! `reach generate`: networks made to order are what they are called, are read as they are written,
//! and are the same for a seed.

use assert_cmd::Command;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use vpc_reach::answer::Verdict;
use vpc_reach::audit::{Audit, By, Ports, Question, audit};
use vpc_reach::doctor::lacks;
use vpc_reach::generate::{Folder, Order, OrderError, Plan, Shape, write_describe, write_scenario};
use vpc_reach::header::{Family, Protocol};
use vpc_reach::network::{Attached, InterfaceRole, Network, NetworkInterface, Peer, SecurityGroup};
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{Loaded, scenario};

const SHAPES: [Shape; 5] = [Shape::Fleet, Shape::NoReuse, Shape::Ipv6, Shape::Overlap, Shape::Deep];

/// A folder in memory.
#[derive(Default, PartialEq, Eq)]
struct Memory(BTreeMap<String, Vec<u8>>);

impl Folder for Memory {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        let file = self.0.entry(path.to_owned()).or_default();
        assert!(file.is_empty(), "{path} is written twice");
        Ok(Box::new(file))
    }
}

fn plan(shape: Shape, vpcs: u32, interfaces: u32, seed: u64) -> Plan {
    Plan::new(Order { shape, vpcs, interfaces, seed }).unwrap()
}

fn files(plan: &Plan) -> Memory {
    let mut memory = Memory::default();
    write_describe(plan, &mut memory).unwrap();
    memory
}

fn text(plan: &Plan) -> String {
    let mut text = Vec::new();
    write_scenario(plan, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn from_describe(plan: &Plan) -> Loaded {
    let documents = files(plan).0.into_iter().map(|(path, bytes)| {
        let (account, rest) = path.split_once('/').unwrap();
        let (region, _) = rest.split_once('/').unwrap();
        let mut document = Document::new(&path, &String::from_utf8(bytes).unwrap());
        document.scope.account = Some(account.into());
        document.scope.region = Some(region.into());
        document
    });
    describe::read(&documents.collect::<Vec<_>>()).unwrap()
}

fn from_scenario(plan: &Plan) -> Loaded {
    scenario::read("net.yaml", &text(plan), &mut |_| panic!("it has no base")).unwrap()
}

/// The interfaces that are asked for: not those of gateways.
fn own(network: &Network) -> impl Iterator<Item = &NetworkInterface> {
    network.interfaces.values().filter(|one| !one.role.is_gateway())
}

fn audited(network: Network) -> Audit {
    let question = Question {
        family: Family::V4,
        protocol: Protocol::Tcp,
        ports: Ports::These(vec![443, 8080, 5432]),
        by: By::Vpc,
        walks: 100_000,
    };
    let world = World::new(network);
    audit(&world.network, &world.graph, &question)
}

#[test]
fn what_is_generated_is_read_without_a_note_and_lacks_nothing() {
    for shape in SHAPES {
        for (vpcs, interfaces) in [(9, 30), (3, 1)] {
            let plan = plan(shape, vpcs, interfaces, 7);
            for loaded in [from_describe(&plan), from_scenario(&plan)] {
                assert_eq!(loaded.notes, Vec::<String>::new(), "{shape}");
                let lacks = lacks(&loaded.network);
                assert!(lacks.is_empty(), "{shape}: {lacks:#?}");
                assert_eq!(own(&loaded.network).count() as u32, vpcs * interfaces, "{shape}");
                assert_eq!(loaded.network.vpcs.len() as u32, vpcs, "{shape}");
            }
        }
    }
}

#[test]
fn a_seed_gives_the_same_bytes_and_another_seed_others() {
    for shape in SHAPES {
        let once = plan(shape, 9, 30, 7);
        assert!(files(&once) == files(&plan(shape, 9, 30, 7)), "{shape}");
        assert_eq!(text(&once), text(&plan(shape, 9, 30, 7)));
        assert!(files(&once) != files(&plan(shape, 9, 30, 8)), "{shape}");
    }
}

/// What a seed gives is part of what was promised to whoever wrote it down.
#[test]
fn a_seed_gives_what_it_gave_before() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/generate/seed-7.yaml");
    assert_eq!(text(&plan(Shape::Fleet, 2, 9, 7)), fs::read_to_string(path).unwrap());
}

#[test]
fn the_scenario_and_the_saved_output_of_one_network_have_the_same_audit() {
    for shape in SHAPES {
        let plan = plan(shape, 9, 30, 7);
        let [one, other] = [from_describe(&plan), from_scenario(&plan)].map(|loaded| {
            let audit = audited(loaded.network);
            // Ids differ.
            let exposed = |port: usize| {
                let all = audit.ports[port].from_internet.iter();
                all.map(|one| (one.address, one.group.clone(), one.sure)).collect::<BTreeSet<_>>()
            };
            let exposed = [exposed(0), exposed(1), exposed(2)];
            let pairs = audit.ports.into_iter().map(|port| (port.port, port.pairs, port.between));
            (audit.interfaces, pairs.collect::<Vec<_>>(), exposed)
        });
        assert_eq!(one, other, "{shape}");
        let (_, pairs, exposed) = one;
        assert!(pairs[0].1.reachable > 0 && pairs[0].1.blocked > 0, "{shape}");
        assert_eq!(pairs[0].1.unknown, 0, "{shape}");
        assert!(!exposed[0].is_empty(), "{shape}");
    }
}

#[test]
fn a_fleet_keeps_prod_and_dev_apart_and_shares_groups() {
    let network = from_describe(&plan(Shape::Fleet, 17, 60, 7)).network;
    let sets: BTreeSet<_> = own(&network).map(|one| &one.groups).collect();
    assert!(sets.len() * 5 < own(&network).count(), "{} sets of groups", sets.len());
    let accounts: BTreeSet<_> =
        network.vpcs.values().map(|vpc| vpc.about.scope.account.clone()).collect();
    assert_eq!(accounts.len(), 9);
    assert!(!network.peerings.is_empty());
    let peered: BTreeSet<BTreeSet<String>> = network
        .peerings
        .values()
        .map(|one| one.ends.iter().map(|end| network.vpcs[&end.vpc].about.name.clone().unwrap()))
        .map(Iterator::collect)
        .collect();
    let audit = audited(network);
    let segment = |name: &str| name.split('-').next().unwrap().to_owned();
    for one in &audit.ports[0].between {
        let ends = BTreeSet::from([one.from.clone(), one.to.clone()]);
        let segments = [segment(&one.from), segment(&one.to)];
        let apart = segments.contains(&"prod".to_owned()) && segments.contains(&"dev".to_owned());
        assert!(!apart || peered.contains(&ends), "{} reaches {}", one.from, one.to);
    }
}

#[test]
fn without_reuse_no_two_interfaces_are_alike() {
    let network = from_describe(&plan(Shape::NoReuse, 9, 60, 7)).network;
    let classes: BTreeSet<_> = own(&network).map(|one| (&one.subnet, &one.groups)).collect();
    assert_eq!(classes.len(), own(&network).count());
    let hosts = |one: &&SecurityGroup| {
        one.ingress.iter().any(|rule| {
            matches!(rule.peer, Peer::Cidr(cidr) if cidr.prefix_len() == cidr.max_prefix_len())
        })
    };
    // All but the interfaces of one load balancer or endpoint, which have the same groups.
    let alone = network.security_groups.values().filter(hosts).count();
    assert!(alone * 4 > own(&network).count() * 3, "{alone} groups admit one host");
}

#[test]
fn a_network_of_ipv6_has_both_families() {
    let network = from_describe(&plan(Shape::Ipv6, 9, 30, 7)).network;
    assert!(network.vpcs.values().all(|vpc| vpc.cidrs.len() == 2));
    let both = own(&network).filter(|one| {
        one.addresses.iter().any(|one| one.address.is_ipv4())
            && one.addresses.iter().any(|one| one.address.is_ipv6())
    });
    assert!(both.count() > 9 * 10);
    assert!(!network.egress_only_gateways.is_empty());
    // Some pair gets there over IPv6, through the transit gateway.
    let world = World::new(network);
    let six = |one: &NetworkInterface| {
        one.addresses
            .iter()
            .map(|one| one.address)
            .find(IpAddr::is_ipv6)
            .map(|to| (one.vpc.clone(), to))
    };
    let targets: Vec<_> = own(&world.network).filter_map(six).collect();
    let mut sources = own(&world.network).filter(|one| one.role == InterfaceRole::Task);
    let reached = sources.any(|source| {
        targets.iter().filter(|(vpc, _)| *vpc != source.vpc).any(|(_, address)| {
            let query = format!("{} -> [{address}]:443", source.id).parse().unwrap();
            world.ask(&query).unwrap().verdict == Verdict::Reachable
        })
    });
    assert!(reached, "nobody reaches anybody elsewhere over IPv6");
}

#[test]
fn overlapping_vpcs_have_the_same_blocks() {
    let network = from_describe(&plan(Shape::Overlap, 12, 10, 7)).network;
    let blocks: BTreeSet<_> = network.vpcs.values().map(|vpc| &vpc.cidrs).collect();
    assert!(blocks.len() * 2 <= network.vpcs.len(), "{} blocks", blocks.len());
    // AWS peers none that overlap.
    for peering in network.peerings.values() {
        let [one, other] = peering.ends.each_ref().map(|end| &network.vpcs[&end.vpc].cidrs);
        assert_ne!(one, other);
    }
}

#[test]
fn a_deep_network_is_crossed_through_all_its_transit_gateways() {
    let network = from_describe(&plan(Shape::Deep, 10, 30, 7)).network;
    assert_eq!(network.transit_gateways.len(), 5);
    let attachments = network.transit_gateway_attachments.values();
    let peered = attachments.filter(|one| matches!(one.attached, Attached::Peer(_)));
    assert_eq!(peered.count(), 4);
    let audit = audited(network);
    let through = |one: &vpc_reach::audit::Between| one.from == "prod-0" && one.to == "prod-9";
    assert!(audit.ports[0].between.iter().any(through), "{:#?}", audit.ports[0].between);
}

#[test]
fn an_order_that_cannot_be_met_is_refused() {
    let order = |shape, vpcs, interfaces| Plan::new(Order { shape, vpcs, interfaces, seed: 1 });
    let refused = |order: Result<Plan, OrderError>| order.unwrap_err();
    assert!(matches!(refused(order(Shape::Deep, 1, 10)), OrderError::TooFewVpcs { least: 2, .. }));
    assert_eq!(refused(order(Shape::Fleet, 1, 0)), OrderError::NoInterfaces);
    let most = 32_752;
    assert_eq!(refused(order(Shape::Fleet, 1, most + 1)), OrderError::TooManyInterfaces { most });
    assert_eq!(refused(order(Shape::Fleet, 300, most)), OrderError::TooManyVpcs { most: 256 });
    // The largest of each is met: every interface has an address of its subnet.
    let plan = order(Shape::Fleet, 1, most).unwrap();
    assert_eq!(own(&from_describe(&plan).network).count() as u32, most);
}

fn reach(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("reach").unwrap();
    let command = command.current_dir(folder).env_remove("REACH_FILE").env("NO_COLOR", "1");
    let output = command.args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_generated_folder_is_one_that_reach_reads() {
    let folder = tempfile::tempdir().unwrap();
    let size = ["generate", "--vpcs", "3", "--interfaces", "12", "--shape", "ipv6"];
    let (code, text, _) = reach(&folder, &[&size[..], &["--out", "net"]].concat());
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("net: 3 VPCs of 12 interfaces, shape ipv6, seed 1; 2 accounts, "),
        "{text}"
    );
    assert!(folder.path().join("net/100000000001/us-east-1/describe-vpcs.json").is_file());
    let (code, text, error) = reach(&folder, &["-f", "net", "audit"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(text.starts_with("tcp 443  1,260 ordered pairs among 36 interfaces\n"), "{text}");
    // A name of YAML makes it a scenario, and so does `--as`.
    let (code, _, _) = reach(&folder, &[&size[..], &["--out", "net.yaml"]].concat());
    assert_eq!(code, Some(0));
    let (_, printed, _) = reach(&folder, &[&size[..], &["--as", "scenario"]].concat());
    assert_eq!(printed, fs::read_to_string(folder.path().join("net.yaml")).unwrap());
}

#[test]
fn nothing_is_generated_into_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("net")).unwrap();
    let generate = ["generate", "--vpcs", "1", "--interfaces", "1", "--out"];
    // An empty folder will do.
    assert_eq!(reach(&folder, &[&generate[..], &["net"]].concat()).0, Some(0));
    let (code, text, error) = reach(&folder, &[&generate[..], &["net"]].concat());
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(error.starts_with("error: net is not empty\nhint: name a folder"), "{error}");
    fs::write(folder.path().join("net.yaml"), "mine").unwrap();
    let (code, _, error) = reach(&folder, &[&generate[..], &["net.yaml"]].concat());
    assert_eq!(code, Some(2));
    assert!(error.starts_with("error: net.yaml is there already\nhint: "), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("net.yaml")).unwrap(), "mine");
}

#[test]
fn an_order_that_is_refused_says_what_would_do() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, wanted) in [
        (&["--out", "net", "--vpcs", "2", "--shape", "overlap"][..], "hint: --vpcs 3\n"),
        (&["--out", "net", "--interfaces", "0"], "hint: --interfaces 1\n"),
        (&["--out", "net", "--vpcs", "20000"], "hint: --vpcs 16384, or fewer --interfaces"),
        (&["--vpcs", "3"], "hint: reach generate --out net\n"),
        (&["--out", "net.yaml", "--vpcs", "200"], "error: a scenario is to be read: 20000"),
    ] {
        let (code, _, error) = reach(&folder, &[&["generate"], arguments].concat());
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(error.contains(wanted), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
