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
    Some(Location { file: "reach.yaml".into(), line: Some(line), column: None })
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
            ports: None,
        },
        destination: End {
            resource: resource("aws-service", "ecr.dkr"),
            subnet: None,
            addresses: "public addresses".to_owned(),
            port: Some(443),
            ports: None,
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
        hop("route-table", "private", "routes 0.0.0.0/0 to nat-a", 14),
        hop("nat-gateway", "nat-a", "", 12),
        hop("route-table", "public", "routes 0.0.0.0/0 to igw", 15),
        hop("internet-gateway", "igw", "", 11),
        hop("aws-service", "ecr.dkr", "", 0),
    ]);
    answer.return_hops =
        vec![hop("network-acl", "main", "rule 100 in allows tcp 1024-65535 from 0.0.0.0/0", 40)];
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
fn a_reachable_answer_shows_what_let_it_through() {
    reads(
        &told(Verdict::Reachable, vec![reachable("private-a", "10.0.1.4")]),
        "\
reachable  service/web in private-a → ecr.dkr:443   through nat-a and igw

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0                         line 21
          ✓ rtb private routes 0.0.0.0/0 to nat-a                       line 14
          ✓ rtb public routes 0.0.0.0/0 to igw                          line 15
  back    ✓ acl main rule 100 in allows tcp 1024-65535 from 0.0.0.0/0   line 40
  file    reach.yaml
",
    );
}

/// PW-11: what is dropped is dropped silently.
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
        name: "DNS_OFF_IS_TIMEOUT".into(),
        value: "true".into(),
        rule: RuleId::new("DN-02"),
    }];
    reads(
        &told(Verdict::Blocked, vec![answer]),
        "\
blocked  service/web in private-a → ecr.dkr:443   dropped: rtb private has no route for it

  web ─ sg task ─ private-a ─ rtb private ─╳─ ecr.dkr

  name    111122223333.dkr.ecr.us-east-1.amazonaws.com → public addresses, because vpc app has no
          endpoint for com.amazonaws.us-east-1.ecr.dkr
  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   line 21
          ✗ rtb private has no route for it       line 14   NO_ROUTE_TO_DESTINATION (RT-12)
  file    reach.yaml:14
  shows   CannotPullContainerError: … i/o timeout
  fix     Create an interface endpoint for ecr.dkr, with private DNS, or give rtb private a default
          route (0.0.0.0/0) to a NAT gateway.
  note    the endpoint policy is not read
  assumes DNS_OFF_IS_TIMEOUT = true (DN-02): With enableDnsSupport off, the client's queries time
          out; if not, it sees an error at once. The verdict is the same.
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
            "has no outbound rule that allows this packet",
            Failure::Dropped,
        ),
    );
    reads(&told(Verdict::Blocked, vec![answer]), "\
blocked  service/web in private-a → ecr.dkr:443   dropped: sg task has no outbound rule that allows this packet (first of 2)

  web ─ sg task ─╳─ ecr.dkr

  out     ✗ sg task has no outbound rule that allows this packet   line 21   ENI_SG_RULES_MISMATCH (RT-12)
          ✗ rtb private has no route for it                        line 14   NO_ROUTE_TO_DESTINATION (RT-12)
  file    reach.yaml:21
  shows   the connection times out
  fix     Add to sg task an outbound rule that allows tcp 443 to 0.0.0.0/0: the destination is
          public.
          Create an interface endpoint for ecr.dkr, with private DNS, or give rtb private a default
          route (0.0.0.0/0) to a NAT gateway.
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
        "has no inbound rule that allows this packet",
        Failure::Dropped,
    )];
    reads(&told(Verdict::Blocked, vec![answer]), "\
blocked  service/web in private-a → ecr.dkr:443   reply dropped: acl tight has no inbound rule that allows this packet

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr
  ecr.dkr ─ igw ─ nat-a ─ acl tight ─╳─ web

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0                     line 21
          ✓ rtb private routes 0.0.0.0/0 to nat-a                   line 14
          ✓ rtb public routes 0.0.0.0/0 to igw                      line 15
  back    ✗ acl tight has no inbound rule that allows this packet   line 44   SUBNET_ACL_RESTRICTION (RT-12)
  file    reach.yaml:44
  shows   the connection times out
  fix     Add to acl tight an inbound rule that allows tcp 1024-65535, with a lower number than any
          rule that denies it: ACLs are stateless, and replies go to the port that the client chose.
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

  out     ✓ sg lb allows all                             line 20
          ✗ service web listens on 127.0.0.1:8080 only   line 50   LISTENER_ON_LOOPBACK (RT-12)
  file    reach.yaml:50
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
        "rule 90 in denies tcp 32768-49151 from 0.0.0.0/0",
        Failure::Dropped,
    )];
    answer.fails_for = vec!["client ports 32768-49151".to_owned()];
    reads(&told(Verdict::Intermittent, vec![answer]), "\
intermittent  service/web in private-a → ecr.dkr:443   fails for client ports 32768-49151

  web ─ sg task ─ private-a ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0                          line 21
          ✓ rtb private routes 0.0.0.0/0 to nat-a                        line 14
          ✓ rtb public routes 0.0.0.0/0 to igw                           line 15
  back    ✓ acl main rule 100 in allows tcp 1024-65535 from 0.0.0.0/0    line 40
          ✗ acl tight rule 90 in denies tcp 32768-49151 from 0.0.0.0/0   line 44   SUBNET_ACL_RESTRICTION (RT-12)
  file    reach.yaml:44
  fails   client ports 32768-49151
  shows   the connection times out
  fix     Add to acl tight an inbound rule that allows tcp 1024-65535, with a lower number than any
          rule that denies it: ACLs are stateless, and replies go to the port that the client chose.
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

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   line 21
  file    reach.yaml
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

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   line 21
          ✗ rtb private has no route for it       line 14   NO_ROUTE_TO_DESTINATION (RT-12)
  file    reach.yaml:14
  shows   the connection times out
  fix     Create an interface endpoint for ecr.dkr, with private DNS, or give rtb private a default
          route (0.0.0.0/0) to a NAT gateway.
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

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0   line 21
          ✗ rtb private has no route for it       line 14   NO_ROUTE_TO_DESTINATION (RT-12)
  file    reach.yaml:14
  shows   the connection times out
  fix     Create an interface endpoint for ecr.dkr, with private DNS, or give rtb private a default
          route (0.0.0.0/0) to a NAT gateway.

reachable  service/web in private-b → ecr.dkr:443   through nat-a and igw

  web ─ sg task ─ private-b ─ rtb private ─ nat-a ─ rtb public ─ igw ─ ecr.dkr

  out     ✓ sg task allows tcp 443 to 0.0.0.0/0                         line 21
          ✓ rtb private routes 0.0.0.0/0 to nat-a                       line 14
          ✓ rtb public routes 0.0.0.0/0 to igw                          line 15
  back    ✓ acl main rule 100 in allows tcp 1024-65535 from 0.0.0.0/0   line 40
  file    reach.yaml
",
    );
}

