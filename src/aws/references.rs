//! Ids that answers refer to and no listing has: the network changed between two calls.

use super::folder::Folder;
use super::input::texts;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The ids that are missing, by the call that would list them.
pub(super) type Missing = BTreeMap<&'static str, BTreeSet<String>>;

/// What refers to what: the answer, its key, the listing, the key of its ids.
const REFERENCES: [(&str, &str, &str, &str); 6] = [
    ("describe-services", "subnets", "describe-subnets", "SubnetId"),
    ("describe-services", "securityGroups", "describe-security-groups", "GroupId"),
    ("describe-services", "targetGroupArn", "describe-target-groups", "TargetGroupArn"),
    (
        "describe-vpc-endpoints",
        "NetworkInterfaceIds",
        "describe-network-interfaces",
        "NetworkInterfaceId",
    ),
    ("describe-load-balancers", "SecurityGroups", "describe-security-groups", "GroupId"),
    ("describe-load-balancers", "SubnetId", "describe-subnets", "SubnetId"),
];

/// The ids that the answers in a folder refer to and its listings do not have.
pub(super) fn missing(folder: &Folder) -> io::Result<Missing> {
    let mut missing = Missing::new();
    for (from, field, listing, key) in REFERENCES {
        let wanted = ids(&answers(folder, from)?, field);
        take(folder, wanted, listing, key, &mut missing)?;
    }
    let wanted = interfaces_of_tasks(&answers(folder, "describe-tasks")?);
    take(folder, wanted, "describe-network-interfaces", "NetworkInterfaceId", &mut missing)?;
    Ok(missing)
}

fn answers(folder: &Folder, call: &str) -> io::Result<Vec<Value>> {
    Ok(folder.answers(call)?.into_iter().map(|(_, value)| value).collect())
}

fn take(
    folder: &Folder,
    mut wanted: BTreeSet<String>,
    listing: &'static str,
    key: &str,
    missing: &mut Missing,
) -> io::Result<()> {
    let listed = answers(folder, listing)?;
    // Without the listing nothing can be said to be missing from it.
    if wanted.is_empty() || listed.is_empty() {
        return Ok(());
    }
    for id in ids(&listed, key) {
        wanted.remove(&id);
    }
    if !wanted.is_empty() {
        missing.entry(listing).or_default().extend(wanted);
    }
    Ok(())
}

fn ids(answers: &[Value], field: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for answer in answers {
        texts(answer, field, &mut |text| {
            found.insert(text.to_owned());
        });
    }
    found
}

/// The interfaces of tasks that run: those of a stopped task are gone.
fn interfaces_of_tasks(answers: &[Value]) -> BTreeSet<String> {
    let tasks = answers.iter().filter_map(|answer| answer.get("tasks")?.as_array()).flatten();
    let running = tasks.filter(|task| task.get("lastStatus") == Some(&Value::from("RUNNING")));
    let details = running
        .filter_map(|task| task.get("attachments")?.as_array())
        .flatten()
        .filter_map(|attachment| attachment.get("details")?.as_array())
        .flatten();
    details
        .filter(|detail| detail.get("name") == Some(&Value::from("networkInterfaceId")))
        .filter_map(|detail| detail.get("value")?.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn save(folder: &Folder, name: &str, value: Value) {
        folder.begin(name, value.as_object().unwrap().clone()).unwrap().finish().unwrap();
    }

    #[test]
    fn what_a_running_task_refers_to_must_be_listed() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path().to_path_buf()).unwrap();
        let task = |status: &str, id: &str| {
            json!({"lastStatus": status, "attachments": [{"details": [
                {"name": "networkInterfaceId", "value": id}]}]})
        };
        let tasks = [task("RUNNING", "eni-1"), task("RUNNING", "eni-2"), task("STOPPED", "eni-3")];
        save(&folder, "describe-tasks.app.1", json!({"tasks": tasks}));
        assert!(missing(&folder).unwrap().is_empty(), "no listing, nothing missing");
        let listed = json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}]});
        save(&folder, "describe-network-interfaces", listed);
        let found = missing(&folder).unwrap();
        let expected = BTreeSet::from(["eni-2".to_owned()]);
        assert_eq!(found, Missing::from([("describe-network-interfaces", expected)]));
    }
}
