//! Every server that is known, by realistic commands (EVD-01, EVD-10 to EVD-13, §5.1).

use std::collections::{BTreeMap, BTreeSet};
use vpc_reach::ecs::{Bound, inferred};
use vpc_reach::models;
use vpc_reach::network::Container;

struct Case {
    line: &'static str,
    rule: &'static str,
    container: Container,
    expected: &'static str,
}

fn cases() -> Vec<Case> {
    let rows = include_str!("commands.tsv").lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [rule, image, command, environment, expected] = cells[..] else { panic!("{line}") };
        let json = |text: &str| match text {
            "-" => None,
            text => Some(text.to_owned()),
        };
        let environment: Option<BTreeMap<String, Option<String>>> =
            json(environment).map(|text| serde_json::from_str(&text).unwrap());
        let container = Container {
            name: "app".to_owned(),
            image: json(image),
            command: json(command).map(|text| serde_json::from_str(&text).unwrap()),
            environment: environment.unwrap_or_default(),
            ..Container::default()
        };
        Case { line, rule, container, expected }
    })
    .collect()
}

/// `0.0.0.0:80 [::]:80/6`
fn sockets(bound: &Bound) -> String {
    let shown = |socket: &vpc_reach::network::Socket| {
        let families = match (socket.address.is_unspecified(), socket.v6_only) {
            (true, Some(true)) => "/6",
            (true, Some(false)) => "/46",
            (true, None) if socket.address.is_ipv6() => "/?",
            _ => "",
        };
        format!("{}{families}", std::net::SocketAddr::new(socket.address, socket.port))
    };
    let own = bound.own.iter().map(|port| format!("own:{port}"));
    let all: Vec<String> = bound.sockets.iter().map(shown).chain(own).collect();
    match all.is_empty() {
        true => "-".to_owned(),
        false => all.join(" "),
    }
}

#[test]
fn each_command_binds_what_its_server_binds() {
    let mut wrong = Vec::new();
    for case in cases() {
        let found = inferred(&case.container);
        let (word, rest) = case.expected.split_once(' ').unwrap_or((case.expected, ""));
        let got = match (word, &found.main) {
            ("beside", _) => {
                let one = found.beside.iter().find(|bound| bound.rule == case.rule);
                one.map(|bound| format!("beside {}", sockets(bound)))
                    .unwrap_or_else(|| format!("{found:?}"))
            }
            ("unknown", Err(why)) if why.contains(rest) => case.expected.to_owned(),
            (_, Err(why)) => format!("unknown {why}"),
            (_, Ok(bound)) => {
                let word = if bound.certain { "certain" } else { "likely" };
                // A gunicorn image goes by gunicorn's row.
                assert!(
                    word == "unknown" || bound.rule == case.rule || case.rule == "B113",
                    "{}: {bound:?}",
                    case.line
                );
                format!("{word} {}", sockets(bound))
            }
        };
        if got != case.expected {
            wrong.push(format!("{}\n    got {got}", case.line));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_server_of_the_table_has_a_command() {
    let tried: BTreeSet<&str> = cases().iter().map(|case| case.rule).collect();
    let all: BTreeSet<&str> = models::binds().iter().map(|row| row.rule).collect();
    assert_eq!(tried, all);
}

// EVD-01: a default alone gives at most "likely", never "proven".
#[test]
fn no_default_is_proven() {
    for case in cases() {
        if let Ok(bound) = inferred(&case.container).main
            && bound.evidence.contains("default")
        {
            assert!(!bound.certain, "{}", case.line);
        }
    }
}

// §9: what rests on an open point says so.
#[test]
fn open_points_are_named() {
    let assumed = |image: Option<&str>, command: &[&str]| {
        let words = command.iter().map(|word| (*word).to_owned()).collect();
        let container = Container {
            image: image.map(str::to_owned),
            command: (!command.is_empty()).then_some(words),
            ..Container::default()
        };
        inferred(&container).main.unwrap().assumptions
    };
    assert_eq!(
        assumed(Some("valkey/valkey:8"), &[]),
        ["BT_UNVERIFIED_DEFAULT", "WILDCARD_V6_INFERRED"]
    );
    assert_eq!(
        assumed(Some("rabbitmq:3"), &[]),
        ["BT_UNVERIFIED_DEFAULT", "WILDCARD_V6_DEFAULT_IS_DUAL"]
    );
    assert_eq!(
        assumed(None, &["node", ".output/server/index.mjs"]),
        ["IMAGE_ENTRYPOINT_RUNS_COMMAND", "WILDCARD_V6_INFERRED"]
    );
    assert_eq!(
        assumed(None, &["uvicorn", "a:b", "--host", "0.0.0.0", "--port", "80"]),
        ["IMAGE_ENTRYPOINT_RUNS_COMMAND"]
    );
}
