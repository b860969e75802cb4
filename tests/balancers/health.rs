//! What a load balancer will say of its targets, and whether AWS says the same.

use super::network::{Checked, GROUPS, check, web};

const FORWARD: &str = "listeners: { 443: web }";
const CLOSED: &str = "\
security_groups:
  lb: { vpc: app, ingress: [{ from: 0.0.0.0/0, port: 443 }] }
  task: { vpc: app, ingress: [] }
";

impl Checked {
    /// `task-a, task-b: unhealthy Target.Timeout, 504 …`
    fn health(&self) -> Vec<String> {
        let all = self.document["services"][0]["health"].as_array().unwrap();
        all.iter()
            .map(|one| {
                let targets = one["targets"].as_array().unwrap();
                let targets: Vec<&str> =
                    targets.iter().map(|one| one["id"].as_str().unwrap()).collect();
                let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
                format!(
                    "{}: {} {}, {}",
                    targets.join(", "),
                    text("state"),
                    text("reason"),
                    text("requests")
                )
            })
            .collect()
    }

    fn words(&self) -> String {
        self.printed.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn listening(text: String, on: &str) -> String {
    text.replace("listens: 0.0.0.0", &format!("listens: {on}"))
}

// LBH-03, LBH-09
#[test]
fn what_is_dropped_times_out_and_clients_get_504() {
    let checked = check(&format!("{CLOSED}{}", web(FORWARD, "", "")));
    assert_eq!(
        checked.health(),
        [
            "task-a, task-b: unhealthy Target.Timeout, 504 after 10 s: the connection to the target times out (no target is healthy, so requests go to all)"
        ]
    );
    assert!(
        checked.words().contains("unhealthy (Target.Timeout: Request timed out); clients get: 504"),
        "{}",
        checked.printed
    );
}

// LBH-16
#[test]
fn a_network_load_balancer_shows_no_timeout_and_no_status() {
    let text = web("listeners: { 443: web }, type: network", "", "");
    let checked = check(&format!("{CLOSED}{text}"));
    let words = checked.words();
    let shown =
        "shows Target.FailedHealthChecks: Health checks failed; clients' connections time out";
    assert!(words.contains(shown), "{}", checked.printed);
    assert!(!words.contains("504") && !words.contains("Target.Timeout"), "{}", checked.printed);
}

// LBH-04, CTR-04, CTR-08
#[test]
fn what_is_refused_fails_its_checks_and_clients_get_502() {
    for socket in ["127.0.0.1", "\"0.0.0.0:3000\""] {
        let checked = check(&format!("{GROUPS}{}", listening(web(FORWARD, "", ""), socket)));
        assert_eq!(
            checked.health(),
            [
                "task-a, task-b: unhealthy Target.FailedHealthChecks, 502 (no target is healthy, so requests go to all)"
            ]
        );
    }
}

// LBH-17
#[test]
fn a_drop_hides_a_refusal_and_both_are_told() {
    let checked = check(&format!("{CLOSED}{}", listening(web(FORWARD, "", ""), "127.0.0.1")));
    assert!(checked.health()[0].contains("Target.Timeout"), "{:?}", checked.health());
    assert!(
        checked.words().contains("and once that is mended Target.FailedHealthChecks"),
        "{}",
        checked.printed
    );
    assert_eq!(checked.document["services"][0]["health"][0]["then"], "Target.FailedHealthChecks");
}

// LBT-02, LBH-09
#[test]
fn the_health_port_decides_the_state_and_the_traffic_port_the_requests() {
    let text = web(FORWARD, "health_check: { port: 9000, path: /up, matcher: 200-299 }", "");
    let text =
        text.replace("{ port: 8080, listens: 0.0.0.0", "{ port: [8080, 9000], listens: 0.0.0.0");
    let only_traffic = GROUPS.replace("[8080, 9000]", "8080");
    let checked = check(&format!("{only_traffic}{text}"));
    assert_eq!(
        checked.health(),
        [
            "task-a, task-b: unhealthy Target.Timeout, the application's own answer (no target is healthy, so requests go to all)"
        ]
    );
    let shown = |checked: &Checked, text: &str| {
        assert!(checked.words().contains(text), "{}", checked.printed);
    };
    // The blocked leg shows what is its own.
    shown(&checked, "shows Target.Timeout: Request timed out fix");
    let only_checks = GROUPS.replace("[8080, 9000]", "9000");
    let checked = check(&format!("{only_checks}{text}"));
    assert_eq!(
        checked.health(),
        ["task-a, task-b: healthy -, 504 after 10 s: the connection to the target times out"]
    );
    shown(&checked, "shows clients get 504; the target stays healthy");
    assert!(
        checked.words().contains("healthy, if GET /up on port 9000 answers 200-299"),
        "{}",
        checked.printed
    );
}

// LBH-02
#[test]
fn a_target_that_is_reached_is_healthy_on_a_condition() {
    let checked = check(&format!("{GROUPS}{}", web(FORWARD, "", "")));
    assert_eq!(checked.health(), ["task-a, task-b: healthy -, the application's own answer"]);
    assert!(checked.words().contains("if GET / on port 8080 answers 200"), "{}", checked.printed);
}

// LBH-08, LBH-10
#[test]
fn a_zone_without_nodes_leaves_targets_unused() {
    let text = web(FORWARD, "", "").replace("[task-a, task-b]", "[task-a, task-c]");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(
        checked.health(),
        [
            "task-a: healthy -, the application's own answer",
            "task-c: unused Target.NotInUse, go to the other targets"
        ]
    );
    let text = text.replace("[task-a, task-c]", "[task-c]");
    let checked = check(&format!("{GROUPS}{text}"));
    assert_eq!(checked.health(), ["task-c: unused Target.NotInUse, 503"]);
}

// LBH-16, NLB-05
#[test]
fn a_network_load_balancer_has_one_reason_for_everything() {
    let balancer = "type: network, scheme: internal, cross_zone: true, listeners: { 443: web }";
    for (groups, socket, clients) in [
        (CLOSED, "0.0.0.0", "the connection times out"),
        (GROUPS, "127.0.0.1", "the connection is reset"),
    ] {
        let checked = check(&format!("{groups}{}", listening(web(balancer, "", ""), socket)));
        assert_eq!(
            checked.health(),
            [format!(
                "task-a, task-b: unhealthy Target.FailedHealthChecks, {clients} (no target is healthy, so requests go to all)"
            )]
        );
    }
}

// LBT-03
#[test]
fn part_of_the_nodes_makes_targets_flap() {
    let groups = GROUPS.replace("from: lb, port: [8080, 9000]", "from: 10.0.101.0/24, port: 8080");
    let checked = check(&format!("{groups}{}", web(FORWARD, "", "")));
    assert!(
        checked.health()[0].starts_with("task-a, task-b: healthy or unhealthy Target.Timeout"),
        "{:?}",
        checked.health()
    );
}

// LBH-20
#[test]
fn the_time_until_ecs_replaces_a_task_follows_from_interval_and_threshold() {
    let group = "health_check: { interval: 10, unhealthy_threshold: 3 }";
    let checked = check(&format!("{CLOSED}{}", web(FORWARD, group, "")));
    assert_eq!(checked.document["services"][0]["health"][0]["replaced_after_seconds"], 30);
}

fn observed(groups: &str, socket: &str, state: &str) -> Checked {
    let targets = format!("targets: [{{ target: 10.0.1.20:8080, {state} }}]");
    check(&format!("{groups}{}", listening(web(FORWARD, &targets, ""), socket)))
}

// INP-02
#[test]
fn what_aws_says_is_held_against_the_model() {
    let contradicts = |checked: &Checked| {
        checked
            .concerns()
            .iter()
            .any(|one| one.starts_with("warning MODEL_CONTRADICTS_OBSERVATION"))
    };
    let open = (GROUPS, "0.0.0.0");
    let closed = (CLOSED, "0.0.0.0");
    let loopback = (GROUPS, "127.0.0.1");
    let timeout = "state: unhealthy, reason: Target.Timeout";
    let failed = "state: unhealthy, reason: Target.FailedHealthChecks";
    let code = "state: unhealthy, reason: Target.ResponseCodeMismatch";
    for ((groups, socket), state, odd) in [
        (open, "state: healthy", false),
        (closed, "state: healthy", true),
        (loopback, "state: healthy", true),
        (closed, timeout, false),
        (loopback, timeout, true),
        // LBH-05, LBH-06: the application may be at fault where the network is proven.
        (open, timeout, false),
        (open, failed, false),
        (closed, failed, true),
        (loopback, failed, false),
        (open, code, false),
        (closed, code, true),
        (open, "state: unused, reason: Target.NotInUse", true),
        (closed, "state: draining, reason: Target.DeregistrationInProgress", false),
    ] {
        let checked = observed(groups, socket, state);
        assert_eq!(contradicts(&checked), odd, "{socket} {state}\n{}", checked.printed);
        let seen = &checked.document["services"][0]["health"][0]["observed"][0];
        assert_eq!((&seen["target"], &seen["agrees"]), (&"10.0.1.20".into(), &(!odd).into()));
    }
    let words = observed(CLOSED, "0.0.0.0", "state: healthy").words();
    assert!(words.contains("says that target 10.0.1.20 is healthy, and the model says unhealthy (Target.Timeout), by LBH-03, LBH-09, SG-06"), "{words}");
}
