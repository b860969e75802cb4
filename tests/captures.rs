//! Saved AWS CLI output gives the verdicts that were derived by hand from AWS's documentation.

use serde_json::Value;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vpc_reach::answer::{Answer, Query, ResourceRef, Verdict};
use vpc_reach::query::World;
use vpc_reach::read;

fn world(folder: &Path) -> World {
    let loaded = read::load(&folder.display().to_string())
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    World::new(loaded.network)
}

fn ask(world: &World, query: &str) -> Vec<Answer> {
    let asked: Query = query.parse().unwrap();
    world.ask(&asked).unwrap_or_else(|error| panic!("{query}: {error} {:?}", error.hint)).answers
}

fn in_subnet(end: Option<&ResourceRef>, subnet: &str) -> bool {
    end.is_some_and(|end| end.label() == subnet || end.id == subnet)
}

/// Holds the answers of one placement to what was derived for it.
fn hold(
    case: &str,
    answers: &[&Answer],
    verdict: Verdict,
    first: Option<&str>,
    wrong: &mut Vec<String>,
) {
    if answers.is_empty() {
        wrong.push(format!("{case}: no answer"));
    }
    for answer in answers {
        let got = answer.blockers.first().map(|blocker| blocker.code.to_string());
        if answer.verdict != verdict || (first.is_some() && got.as_deref() != first) {
            wrong.push(format!(
                "{case}: should be {verdict} {first:?}, is {} {got:?} {:?}",
                answer.verdict, answer.missing
            ));
        }
    }
}

fn json_files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(ending)))
        .collect();
    files.sort();
    files
}

fn read_json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn our_own_captures_give_their_hand_derived_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let (mut wrong, mut checks) = (Vec::new(), 0);
    let files = json_files(&folder, ".expected.json");
    assert!(files.len() >= 3);
    for file in files {
        let name = file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".expected.json")
            .to_owned();
        let world = world(&folder.join(&name));
        for check in read_json(&file)["checks"].as_array().unwrap() {
            let text = |key: &str| check[key].as_str();
            let (service, subnet) = (text("service").unwrap(), text("subnet").unwrap());
            let verdict: Verdict = text("verdict").unwrap().parse().unwrap();
            let query = match (text("from"), text("to")) {
                (Some(from), _) => format!("{from} -> {service}"),
                (None, to) => format!("{service} -> {}", to.unwrap()),
            };
            let answers = ask(&world, &query);
            let here: Vec<&Answer> = answers
                .iter()
                .filter(|answer| {
                    let end =
                        if text("from").is_some() { &answer.destination } else { &answer.source };
                    in_subnet(end.subnet.as_ref(), subnet)
                })
                .collect();
            hold(
                &format!("{name}: {query} in {subnet}"),
                &here,
                verdict,
                text("first_blocker"),
                &mut wrong,
            );
            checks += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checks >= 30, "only {checks} checks");
}

/// What the words of the outside captures mean as codes.
fn code(word: &str) -> &'static str {
    match word {
        "no_route" => "NO_ROUTE_TO_DESTINATION",
        "igw_no_public_ip" => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        "no_public_ip" => "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        "no_listener" => "LB_NO_LISTENER",
        other => panic!("`{other}` is not mapped to a code"),
    }
}

/// The captures beside the repository, where it has some: `placements[].checks` and `extra[]`.
#[test]
fn outside_captures_give_their_hand_derived_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !folder.is_dir() {
        // Written past the test runner's capture, so that it is seen.
        let _ =
            writeln!(io::stderr(), "NOT RUN: no folder of outside captures beside the repository");
        return;
    }
    let (mut wrong, mut checks) = (Vec::new(), 0);
    for file in json_files(&folder, ".expected.json") {
        let name = file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".expected.json")
            .to_owned();
        if !folder.join(&name).is_dir() {
            continue;
        }
        let world = world(&folder.join(&name));
        let expected = read_json(&file);
        let judge = |wanted: &Value| {
            let verdict =
                if wanted["reachable"] == true { Verdict::Reachable } else { Verdict::Blocked };
            (verdict, wanted["blocked_by"].as_str().map(code))
        };
        for placement in expected["placements"].as_array().unwrap() {
            let (service, subnet) =
                (placement["service"].as_str().unwrap(), placement["subnet"].as_str().unwrap());
            for (to, wanted) in placement["checks"].as_object().unwrap() {
                let (verdict, first) = judge(wanted);
                let (query, leg) = match wanted["alb"].as_str() {
                    Some(balancer) => {
                        (format!("{balancer} -> {service}:{}", wanted["container_port"]), true)
                    }
                    None => (format!("{service} -> {to}"), false),
                };
                let answers = ask(&world, &query);
                let here: Vec<&Answer> = answers
                    .iter()
                    .filter(|answer| {
                        let end = if leg { &answer.destination } else { &answer.source };
                        in_subnet(end.subnet.as_ref(), subnet)
                    })
                    .collect();
                hold(&format!("{name}: {query} in {subnet}"), &here, verdict, first, &mut wrong);
                checks += 1;
            }
        }
        for extra in expected["extra"].as_array().into_iter().flatten() {
            let (verdict, first) = judge(extra);
            let to = extra["to"].as_str().unwrap().replace("alb ", "").replace("task ", "service/");
            let query = format!("{} -> {to}", extra["from"].as_str().unwrap());
            let answers = ask(&world, &query);
            hold(
                &format!("{name}: {query}"),
                &answers.iter().collect::<Vec<_>>(),
                verdict,
                first,
                &mut wrong,
            );
            checks += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{checks} verdicts of outside captures reproduced");
}

// IG-11: inside the VPC, too, an internet-facing balancer's name gives public addresses.
#[test]
fn a_private_task_reaches_its_own_public_balancer_by_way_of_the_nat_gateway() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/nat-per-zone");
    for answer in ask(&world(&folder), "task-eni -> storefront:443") {
        assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
        let passed = |kind: &str| answer.hops.iter().any(|hop| hop.resource.kind == kind);
        assert!(passed("nat-gateway") && passed("internet-gateway"), "{:#?}", answer.hops);
    }
}
