//! Realistic task definitions, read from AWS's JSON and asked through a load balancer: the right
//! verdict or an honest one, and never a false "reachable" or "refused".

use crate::NETWORK;
use serde_json::{Value, json};
use vpc_reach::answer::{QueryAnswer, Verdict};
use vpc_reach::ecs::concerns;
use vpc_reach::network::{Network, TaskDefinition};
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{ReadError, scenario};

/// A scenario's network whose task definition is replaced by one in AWS's own words.
pub(super) fn world(port: u16, containers: &Value) -> World {
    let document = json!({ "taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1",
        "family": "web", "revision": 1, "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"], "containerDefinitions": containers,
    }});
    let document = Document::new("describe-task-definition.json", &document.to_string());
    let captured = describe::read(&[document]).unwrap().network;
    let own = captured.task_definitions.values().next().unwrap().containers.clone();
    let text = NETWORK.replace("{port}", &port.to_string());
    let mut base = |_: &str| -> Result<Network, ReadError> { Ok(Network::stated()) };
    let mut network = scenario::read("reach.yaml", &text, &mut base).unwrap().network;
    let definition = network.task_definitions["web"].clone();
    network.insert(TaskDefinition { containers: own, ..definition });
    World::new(network)
}

pub(super) fn ask(world: &World, port: u16) -> QueryAnswer {
    world.ask(&format!("front -> web:{port}").parse().unwrap()).unwrap()
}

#[test]
fn realistic_task_definitions_get_the_right_verdict_or_an_honest_one() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("definitions.json")).unwrap();
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for case in &cases {
        let port = u16::try_from(case["port"].as_u64().unwrap()).unwrap();
        let world = world(port, &case["containerDefinitions"]);
        let answer = ask(&world, port);
        let one = &answer.answers[0];
        let mut codes: Vec<&str> = one.findings.iter().map(|it| &*it.code.0).collect();
        codes.extend(one.blockers.iter().map(|it| &*it.code.0));
        let service = world.network.services.values().next().unwrap();
        let concerns = concerns(&world.network, service);
        let about: Vec<&str> =
            concerns.iter().map(|it| &*it.code.0).filter(|code| BINDS.contains(code)).collect();
        let wanted: Vec<&str> =
            case["concerns"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        let code = case["code"].as_str();
        if answer.verdict.to_string() != case["verdict"].as_str().unwrap()
            || code.is_some_and(|code| !codes.contains(&code))
            || about != wanted
        {
            wrong.push(format!("{}: {one:#?}\n{about:?}", case["name"]));
        }
        // What is missing says what is likely, and how to settle it.
        if answer.verdict == Verdict::Unknown {
            let missing = &one.missing[0];
            assert!(missing.fact.contains("listens on"), "{missing:?}");
            let command = missing.command.as_deref().unwrap();
            assert!(command.starts_with("aws ecs execute-command"), "{command}");
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The codes that this is about.
const BINDS: [&str; 7] = [
    "HEALTH_CHECK_BY_NAME",
    "LISTENER_LIKELY_ON_LOOPBACK",
    "LISTENER_LIKELY_ON_OTHER_PORT",
    "LISTENER_ON_OWN_ADDRESS",
    "PORT_TAKEN_IN_TASK",
    "PRIVILEGED_PORT",
    "PROTECTED_MODE",
];
