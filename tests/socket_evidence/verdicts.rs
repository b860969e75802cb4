//! The acceptance table (CTR-03), as the load balancer meets it.

use super::{read, sample};
use vpc_reach::answer::{Query, QueryAnswer, Verdict};
use vpc_reach::edit::observe;
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::scenario;

pub const NETWORK: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }
security_groups:
  any: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: all, protocol: all }] }
load_balancers:
  front: { scheme: internal, subnets: [a], security_groups: [any], listeners: { 80: web } }
target_groups: { web: { vpc: app, port: 8002 } }
services:
  web: { subnets: [a], security_groups: [any], task_definition: web, target_group: web }
  elsewhere: { subnets: [b], security_groups: [any], task_definition: web }
tasks:
  running: { subnet: a, address: 10.0.1.18, security_groups: [any], task_definition: web }
interfaces:
  database: { subnet: a, address: 10.0.1.30, security_groups: [any] }
task_definitions:
  web: { containers: { app: { port: 8002, listens: [\"127.0.0.1:8002\", \"0.0.0.0:9000\"] }, sidecar: {} } }
  old: { network_mode: bridge, containers: { app: { port: 80 } } }
";

pub fn network(text: &str) -> Network {
    scenario::read("test.yaml", text, &mut |name| panic!("no base {name}")).unwrap().network
}

/// The network with a dump taken at `place`, and the notes that this gives.
fn seen(place: &str, dump: &str) -> (World, Vec<String>) {
    let mut network = network(NETWORK);
    let notes = observe(&mut network, place, read(dump).listening).unwrap();
    (World::new(network), notes)
}

pub fn ask(world: &World, query: &str) -> QueryAnswer {
    world.ask(&query.parse::<Query>().unwrap()).unwrap()
}

/// The first blocker's code, or else the verdict.
pub fn outcome(world: &World, query: &str) -> String {
    let answer = ask(world, query);
    let blocker = answer.answers.iter().flat_map(|one| &one.blockers).next();
    blocker.map_or(answer.verdict.to_string(), |blocker| blocker.code.to_string())
}

#[test]
fn each_way_to_bind_meets_the_load_balancer_as_the_kernel_would() {
    let (world, _) = seen("web", &sample("ss-ltn.txt"));
    for (port, wanted) in [
        (8001, "LISTENER_ON_LOOPBACK"),
        (8002, "reachable"),
        (8003, "reachable"),
        (8004, "LISTENER_OTHER_FAMILY"),
        (8005, "LISTENER_ON_LOOPBACK"),
        (8006, "LISTENER_ON_LOOPBACK"),
        (8007, "reachable"),
        // CTR-06: that task's own address.
        (8008, "reachable"),
        (8009, "LISTENER_ON_OTHER_ADDRESS"),
        (8010, "reachable"),
        (8011, "LISTENER_ON_LOOPBACK"),
        (8012, "reachable"),
        (8013, "LISTENER_ON_LOOPBACK"),
        (8014, "reachable"),
        (8080, "NOTHING_LISTENS"),
    ] {
        assert_eq!(outcome(&world, &format!("front -> web:{port}")), wanted, "{port}");
    }
}

#[test]
fn where_the_format_cannot_tell_the_answer_is_unknown() {
    // EVD-04
    for name in ["netstat-ltn.txt", "lsof.txt", "proc-net-tcp6.txt"] {
        let (world, _) = seen("web", &sample(name));
        for port in [8003, 8004, 8010] {
            let answer = ask(&world, &format!("front -> web:{port}"));
            assert_eq!(answer.verdict, Verdict::Unknown, "{name} {port}");
            let missing = &answer.answers[0].missing[0].fact;
            assert!(missing.contains("IPV6_V6ONLY"), "{missing}");
        }
    }
}

#[test]
fn an_address_that_is_not_the_tasks_is_another_one() {
    let (world, _) = seen("elsewhere", &sample("ss-ltn.txt"));
    assert_eq!(outcome(&world, "front -> elsewhere:8008"), "LISTENER_ON_OTHER_ADDRESS");
    // The same task definition, and nothing seen of it.
    assert_eq!(outcome(&world, "front -> web:8002"), "LISTENER_ON_LOOPBACK");
}

#[test]
fn what_was_seen_wins_over_what_is_stated_and_the_contradiction_is_told() {
    // EVD-01
    assert_eq!(outcome(&World::new(network(NETWORK)), "front -> web"), "LISTENER_ON_LOOPBACK");
    let (world, notes) = seen("web/app", "LISTEN 0 5 0.0.0.0:8002 0.0.0.0:*");
    let answer = ask(&world, "front -> web");
    assert_eq!(answer.verdict, Verdict::Reachable);
    let last = answer.answers[0].hops.iter().rfind(|hop| hop.what.contains("listens"));
    let location = last.and_then(|hop| hop.location.as_ref()).unwrap();
    assert_eq!(location.to_string(), "dump.txt:1");
    assert_eq!(notes.len(), 1, "{notes:?}");
    for part in ["test.yaml:", "`app`", "127.0.0.1:8002", "dump.txt:1: 0.0.0.0:8002"] {
        assert!(notes[0].contains(part), "{part}: {notes:?}");
    }
    // It shows nothing of port 9000, so there what is stated stands.
    assert_eq!(outcome(&world, "front -> web:9000"), "reachable");
    let (_, notes) = seen("web", "LISTEN 0 5 127.0.0.1:8002 0.0.0.0:*");
    assert_eq!(notes, Vec::<String>::new(), "they agree");
    // A whole dump shows that nothing listens there.
    let (world, notes) = seen("web", &sample("ss-ltn.txt"));
    let answer = ask(&world, "front -> web:9000");
    let blocker = &answer.answers[0].blockers[0];
    assert_eq!(blocker.code.to_string(), "NOTHING_LISTENS");
    let location = blocker.location.as_ref().map(ToString::to_string);
    assert_eq!(location.as_deref(), Some("dump.txt"));
    let told = |note: &String| note.contains("nothing was seen on port 9000");
    assert!(notes.iter().any(told), "{notes:?}");
}

#[test]
fn what_is_seen_in_one_container_holds_for_the_task() {
    // CTR-01, EVD-02
    let (world, _) = seen("web/sidecar", &sample("ss-ltn.txt"));
    assert_eq!(outcome(&world, "front -> web:8002"), "reachable");
}

#[test]
fn a_task_and_an_interface_can_be_named_too() {
    let (world, _) = seen("task/running", &sample("ss-ltn.txt"));
    assert_eq!(outcome(&world, "front -> task/running:8002"), "reachable");
    assert_eq!(outcome(&world, "front -> web:8002"), "LISTENER_ON_LOOPBACK", "only that task");
    let (world, _) = seen("database", "LISTEN 0 5 127.0.0.1:5432 0.0.0.0:*");
    assert_eq!(outcome(&world, "front -> database:5432"), "LISTENER_ON_LOOPBACK");
}

#[test]
fn tcp_sockets_say_nothing_of_udp() {
    // CTR-19
    let (world, _) = seen("web", &sample("ss-ltn.txt"));
    assert_eq!(outcome(&world, "front -> web:5353/udp"), "reachable");
    assert_eq!(outcome(&world, "front -> web:5353"), "NOTHING_LISTENS");
}

#[test]
fn udp_sockets_meet_udp_and_say_nothing_of_tcp() {
    // CTR-19
    let (world, _) = seen("web", &sample("ss-lun.txt"));
    for (port, wanted) in [
        ("5353/udp", "reachable"),
        ("5354/udp", "LISTENER_ON_LOOPBACK"),
        ("5355/udp", "NOTHING_LISTENS"),
        // As it is stated.
        ("8002", "LISTENER_ON_LOOPBACK"),
    ] {
        assert_eq!(outcome(&world, &format!("front -> web:{port}")), wanted, "{port}");
    }
}

#[test]
fn several_dumps_of_one_service_add_up() {
    let mut network = network(NETWORK);
    for row in ["LISTEN 0 5 0.0.0.0:1001 0.0.0.0:*", "LISTEN 0 5 127.0.0.1:1002 0.0.0.0:*"] {
        observe(&mut network, "web", read(row).listening).unwrap();
    }
    let world = World::new(network);
    assert_eq!(outcome(&world, "front -> web:1001"), "reachable");
    assert_eq!(outcome(&world, "front -> web:1002"), "LISTENER_ON_LOOPBACK");
}

#[test]
fn a_place_that_is_not_there_is_an_error_with_a_hint() {
    let text = format!("{NETWORK}  ") + "\n";
    let text =
        text.replace("tasks:\n", "  legacy: { launch_type: EC2, task_definition: old }\ntasks:\n");
    for (place, message, hint) in [
        ("wbe", "nothing here is called `wbe`", "did you mean web?"),
        (
            "zzz/app",
            "nothing here is called `zzz`",
            "name the ECS service, the task or the network interface that it was taken in",
        ),
        ("web/ap", "`web` has no container `ap`", "did you mean `app`?"),
        ("web/zzz", "`web` has no container `zzz`", "it has app, sidecar"),
        (
            "legacy",
            "`legacy` runs in network mode `bridge`",
            "what listens is followed in `awsvpc` tasks only",
        ),
    ] {
        let mut network = network(&text);
        let error = observe(&mut network, place, read(&sample("ss-ltn.txt")).listening);
        let error = error.unwrap_err();
        assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, Some(hint)));
    }
}
