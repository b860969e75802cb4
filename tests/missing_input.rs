//! A call that was not made never becomes a verdict: what depends on it is unknown, and the answer
//! names the AWS command that would settle it. What does not depend on it stays proven.

use std::fs;
use std::path::Path;
use vpc_reach::answer::{Query, QueryAnswer, Verdict};
use vpc_reach::query::World;
use vpc_reach::read;

/// A copy of one of our captures without the files whose names begin so.
fn without(capture: &str, left_out: &[&str]) -> World {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(capture);
    let folder = tempfile::tempdir().unwrap();
    let mut left = 0;
    for entry in fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if left_out.iter().any(|start| name.starts_with(start)) {
            left += 1;
        } else {
            fs::copy(&path, folder.path().join(name)).unwrap();
        }
    }
    assert!(left >= left_out.len(), "{left_out:?}: nothing to leave out");
    World::new(read::load(&folder.path().display().to_string()).unwrap().network)
}

fn ask(world: &World, query: &str) -> QueryAnswer {
    world.ask(&query.parse::<Query>().unwrap()).unwrap()
}

fn commands(answer: &QueryAnswer) -> Vec<String> {
    let missing = answer.answers.iter().flat_map(|one| &one.missing);
    missing.filter_map(|missing| missing.command.clone()).collect()
}

#[test]
fn each_call_left_out_is_named_by_what_depends_on_it() {
    let cases = [
        ("describe-route-tables", "ecr.dkr", "aws ec2 describe-route-tables"),
        ("describe-network-acls", "ecr.dkr", "aws ec2 describe-network-acls"),
        ("describe-security-groups", "ecr.dkr", "aws ec2 describe-security-groups"),
        ("describe-nat-gateways", "ecr.dkr", "aws ec2 describe-nat-gateways"),
        ("describe-internet-gateways", "ecr.dkr", "aws ec2 describe-internet-gateways"),
        ("describe-vpc-endpoints", "ecr.dkr", "aws ec2 describe-vpc-endpoints"),
        ("describe-vpc-endpoints", "s3", "aws ec2 describe-vpc-endpoints"),
        ("describe-vpc-attribute", "ecr.dkr", "aws ec2 describe-vpc-attribute --vpc-id vpc-"),
        ("describe-dhcp-options", "ecr.dkr", "aws ec2 describe-dhcp-options"),
        ("list-hosted-zones", "ecr.dkr", "aws route53 list-hosted-zones"),
    ];
    for (left_out, service, command) in cases {
        let world = without("nat-per-zone", &[left_out]);
        let answer = ask(&world, &format!("task-eni -> {service}"));
        assert_eq!(answer.verdict, Verdict::Unknown, "{left_out}: {:#?}", answer.answers);
        let named = commands(&answer);
        assert!(named.iter().any(|one| one.starts_with(command)), "{left_out}: {named:?}");
    }
}

/// PLC-01: ECS may place tasks in any of a service's subnets, in those that the input lacks, too.
#[test]
fn a_subnet_that_is_named_and_not_held_leaves_its_placements_open() {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/nat-per-zone");
    let mut network = read::load(&from.display().to_string()).unwrap().network;
    let whole = World::new(network.clone());
    assert_eq!(ask(&whole, "task-eni -> ecr.dkr").verdict, Verdict::Reachable);
    let used = network.services.values().flat_map(|service| service.subnets.clone());
    let gone = used.last().unwrap();
    network.subnets.remove(gone.as_str());
    let part = World::new(network);
    let fact = format!("subnet {gone}, one of those of service ");
    for query in ["task-eni -> ecr.dkr", "alb -> task-eni"] {
        let answer = ask(&part, query);
        let missing: Vec<&str> =
            answer.answers.iter().flat_map(|one| &one.missing).map(|one| &*one.fact).collect();
        assert_eq!(answer.verdict, Verdict::Unknown, "{query}: {missing:?}");
        assert!(missing.iter().any(|one| one.starts_with(&fact)), "{query}: {missing:?}");
        assert!(commands(&answer).iter().any(|one| one.starts_with("aws ec2 describe-subnets")));
        // What is known of the others stays proven.
        assert!(answer.answers.iter().any(|one| one.verdict == Verdict::Reachable), "{query}");
    }
}

#[test]
fn what_does_not_depend_on_a_call_stays_proven() {
    // The S3 gateway endpoint needs no NAT gateway; a leg of the load balancer needs no names.
    let world = without("nat-per-zone", &["describe-nat-gateways"]);
    assert_eq!(ask(&world, "task-eni -> s3").verdict, Verdict::Reachable);
    let world = without(
        "nat-per-zone",
        &["describe-vpc-attribute", "list-hosted-zones", "describe-dhcp-options"],
    );
    assert_eq!(ask(&world, "alb -> task-eni").verdict, Verdict::Reachable);
}

#[test]
fn what_is_optional_is_an_assumption_that_the_answer_prints() {
    let left_out = ["describe-vpc-block-public-access-options", "list-resolver-rules"];
    let answer = ask(&without("nat-per-zone", &left_out), "task-eni -> ecr.dkr");
    assert_eq!(answer.verdict, Verdict::Reachable);
    let names: Vec<&str> = answer.answers[0].assumptions.iter().map(|one| &*one.name).collect();
    assert_eq!(
        names,
        ["BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED", "NO_RESOLVER_RULES_WHEN_NOT_CAPTURED"]
    );
}

#[test]
fn a_block_that_no_path_needs_is_found_although_other_facts_are_missing() {
    // No endpoint for ecr.dkr and no route: blocked whatever the ACLs would say.
    let world = without("isolated-without-dkr", &["get-managed-prefix-list-entries"]);
    assert_eq!(ask(&world, "jobs -> ecr.dkr").verdict, Verdict::Blocked);
}
