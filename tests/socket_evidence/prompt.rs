//! `--evidence` at the prompt.

use super::sample;
use assert_cmd::Command;
use std::fs;
use tempfile::TempDir;

const NETWORK: &str = "
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a } }
security_groups: { any: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: all, protocol: all }] } }
load_balancers: { front: { scheme: internal, subnets: [a], security_groups: [any], listeners: { 80: web } } }
target_groups: { web: { vpc: app, port: 8002 } }
services: { web: { subnets: [a], security_groups: [any], task_definition: web, target_group: web } }
task_definitions: { web: { containers: { app: { port: 8002, listens: 127.0.0.1 } } } }
expect:
  - alb -> web: reachable
";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("reach.yaml"), NETWORK).unwrap();
    fs::write(folder.path().join("ss.txt"), format!("$ ss -ltn\n{}", sample("ss-ltn.txt")))
        .unwrap();
    folder
}

/// The exit code, stdout and stderr.
fn reach(folder: &TempDir, arguments: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.current_dir(folder.path()).args(arguments).env_remove("REACH_FILE");
    let output = command.write_stdin(stdin).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_dump_decides_and_is_shown_as_the_evidence() {
    let folder = folder();
    assert_eq!(reach(&folder, &["alb -> web"], "").0, 1, "loopback, as it is stated");
    let (code, out, err) = reach(&folder, &["--evidence", "web=ss.txt", "alb -> web"], "");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("ss.txt:3"), "{out}");
    assert!(err.contains("note: ss.txt:1: no socket, passed over: $ ss -ltn\n"), "{err}");
    assert!(err.contains("what was seen counts"), "{err}");
    let (code, _, err) = reach(&folder, &["-q", "--evidence", "web=ss.txt", "alb -> web"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(reach(&folder, &["check"], "").0, 1);
    // The leg is proven; that no image is stated keeps the start of the task unknown.
    let (code, out, _) = reach(&folder, &["check", "--evidence", "web/app=ss.txt"], "");
    assert!(out.contains("1 of 1 reached by load balancers"), "{out}");
    assert_eq!(code, 3, "{out}");
}

#[test]
fn a_dump_can_come_from_stdin_when_the_network_does_not() {
    let folder = folder();
    let dump = sample("ss-ltn.txt");
    let (code, out, _) = reach(&folder, &["--evidence", "web=-", "alb -> web"], &dump);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("<stdin>:2"), "{out}");
    let twice = ["-f", "-", "--evidence", "web=-", "alb -> web"];
    let (code, _, err) = reach(&folder, &twice, NETWORK);
    assert_eq!(code, 2);
    assert!(err.starts_with("error: only one input can come from stdin\nhint: "), "{err}");
}

#[test]
fn what_is_wrong_with_a_dump_is_code_2_with_a_hint() {
    let folder = folder();
    for (evidence, message) in [
        ("wbe=ss.txt", "error: nothing here is called `wbe`\nhint: did you mean web?\n"),
        (
            "ss.txt",
            "error: `--evidence ss.txt` does not say what it is of\nhint: name the service and the file: --evidence web=ss.txt\n",
        ),
        (
            "web=no.txt",
            "error: there is no file no.txt\nhint: name a file that holds what `ss -ltn` prints inside the task\n",
        ),
        (
            "web=reach.yaml",
            "error: reach.yaml holds no list of sockets\nhint: expected what `ss -ltn`, ",
        ),
    ] {
        let (code, out, err) = reach(&folder, &["--evidence", evidence, "alb -> web"], "");
        assert_eq!((code, out.as_str()), (2, ""), "{evidence}");
        assert!(err.replace("\n      ", " ").starts_with(message), "{evidence}: {err}");
    }
}

#[test]
fn what_a_dump_holds_does_not_command_the_terminal() {
    let folder = folder();
    let dump = "\u{1b}[31mred\nLISTEN 0 5 0.0.0.0:8002 0.0.0.0:*\n".to_owned() + &"x\n".repeat(9);
    let (_, _, err) = reach(&folder, &["--evidence", "web=-", "alb -> web"], &dump);
    assert!(!err.contains('\u{1b}'), "{err:?}");
    assert!(
        err.contains("note: <stdin>: 5 more lines that show no socket, passed over\n"),
        "{err}"
    );
}