#[test]
fn the_fix_fits_the_place_and_the_direction() {
    let fix = |blocker: Blocker, change: &dyn Fn(&mut Answer)| {
        let mut answer = reachable("private-a", "10.0.1.4");
        answer.verdict = Verdict::Blocked;
        answer.blockers = vec![blocker];
        change(&mut answer);
        let text = told(Verdict::Blocked, vec![answer]);
        let fix = text.split("  fix     ").nth(1).unwrap();
        fix.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let group = |what| {
        let at = ("security-group", "task", 21);
        blocker(Direction::Forward, "ENI_SG_RULES_MISMATCH", at, what, Failure::Dropped)
    };
    let s3 = |answer: &mut Answer| answer.destination.resource = resource("aws-service", "s3");
    let inside = |answer: &mut Answer| answer.destination.addresses = "10.0.1.9".to_owned();
    let outbound = || group("has no outbound rule that allows this packet");
    let inbound = || group("has no inbound rule that allows this packet");
    let rule = "Add to sg task an outbound rule that allows tcp 443 to";
    assert_eq!(fix(outbound(), &|_| {}), format!("{rule} 0.0.0.0/0: the destination is public."));
    assert_eq!(fix(outbound(), &s3), format!("{rule} 0.0.0.0/0, or to AWS's prefix list for s3."));
    assert_eq!(
        fix(outbound(), &inside),
        format!("{rule} the security group of the endpoint, or to its addresses.")
    );
    assert_eq!(
        fix(inbound(), &|_| {}),
        "Add to sg task an inbound rule that allows tcp 443 from service web, by its security group, if it has one, or its addresses."
    );
    // TSK-07, PLC-05
    let on_instance = |answer: &mut Answer| {
        let text = "this is the path of the task's own traffic".to_owned();
        answer.findings.push(Finding { code: Code::new("STARTUP_FROM_INSTANCE"), text });
    };
    let at = ("internet-gateway", "igw", 9);
    let what = "finds no public address on the source";
    let code = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS";
    let gateway = || blocker(Direction::Forward, code, at, what, Failure::Dropped);
    assert!(fix(gateway(), &|_| {}).contains("assignPublicIp: ENABLED"));
    assert!(fix(gateway(), &on_instance).starts_with("Send the task's own traffic through a NAT"));
    let route = |direction| {
        let at = ("route-table", "public", 15);
        let what = "has no route for it";
        blocker(direction, "NO_ROUTE_TO_DESTINATION", at, what, Failure::Dropped)
    };
    let before_nat = |answer: &mut Answer| answer.hops.truncate(4);
    let s3_before_nat = |answer: &mut Answer| {
        before_nat(answer);
        s3(answer);
    };
    assert!(fix(route(Direction::Forward), &|_| {}).contains("to the internet gateway: nat-a"));
    assert!(fix(route(Direction::Forward), &before_nat).contains("interface endpoint for ecr.dkr"));
    assert!(fix(route(Direction::Forward), &s3_before_nat).contains("gateway endpoint for s3"));
    assert!(fix(route(Direction::Return), &|_| {}).contains("a route back to service web"));
}

#[test]
fn a_udp_query_says_so() {
    let query = "web -> ecr.dkr:53/udp".to_owned();
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.destination.port = Some(53);
    let verdict = Verdict::Blocked;
    let text = text(&QueryAnswer { query, verdict, answers: vec![answer] }, &Style::default());
    assert!(text.starts_with("blocked  service/web in private-a → ecr.dkr:53/udp   "), "{text}");
}

#[test]
fn a_file_is_named_once_when_it_is_the_only_one() {
    let mut answer = blocked("private-a", "10.0.1.4");
    let text = told(Verdict::Blocked, vec![answer.clone()]);
    assert_eq!(text.matches("reach.yaml").count(), 1, "{text}");
    assert!(
        text.contains("   line 21\n") && text.contains("\n  file    reach.yaml:14\n"),
        "{text}"
    );
    answer.hops[1].location.as_mut().unwrap().file = "base.yaml".into();
    let text = told(Verdict::Blocked, vec![answer]);
    assert!(text.contains("   base.yaml:21\n") && text.contains("   reach.yaml:14 "), "{text}");
    assert!(!text.contains("  file "), "{text}");
}

#[test]
fn a_long_path_is_broken_between_places() {
    let mut answer = reachable("private-a", "10.0.1.4");
    let far = (0..20).map(|i| hop("route-table", &format!("rtb-{i}"), "", 1));
    answer.hops.splice(3..3, far);
    let text = told(Verdict::Reachable, vec![answer]);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains(" ─\n    rtb-"), "{text}");
}

#[test]
fn what_a_planned_interface_does_its_service_does() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.destination.resource = resource("service", "api");
    let planned = ResourceRef::new("eni", "planned/api@private-b", Some("api in private-b"));
    answer.blockers[0].resource = planned;
    answer.blockers[0].what = "listens on 127.0.0.1:80 only".to_owned();
    let text = told(Verdict::Blocked, vec![answer]);
    assert!(text.contains("service api listens on 127.0.0.1:80 only"), "{text}");
    assert!(text.contains("private-a ─╳─ api\n"), "{text}");
}

#[test]
fn aws_ids_stand_on_the_right_when_the_input_has_no_lines() {
    let mut answer = blocked("private-a", "10.0.1.4");
    answer.hops[1].resource = ResourceRef::new("security-group", "sg-0a1b", Some("task"));
    answer.hops[1].location = None;
    answer.blockers[0].resource = resource("route-table", "rtb-0c2d");
    answer.blockers[0].location =
        Some(Location { file: "describe-route-tables.json".into(), line: None, column: None });
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
