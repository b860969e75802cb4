//! An answer as a person reads it.

use vpc_reach::answer::{
    Answer, Assumption, Blocker, Code, Direction, End, Failure, Finding, Hop, Location, Missing,
    NameAnswer, QueryAnswer, ResourceRef, RuleId, Verdict,
};
use vpc_reach::report::{Paint, Style, text};

fn resource(kind: &'static str, name: &str) -> ResourceRef {
    ResourceRef::new(kind, name, None)
}

fn line(line: u32) -> Option<Location> {
    Some(Location { file: "reach.yaml".to_owned(), line: Some(line), column: None })
}

fn hop(kind: &'static str, name: &str, what: &str, at: u32) -> Hop {
    let rule = RuleId::new("PW-01");
    Hop { resource: resource(kind, name), what: what.to_owned(), rule, location: line(at) }
}

fn blocker(
    direction: Direction,
    code: &'static str,
    at: (&'static str, &str, u32),
    what: &str,
    failure: Failure,
) -> Blocker {
    Blocker {
        direction,
        code: Code::new(code),
        resource: resource(at.0, at.1),
        what: what.to_owned(),
        rule: RuleId::new("RT-12"),
        location: line(at.2),
        failure,
        symptom: None,
    }
}

/// From service `web` in a subnet to a service's public side; nothing decided yet.
fn answer(subnet: &str, addresses: &str) -> Answer {
    Answer {
        source: End {
            resource: resource("service", "web"),
            subnet: Some(resource("subnet", subnet)),
            addresses: addresses.to_owned(),
            port: None,
        },
        destination: End {
            resource: resource("service", "ecr.dkr"),
            subnet: None,
            addresses: "public addresses of ecr.dkr".to_owned(),
            port: Some(443),
        },
        name: None,
        verdict: Verdict::Reachable,
        failure: None,
        hops: vec![
            hop("eni", "web", "", 30),
            hop("security-group", "task", "allows tcp 443 to 0.0.0.0/0", 21),
            hop("subnet", subnet, "", 6),
        ],
        return_hops: Vec::new(),
        blockers: Vec::new(),
        missing: Vec::new(),
        findings: Vec::new(),
        assumptions: Vec::new(),
        fails_for: Vec::new(),
    }
}

fn reachable(subnet: &str, addresses: &str) -> Answer {
    let mut answer = answer(subnet, addresses);
    answer.hops.extend([
        hop("route-table", "private", "sends 0.0.0.0/0 to nat-a", 14),
        hop("nat-gateway", "nat-a", "", 12),
        hop("route-table", "public", "sends 0.0.0.0/0 to igw", 15),
        hop("internet-gateway", "igw", "", 11),
        hop("service", "ecr.dkr", "", 0),
    ]);
    answer.return_hops = vec![hop("network-acl", "main", "allows tcp 1024-65535 in", 40)];
    answer
}

fn blocked(subnet: &str, addresses: &str) -> Answer {
    let mut answer = answer(subnet, addresses);
    answer.verdict = Verdict::Blocked;
    answer.failure = Some(Failure::Dropped);
    answer.blockers = vec![blocker(
        Direction::Forward,
        "NO_ROUTE_TO_DESTINATION",
        ("route-table", "private", 14),
        "has no route for it",
        Failure::Dropped,
    )];
    answer
}

fn told(verdict: Verdict, answers: Vec<Answer>) -> String {
    let query = "task-eni -> ecr.dkr:443".to_owned();
    text(&QueryAnswer { query, verdict, answers }, &Style::default())
}

#[track_caller]
fn reads(text: &str, expected: &str) {
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_reachable_answer_is_short() {
    reads(
        &told(Verdict::Reachable, vec![reachable("private-a", "10.0.1.4")]),
        "\
reachable  service/web in private-a → ecr.dkr:443   through nat-a and igw

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0 · rtb private sends 0.0.0.0/0 to nat-a
            rtb public sends 0.0.0.0/0 to igw
  back    ✓ acl main allows tcp 1024-65535 in
",
    );
}

#[test]
fn a_blocked_answer_shows_where_why_and_what_to_do() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.name = Some(NameAnswer {
        name: "111122223333.dkr.ecr.us-east-1.amazonaws.com".to_owned(),
        what:
            "public addresses, because vpc app has no endpoint for com.amazonaws.us-east-1.ecr.dkr"
                .to_owned(),
        rule: RuleId::new("IE-06"),
    });
    answer.blockers[0].symptom = Some("CannotPullContainerError: … i/o timeout".to_owned());
    answer.findings = vec![Finding {
        code: Code::new("NOTE"),
        text: "the endpoint policy is not read".to_owned(),
    }];
    answer.assumptions = vec![Assumption {
        name: "ROUTER_SENDS_NO_ICMP".into(),
        value: "true".into(),
        rule: RuleId::new("PW-11"),
    }];
    reads(
        &told(Verdict::Blocked, vec![answer]),
        "\
blocked  service/web in private-a → ecr.dkr:443   dropped: rtb private has no route for it

  web ─ sg task ─ private-a ─ rtb private ─╳─ ecr.dkr

  name    111122223333.dkr.ecr.us-east-1.amazonaws.com → public addresses, because vpc app has no
          endpoint for com.amazonaws.us-east-1.ecr.dkr
  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   reach.yaml:21
          ✗ rtb private has no route for it       reach.yaml:14   NO_ROUTE_TO_DESTINATION (RT-12)
  shows   CannotPullContainerError: … i/o timeout
  fix     Add a default route to a NAT gateway (in a public subnet: to the internet gateway), or an
          endpoint for the service.
  note    the endpoint policy is not read
  assumes ROUTER_SENDS_NO_ICMP = true (PW-11): The VPC router drops silently, so the client times
          out; if it sends ICMP, the client fails at once. The verdict is the same.
",
    );
}

#[test]
fn two_blockers_are_both_told_and_both_have_a_fix() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.hops.remove(1);
    answer.hops.pop();
    answer.blockers.insert(
        0,
        blocker(
            Direction::Forward,
            "ENI_SG_RULES_MISMATCH",
            ("security-group", "task", 21),
            "allows nothing to it on tcp 443",
            Failure::Dropped,
        ),
    );
    reads(&told(Verdict::Blocked, vec![answer]), "\
blocked  service/web in private-a → ecr.dkr:443   dropped: sg task allows nothing to it on tcp 443 (first of 2)

  web ─ sg task ─╳─ ecr.dkr

  out     ✗ sg task allows nothing to it on tcp 443   reach.yaml:21   ENI_SG_RULES_MISMATCH (RT-12)
          ✗ rtb private has no route for it           reach.yaml:14   NO_ROUTE_TO_DESTINATION (RT-12)
  shows   the connection times out
  fix     sg task: Add a rule to one of the interface's groups: outbound to the destination at the
          client, inbound from the client at the server.
          rtb private: Add a default route to a NAT gateway (in a public subnet: to the internet
          gateway), or an endpoint for the service.
");
}

#[test]
fn a_lost_reply_shows_the_way_back() {
    let mut answer = reachable("private-a", "10.0.1.4");
    answer.verdict = Verdict::Blocked;
    answer.failure = Some(Failure::Dropped);
    answer.return_hops =
        vec![hop("internet-gateway", "igw", "", 11), hop("nat-gateway", "nat-a", "", 12)];
    answer.blockers = vec![blocker(
        Direction::Return,
        "SUBNET_ACL_RESTRICTION",
        ("network-acl", "tight", 44),
        "denies tcp to ports 1024-65535",
        Failure::Dropped,
    )];
    reads(&told(Verdict::Blocked, vec![answer]), "\
blocked  service/web in private-a → ecr.dkr:443   reply dropped: acl tight denies tcp to ports 1024-65535

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr
  ecr.dkr ─ igw ─ nat-a ─ acl tight ─╳─ web

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0        reach.yaml:21
          ✓ rtb private sends 0.0.0.0/0 to nat-a       reach.yaml:14
          ✓ rtb public sends 0.0.0.0/0 to igw          reach.yaml:15
  back    ✗ acl tight denies tcp to ports 1024-65535   reach.yaml:44   SUBNET_ACL_RESTRICTION (RT-12)
  shows   the connection times out
  fix     Allow the request's port one way and the client's ports (1024-65535) the other way, with
          numbers below the entry that denies.
");
}

#[test]
fn a_refusal_ends_at_the_socket() {
    let mut answer = answer("public-a", "10.0.101.4");
    answer.source.resource = resource("load-balancer", "front");
    answer.destination.resource = resource("service", "web");
    answer.destination.port = Some(8080);
    answer.destination.subnet = Some(resource("subnet", "private-a"));
    answer.hops = vec![hop("security-group", "lb", "allows all", 20)];
    answer.verdict = Verdict::Blocked;
    answer.failure = Some(Failure::Refused);
    answer.blockers = vec![blocker(
        Direction::Forward,
        "LISTENER_ON_LOOPBACK",
        ("service", "web", 50),
        "listens on 127.0.0.1:8080 only",
        Failure::Refused,
    )];
    reads(&told(Verdict::Blocked, vec![answer]), "\
blocked  load-balancer/front in public-a → web:8080 in private-a   refused: service web listens on 127.0.0.1:8080 only

  lb front ─ sg lb ─╳─ web

  out     ✓ sg lb allows all                             reach.yaml:20
          ✗ service web listens on 127.0.0.1:8080 only   reach.yaml:50   LISTENER_ON_LOOPBACK (RT-12)
  shows   connection refused, at once
  fix     Bind the process to 0.0.0.0 instead of loopback.
");
}

#[test]
fn an_intermittent_answer_says_which_part_fails() {
    let mut answer = reachable("private-a", "10.0.1.4");
    answer.verdict = Verdict::Intermittent;
    answer.failure = Some(Failure::Dropped);
    answer.blockers = vec![blocker(
        Direction::Return,
        "SUBNET_ACL_RESTRICTION",
        ("network-acl", "tight", 44),
        "denies tcp to ports 32768-49151",
        Failure::Dropped,
    )];
    answer.fails_for = vec!["client ports 32768-49151".to_owned()];
    reads(&told(Verdict::Intermittent, vec![answer]), "\
intermittent  service/web in private-a → ecr.dkr:443   fails for client ports 32768-49151

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0         reach.yaml:21
          ✓ rtb private sends 0.0.0.0/0 to nat-a        reach.yaml:14
          ✓ rtb public sends 0.0.0.0/0 to igw           reach.yaml:15
  back    ✓ acl main allows tcp 1024-65535 in           reach.yaml:40
          ✗ acl tight denies tcp to ports 32768-49151   reach.yaml:44   SUBNET_ACL_RESTRICTION (RT-12)
  fails   client ports 32768-49151
  shows   the connection times out
  fix     Allow the request's port one way and the client's ports (1024-65535) the other way, with
          numbers below the entry that denies.
");
}

#[test]
fn an_unknown_answer_names_the_missing_fact_and_the_command() {
    let mut answer = answer("private-a", "10.0.1.4");
    answer.verdict = Verdict::Unknown;
    answer.missing = vec![Missing {
        fact: "the entries of prefix list pl-0123".to_owned(),
        command: Some(
            "aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-0123 --output json > get-managed-prefix-list-entries.pl-0123.json"
                .to_owned(),
        ),
    }];
    reads(&told(Verdict::Unknown, vec![answer]), "\
unknown  service/web in private-a → ecr.dkr:443   missing: the entries of prefix list pl-0123

  web ─ sg task ─ private-a ─?─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   reach.yaml:21
  missing the entries of prefix list pl-0123
          run: aws ec2 get-managed-prefix-list-entries --prefix-list-id pl-0123 --output json > get-managed-prefix-list-entries.pl-0123.json
");
}

#[test]
fn placements_that_fare_alike_are_told_once() {
    let both = vec![blocked("private-a", "10.0.1.4"), blocked("private-b", "10.0.2.4")];
    reads(&told(Verdict::Blocked, both), "\
blocked  service/web in private-a, private-b → ecr.dkr:443   dropped: rtb private has no route for it

  web ─ sg task ─ private-a, private-b ─ rtb private ─╳─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   reach.yaml:21
          ✗ rtb private has no route for it       reach.yaml:14   NO_ROUTE_TO_DESTINATION (RT-12)
  shows   the connection times out
  fix     Add a default route to a NAT gateway (in a public subnet: to the internet gateway), or an
          endpoint for the service.
");
}

#[test]
fn placements_that_differ_are_counted_and_the_failing_ones_come_first() {
    let both = vec![reachable("private-b", "10.0.2.4"), blocked("private-a", "10.0.1.4")];
    reads(
        &told(Verdict::Intermittent, both),
        "\
intermittent  task-eni → ecr.dkr:443   blocked in 1 of 2 placements

blocked  service/web in private-a → ecr.dkr:443   dropped: rtb private has no route for it

  web ─ sg task ─ private-a ─ rtb private ─╳─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   reach.yaml:21
          ✗ rtb private has no route for it       reach.yaml:14   NO_ROUTE_TO_DESTINATION (RT-12)
  shows   the connection times out
  fix     Add a default route to a NAT gateway (in a public subnet: to the internet gateway), or an
          endpoint for the service.

reachable  service/web in private-b → ecr.dkr:443   through nat-a and igw

  web ─ sg task ─ private-b ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0 · rtb private sends 0.0.0.0/0 to nat-a
            rtb public sends 0.0.0.0/0 to igw
  back    ✓ acl main allows tcp 1024-65535 in
",
    );
}

#[test]
fn aws_ids_stand_on_the_right_when_the_input_has_no_lines() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.hops[1].resource = ResourceRef::new("security-group", "sg-0a1b", Some("task"));
    answer.hops[1].location = None;
    answer.blockers[0].resource = resource("route-table", "rtb-0c2d");
    answer.blockers[0].location =
        Some(Location { file: "describe-route-tables.json".to_owned(), line: None, column: None });
    let text = told(Verdict::Blocked, vec![answer]);
    assert!(text.contains("✓ sg task allows tcp 443 to 0.0.0.0/0   sg-0a1b\n"), "{text}");
    assert!(
        text.contains("✗ rtb-0c2d has no route for it          describe-route-tables.json"),
        "{text}"
    );
}

#[test]
fn a_name_cannot_break_a_line_or_command_the_terminal() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.source.resource.id = "web\u{1b}[2J".to_owned();
    answer.hops[1].resource.id = "task\nreachable".to_owned();
    let text = told(Verdict::Blocked, vec![answer]);
    assert!(text.starts_with("blocked  service/web [2J in private-a → "), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains("\nreachable"), "{text}");
}

#[test]
fn colour_never_moves_a_column() {
    let paint = |on: &str| Paint { on: on.to_owned(), off: "\u{1b}[0m".to_owned() };
    let painted = Style {
        good: paint("\u{1b}[32m"),
        bad: paint("\u{1b}[31m"),
        doubtful: paint("\u{1b}[33m"),
        strong: paint("\u{1b}[1m"),
        faint: paint("\u{1b}[2m"),
        width: 100,
    };
    let query = "task-eni -> ecr.dkr:443".to_owned();
    let answers = vec![reachable("private-b", "10.0.2.4"), blocked("private-a", "10.0.1.4")];
    let answer = QueryAnswer { query, verdict: Verdict::Intermittent, answers };
    let mut bare = text(&answer, &painted);
    assert!(bare.contains("\u{1b}[31m✗\u{1b}[0m"));
    for code in ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"] {
        bare = bare.replace(&format!("\u{1b}{code}"), "");
    }
    assert_eq!(bare, text(&answer, &Style::default()));
}
