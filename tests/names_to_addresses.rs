//! What a service's name leads to from inside a VPC, and what that does to the verdict.

use vpc_reach::answer::{Answer, Failure, Query, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

/// An isolated subnet with one endpoint; `@vpc` and `@endpoint` are filled in.
const NETWORK: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 @vpc } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b }
security_groups:
  task: { vpc: app, egress: [{ to: 0.0.0.0/0, port: 443 }] }
  endpoints: { vpc: app, ingress: [{ from: @from, port: 443 }] }
endpoints:
  logs: { service: logs, subnets: [a, b], security_groups: [endpoints] @endpoint }
services:
  web: { subnets: [a], security_groups: [task] }
";

fn ask(vpc: &str, endpoint: &str, from: &str, query: &str) -> Answer {
    let text = NETWORK.replace("@vpc", vpc).replace("@endpoint", endpoint).replace("@from", from);
    let loaded = scenario::read("test.yaml", &text, &mut |name| panic!("no base {name}")).unwrap();
    let mut answer = World::new(loaded.network).ask(&query.parse::<Query>().unwrap()).unwrap();
    assert_eq!(answer.answers.len(), 1, "{:#?}", answer.answers);
    answer.answers.remove(0)
}

fn logs(vpc: &str, endpoint: &str) -> Answer {
    ask(vpc, endpoint, "task", "web -> logs")
}

fn first_code(answer: &Answer) -> &str {
    answer.blockers.first().map_or("none", |blocker| &blocker.code.0)
}

// IE-01, IE-06
#[test]
fn private_dns_leads_the_name_to_every_interface_of_the_endpoint() {
    let answer = logs("", "");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    assert!(answer.destination.addresses.contains("10.0.1."), "{}", answer.destination.addresses);
    assert!(answer.destination.addresses.contains("10.0.2."), "{}", answer.destination.addresses);
}

// IE-06
#[test]
fn without_private_dns_the_name_goes_public_and_the_answer_says_why() {
    let answer = logs("", ", private_dns: false");
    assert_eq!(
        (answer.verdict, first_code(&answer)),
        (Verdict::Blocked, "NO_ROUTE_TO_DESTINATION")
    );
    assert!(answer.findings.iter().any(|finding| finding.code.0 == "ENDPOINT_PRIVATE_DNS_OFF"));
}

// IE-06: private DNS needs both attributes of the VPC.
#[test]
fn without_dns_hostnames_private_dns_does_not_work() {
    let answer = logs(", enable_dns_hostnames: false", "");
    assert_eq!(
        (answer.verdict, first_code(&answer)),
        (Verdict::Blocked, "NO_ROUTE_TO_DESTINATION")
    );
    assert!(answer.findings[0].text.contains("enableDnsHostnames"));
}

// DN-02
#[test]
fn without_dns_support_no_name_resolves() {
    let answer = logs(", enable_dns_support: false", "");
    assert_eq!((answer.verdict, answer.failure), (Verdict::Blocked, Some(Failure::NoName)));
    assert_eq!(first_code(&answer), "VPC_DNS_SUPPORT_OFF");
}

// §7: only an available endpoint carries traffic; one that is pending may yet.
#[test]
fn an_endpoint_that_is_not_available_does_not_answer() {
    assert_eq!(logs("", ", state: failed").verdict, Verdict::Blocked);
    let pending = logs("", ", state: pendingAcceptance");
    assert_eq!(pending.verdict, Verdict::Unknown, "{pending:#?}");
}

// IE-02
#[test]
fn an_endpoint_group_that_admits_part_of_a_subnet_makes_it_intermittent() {
    let answer = ask("", "", "10.0.1.0/25", "web -> logs");
    assert_eq!(
        (answer.verdict, first_code(&answer)),
        (Verdict::Intermittent, "ENI_SG_RULES_MISMATCH")
    );
    assert!(
        answer.fails_for[0].contains("10.0.1.128/25") || answer.fails_for[0].contains("10.0.1.128"),
        "{:?}",
        answer.fails_for
    );
}

// IE-10, SEC-05: an endpoint serves its own Region only.
#[test]
fn an_endpoint_does_not_answer_for_another_region() {
    let answer = ask("", "", "task", "web -> logs.eu-west-1.amazonaws.com");
    assert_eq!(
        (answer.verdict, first_code(&answer)),
        (Verdict::Blocked, "NO_ROUTE_TO_DESTINATION")
    );
}

// PW-06, DN-03
#[test]
fn the_vpc_resolver_answers_whatever_groups_say() {
    for resolver in ["10.0.0.2:53/udp", "169.254.169.253:53/udp"] {
        let answer = ask("", "", "task", &format!("web -> {resolver}"));
        assert_eq!(answer.verdict, Verdict::Reachable, "{resolver}");
    }
}
