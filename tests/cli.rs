//! What the command line promises, whatever the network.

use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

/// `reach` in a folder of its own, with nothing set that changes what it does.
fn reach(folder: &TempDir, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).args(arguments).env_remove("REACH_FILE");
    ran(command)
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("it ends by itself");
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help_says_what_it_is_shows_examples_first_and_lists_the_exit_codes() {
    let help = reach(&empty(), &["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    assert!(help.out.starts_with("Proves, without touching AWS, whether a packet can get"));
    let position = |text: &str| help.out.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(position("Examples:") < position("Usage:"));
    assert!(position("Usage:") < position("Commands:"));
    assert!(position("Options:") < position("Exit codes:"));
    for (code, meaning) in
        [(0, "reachable"), (1, "blocked"), (2, "wrong usage"), (3, "nothing failed")]
    {
        position(&format!("\n  {code}  {meaning}"));
    }
    assert!(help.out.lines().all(|line| line.chars().count() <= 100), "{}", help.out);
}

#[test]
fn without_arguments_there_is_help_with_three_examples_and_no_success() {
    let nothing = reach(&empty(), &[]);
    assert_eq!((nothing.code, nothing.out.as_str()), (2, ""));
    let examples = nothing.err.lines().filter(|line| line.starts_with("  reach ")).count();
    assert_eq!(examples, 3, "{}", nothing.err);
}

#[test]
fn wrong_usage_is_code_2_with_one_clear_message() {
    let folder = empty();
    for (arguments, message) in [
        (
            &["chekc"][..],
            "error: `chekc` is neither a command nor a query\nhint: did you mean `reach check`?\n",
        ),
        (
            &["web"],
            "error: `web` is neither a command nor a query\nhint: a query has two ends: reach 'web -> ecr.dkr'\n",
        ),
        (
            &["web ->"],
            "error: a query is `SOURCE -> DESTINATION`, and `web ->` has no destination\nhint: for example: reach 'task-eni -> ecr.dkr'\n",
        ),
        (
            &["web", "db:http"],
            "error: `http` in `db:http` is no port: a port is a number from 1 to 65535\nhint: for example 'web -> db:5432' or 'web -> 10.0.0.2:53/udp'\n",
        ),
        (
            &["explain", "NO_ROUT_TO_DESTINATION"],
            "error: `NO_ROUT_TO_DESTINATION` is no code that an answer can show\nhint: did you mean NO_ROUTE_TO_DESTINATION?\n",
        ),
    ] {
        let ran = reach(&folder, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(ran.err, message, "{arguments:?}");
    }
    assert_eq!(reach(&folder, &["web", "s3", "--format", "xml"]).code, 2);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = empty();
    for arguments in [&["-f", "no/such.yaml", "web", "s3"][..], &["check", "-f", "no/such.yaml"]] {
        let ran = reach(&folder, arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
        assert!(ran.err.contains("no/such.yaml"), "{}", ran.err);
        assert!(!ran.err.contains("Usage:"), "{}", ran.err);
    }
}

#[test]
fn the_file_comes_from_the_option_else_the_environment_else_this_folder() {
    let folder = empty();
    let with = |arguments: &[&str], file: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
        command.current_dir(folder.path()).args(arguments).env("REACH_FILE", file);
        ran(command)
    };
    let nothing = with(&["web", "s3"], "");
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("there is no reach.yaml here"), "{}", nothing.err);
    assert!(with(&["web", "s3"], "from-env.yaml").err.contains("from-env.yaml"));
    assert!(with(&["web", "s3", "-f", "option.yaml"], "from-env.yaml").err.contains("option.yaml"));
    fs::write(folder.path().join("reach.yaml"), "vpcs: {}\n").unwrap();
    let here = with(&["web", "s3"], "");
    assert!(!here.err.contains("there is no reach.yaml here"), "{}", here.err);
}

#[test]
fn a_check_of_nothing_does_not_look_like_success() {
    let folder = empty();
    fs::write(folder.path().join("reach.yaml"), "vpcs: { app: { cidr: 10.0.0.0/16 } }\n").unwrap();
    let ran = reach(&folder, &["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no `expect` lines"), "{}", ran.err);
}

#[test]
fn what_is_piped_has_no_colour_unless_it_is_asked_for() {
    let folder = empty();
    for arguments in [&["explain"][..], &["assumptions"], &["schema"], &["explain", "BAD_STATE"]] {
        let ran = reach(&folder, arguments);
        assert_eq!(ran.code, 0, "{arguments:?}");
        assert!(!ran.out.contains('\u{1b}'), "{arguments:?}");
    }
    let asked = reach(&folder, &["explain", "BAD_STATE", "--color", "always"]);
    assert!(asked.out.contains("\u{1b}[1mBAD_STATE\u{1b}[0m"), "{:?}", asked.out);
    assert!(!reach(&folder, &["nonsense"]).err.contains('\u{1b}'));
}

#[test]
fn codes_are_explained_and_listed_for_people_and_programs() {
    let folder = empty();
    let one = reach(&folder, &["explain", "no-route-to-destination"]).out;
    assert!(
        one.starts_with("NO_ROUTE_TO_DESTINATION  No route holds the destination\n\n  cause   ")
    );
    assert!(one.contains("\n  shows   The connection times out"), "{one}");
    assert!(one.contains("\n  fix     Add a default route"), "{one}");
    let all = reach(&folder, &["explain"]).out;
    let titles: Vec<_> = all.lines().map(|line| line.split_once("  ").unwrap().0.len()).collect();
    assert!(titles.len() > 20, "{all}");
    let document: serde_json::Value =
        serde_json::from_str(&reach(&folder, &["explain", "--format", "json"]).out).unwrap();
    let codes = document["codes"].as_array().unwrap();
    assert_eq!(codes.len(), titles.len());
    for told in ["cause", "symptom", "remedy"] {
        assert!(
            codes.iter().all(|code| code[told].as_str().is_some_and(|text| text.ends_with('.')))
        );
    }
    let document: serde_json::Value =
        serde_json::from_str(&reach(&folder, &["--format", "json", "assumptions"]).out).unwrap();
    assert_eq!(document["schema"], "reach/assumptions/1");
    assert!(document["assumptions"][0]["meaning"].is_string());
}

#[test]
fn the_schema_is_json_with_an_example() {
    let schema: serde_json::Value =
        serde_json::from_str(&reach(&empty(), &["schema"]).out).unwrap();
    assert_eq!(schema["title"], "reach/query/1");
    assert_eq!(schema["examples"][0]["schema"], "reach/query/1");
    assert_eq!(schema["properties"]["schema"]["const"], "reach/query/1");
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_reading_is_no_error() {
    use std::process::{Command, Stdio};
    for _ in 0..5 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reach"))
            .arg("schema")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A network with an assumption that can be changed and matters.
const FORWARDED: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }
security_groups: { open: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] } }
endpoints: { logs: { service: logs, subnets: [a], security_groups: [open] } }
interfaces: { web: { subnet: a, address: 10.0.1.10, security_groups: [open] } }
resolver_rules: { aws: { domain: amazonaws.com, vpcs: [app], targets: [10.9.0.53] } }
";

// HIDDEN_ZONE_IS_PHZ
#[test]
fn an_assumption_is_given_another_value_and_the_verdict_says_which_it_used() {
    let folder = empty();
    fs::write(folder.path().join("reach.yaml"), FORWARDED).unwrap();
    let usual = reach(&folder, &["web -> logs"]);
    assert_eq!(usual.code, 0, "{}{}", usual.out, usual.err);
    assert!(usual.out.contains("HIDDEN_ZONE_IS_PHZ = true"), "{}", usual.out);
    let flipped = reach(&folder, &["--assume", "hidden-zone-is-phz=false", "web -> logs"]);
    assert_eq!(flipped.code, 3, "{}{}", flipped.out, flipped.err);
    assert!(flipped.out.contains("HIDDEN_ZONE_IS_PHZ = false"), "{}", flipped.out);
}

#[test]
fn an_assumption_that_cannot_be_made_is_refused_with_a_hint() {
    let folder = empty();
    fs::write(folder.path().join("reach.yaml"), FORWARDED).unwrap();
    for (assume, message, hint) in [
        (
            "HIDEN_ZONE_IS_PHZ=false",
            "no assumption `HIDEN_ZONE_IS_PHZ`",
            "did you mean HIDDEN_ZONE_IS_PHZ?",
        ),
        ("HIDDEN_ZONE_IS_PHZ=maybe", "cannot be `maybe`", "it is one of true, false"),
        ("HIDDEN_ZONE_IS_PHZ", "gives no value", "--assume HIDDEN_ZONE_IS_PHZ=false"),
        (
            "LB_NO_LISTENER_UNKNOWN=false",
            "this version evaluates LB_NO_LISTENER_UNKNOWN only as true",
            "symptom only",
        ),
    ] {
        let refused = reach(&folder, &["--assume", assume, "web -> logs"]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{assume}");
        assert!(refused.err.contains(message) && refused.err.contains(hint), "{}", refused.err);
    }
}

#[test]
fn the_list_of_assumptions_says_which_can_be_changed_and_what_is_chosen() {
    let folder = empty();
    let list = reach(&folder, &["--assume", "HIDDEN_ZONE_IS_PHZ=false", "assumptions"]);
    assert_eq!(list.code, 0, "{}", list.err);
    assert!(list.out.contains("HIDDEN_ZONE_IS_PHZ = false (DN-04)"), "{}", list.out);
    assert!(list.out.contains("--assume HIDDEN_ZONE_IS_PHZ=true"), "{}", list.out);
    assert!(!list.out.contains("--assume LB_NO_LISTENER_UNKNOWN"), "{}", list.out);
}

// DN-01: what is to be opened is port 53, and not the port that was asked for.
#[test]
fn the_fix_of_a_name_server_out_of_reach_speaks_of_its_own_port() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/own-dns-unreachable.yaml");
    let answer = reach(&empty(), &["-f", file, "web -> logs"]);
    assert_eq!(answer.code, 1, "{}", answer.err);
    let fix = answer.out.split("  fix ").nth(1).unwrap();
    assert!(fix.contains("udp and tcp 53") && !fix.contains("tcp 443"), "{fix}");
}
