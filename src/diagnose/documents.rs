//! Symptoms in the JSON of the AWS CLI: stopped tasks, service events, target health. Whatever else
//! a document holds is passed over.

use super::{Symptom, recognise, wording};
use crate::models::failure_stage;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Every symptom that a document shows, in its order.
pub(super) fn symptoms(document: &Value) -> Vec<Symptom> {
    match document {
        Value::Array(values) => values.iter().flat_map(symptoms).collect(),
        Value::Object(object) => of_object(object),
        _ => Vec::new(),
    }
}

fn of_object(object: &Object) -> Vec<Symptom> {
    let any = |keys: &[&str]| keys.iter().any(|key| object.contains_key(*key));
    if any(&["stoppedReason", "stopCode"]) || (any(&["lastStatus"]) && any(&["taskArn"])) {
        return of_task(object).into_iter().collect();
    }
    if object.get("TargetHealth").is_some_and(Value::is_object) {
        return of_target(object).into_iter().collect();
    }
    let mut found = of_service(object);
    for (key, value) in object {
        if key != "events" && key != "deployments" {
            found.extend(symptoms(value));
        }
    }
    found
}

fn text<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

fn list<'v>(object: &'v Object, key: &str) -> impl Iterator<Item = &'v Object> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// The last part of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn of_task(task: &Object) -> Option<Symptom> {
    let reasons = list(task, "containers").filter_map(|one| text(one, "reason"));
    let reasons = reasons.collect::<Vec<_>>().join("; ");
    let stopped = text(task, "stoppedReason");
    let said: Vec<&str> = stopped.into_iter().chain([reasons.as_str()]).collect();
    let said = said.join(" — ").trim_end_matches(" — ").to_owned();
    let exits: Vec<(String, i32)> = list(task, "containers")
        .filter_map(|one| {
            let code = one.get("exitCode").and_then(Value::as_i64)?;
            Some((text(one, "name").unwrap_or("container").to_owned(), i32::try_from(code).ok()?))
        })
        .collect();
    let stage = match text(task, "stopCode") {
        Some("SpotInterruption" | "TerminationNotice") => "spot",
        Some("UserInitiated") => "stopped-on-purpose",
        code => {
            let stage_of = |text: &str| recognise::recognised(text).map(|one| one.stage.stage);
            let own = stopped.and_then(stage_of);
            let ended = || exits.first().map(|_| "exited");
            match own.filter(|stage| *stage != "exited") {
                Some(stage) => stage,
                // What the containers say is more than that one has ended.
                None => stage_of(&reasons)
                    .or(own)
                    .or_else(ended)
                    .or(code.or(stopped).map(|_| "unrecognised"))
                    .or_else(|| unhealthy(task))?,
            }
        }
    };
    let mut symptom = wording::symptom(&said, failure_stage(stage)?.stage);
    let id = text(task, "taskArn").map(last);
    symptom.by = id.map(|id| format!("task {id}"));
    symptom.exits = exits;
    let group = text(task, "group").and_then(|group| group.strip_prefix("service:"));
    symptom.of.service = group.map(str::to_owned);
    let details = list(task, "attachments").flat_map(|one| list(one, "details"));
    let mut subnets = details.filter(|one| text(one, "name") == Some("subnetId"));
    symptom.of.subnet = subnets.find_map(|one| text(one, "value")).map(str::to_owned);
    Some(symptom)
}

/// A running task whose container fails its own check (CTR-15).
fn unhealthy(task: &Object) -> Option<&'static str> {
    let mut containers = list(task, "containers");
    let fails = containers.any(|one| text(one, "healthStatus") == Some("UNHEALTHY"));
    (fails || text(task, "healthStatus") == Some("UNHEALTHY")).then_some("container-unhealthy")
}

fn of_target(description: &Object) -> Option<Symptom> {
    let health = description.get("TargetHealth").and_then(Value::as_object)?;
    let state = text(health, "State").filter(|state| *state != "healthy")?;
    let parts = [Some(state), text(health, "Reason"), text(health, "Description")];
    let said: Vec<&str> = parts.into_iter().flatten().collect();
    let said = said.join(" · ");
    let mut symptom = recognise::recognised(&said).unwrap_or_else(|| {
        wording::symptom(&said, if state == "unused" { "target-unused" } else { "target-replaced" })
    });
    let target = description.get("Target").and_then(Value::as_object);
    symptom.by = target.and_then(|target| {
        let id = text(target, "Id")?;
        let port = target.get("Port").and_then(Value::as_u64);
        Some(match port {
            Some(port) => format!("target {id}:{port}"),
            None => format!("target {id}"),
        })
    });
    Some(symptom)
}

/// A service's events down to its last steady state, and what its deployments say.
fn of_service(service: &Object) -> Vec<Symptom> {
    let events = list(service, "events").filter_map(|one| text(one, "message"));
    let events = events.take_while(|message| !message.contains("reached a steady state"));
    let rollouts = list(service, "deployments").filter_map(|one| text(one, "rolloutStateReason"));
    let told = events.chain(rollouts).filter_map(recognise::recognised);
    told.filter(|symptom| symptom.stage.stage != "no-failure")
        .map(|mut symptom| {
            symptom.by = Some("service event".to_owned());
            symptom.of.service = text(service, "serviceName").map(str::to_owned);
            symptom
        })
        .collect()
}
