//! Live capture against a server that pages, throttles, refuses, falls silent and dies.
#![cfg(feature = "aws")]

#[cfg(target_os = "linux")]
#[path = "live/scale.rs"]
mod scale;
#[path = "live/stub.rs"]
mod stub;
#[path = "live/who.rs"]
mod who;

use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stub::{Reply, Stub, ec2, ec2_error};
use tempfile::TempDir;

const SCOPE: &str = "111122223333/us-east-1";

/// `reach` with credentials that only the stub takes, and nothing of this machine's own.
fn reach(stub: &Stub) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command
        .env_remove("REACH_FILE")
        .env_remove("AWS_PROFILE")
        .env("AWS_ENDPOINT_URL", &stub.endpoint)
        .env("AWS_ACCESS_KEY_ID", "OWN")
        .env("AWS_SECRET_ACCESS_KEY", "s")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

struct Captured {
    place: TempDir,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Captured {
    fn new(stub: &Stub, arguments: &[&str]) -> Self {
        Self::again(stub, tempfile::tempdir().unwrap(), arguments)
    }

    fn again(stub: &Stub, place: TempDir, arguments: &[&str]) -> Self {
        let folder = place.path().join("s");
        let output =
            reach(stub).arg("snapshot").arg("-o").arg(&folder).args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Self { place, code: output.status.code(), stdout, stderr }
    }

    fn folder(&self) -> std::path::PathBuf {
        self.place.path().join("s")
    }

    /// The answer in a file of the only account and Region.
    fn answer(&self, name: &str) -> Value {
        let path = self.folder().join(SCOPE).join(format!("{name}.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("no {}", path.display()));
        serde_json::from_str(&text).unwrap()
    }

    fn has(&self, name: &str) -> bool {
        self.folder().join(SCOPE).join(format!("{name}.json")).exists()
    }

    fn manifest(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.folder().join("manifest.json")).unwrap())
            .unwrap()
    }

    /// What the manifest says of a call.
    fn status(&self, call: &str) -> String {
        let manifest = self.manifest();
        let calls = manifest["calls"].as_array().unwrap();
        let record = calls.iter().find(|record| record["call"] == call).unwrap();
        record["status"].as_str().unwrap().to_owned()
    }
}

/// Every file of a capture but the manifest, with its text.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(one) = left.pop() {
        for entry in fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if !path.ends_with("manifest.json") {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    found
}

fn page(token: &str) -> String {
    match token {
        "" => String::new(),
        token => format!("<nextToken>{token}</nextToken>"),
    }
}

/// A world with enough in it that every kind of call is made.
fn world(request: &stub::Request) -> Option<Reply> {
    match request.action.as_str() {
        "DescribeVpcs" => ec2(
            "DescribeVpcs",
            "<vpcSet><item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock></item></vpcSet>",
        ),
        "ListClusters" => Some(Reply::Body(
            200,
            r#"{"clusterArns": ["arn:aws:ecs:us-east-1:111122223333:cluster/app"]}"#.to_owned(),
        )),
        "ListServices" => Some(Reply::Body(
            200,
            r#"{"serviceArns": ["arn:aws:ecs:us-east-1:111122223333:service/app/web"]}"#.to_owned(),
        )),
        "DescribeServices" => Some(Reply::Body(
            200,
            r#"{"services": [{"serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/app/web",
                "serviceName": "web", "status": "ACTIVE",
                "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/app",
                "taskDefinition": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:3"}]}"#
                .to_owned(),
        )),
        "DescribeTaskDefinition" => Some(Reply::Body(
            200,
            r#"{"taskDefinition": {"family": "web", "revision": 3,
                "taskDefinitionArn": "arn:aws:ecs:us-east-1:111122223333:task-definition/web:3",
                "containerDefinitions": [{"name": "app", "image": "web",
                    "environment": [{"name": "DB_PASSWORD", "value": "hunter2"},
                                    {"name": "PORT", "value": "8080"}]}]}}"#
                .to_owned(),
        )),
        _ => None,
    }
}

#[test]
fn every_page_is_captured_also_of_calls_without_a_paginator() {
    let stub = Stub::new(|request| {
        let at = |token: &str| request.body.contains(token);
        match request.action.as_str() {
            "DescribeNetworkInterfaces" | "DescribeVpcBlockPublicAccessExclusions" => {
                let (number, next) = match () {
                    () if at("NextToken=two") => (2, ""),
                    () if at("NextToken=one") => (1, "two"),
                    () => (0, "one"),
                };
                let (list, id) = match request.action.as_str() {
                    "DescribeNetworkInterfaces" => ("networkInterfaceSet", "networkInterfaceId"),
                    _ => ("vpcBlockPublicAccessExclusionSet", "exclusionId"),
                };
                let item = format!("<{list}><item><{id}>x-{number}</{id}></item></{list}>");
                ec2(&request.action, &(item + &page(next)))
            }
            "ListClusters" if at("nextToken") => {
                Some(Reply::Body(200, r#"{"clusterArns": ["arn:b:c/two"]}"#.to_owned()))
            }
            "ListClusters" => Some(Reply::Body(
                200,
                r#"{"clusterArns": ["arn:b:c/one"], "nextToken": "n"}"#.to_owned(),
            )),
            "DescribeLoadBalancers" => {
                let marker = if at("Marker=m") { "" } else { "<NextMarker>m</NextMarker>" };
                let arn = if at("Marker=m") { "b" } else { "a" };
                Some(Reply::Body(
                    200,
                    format!(
                        "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers>\
                         <member><LoadBalancerArn>{arn}</LoadBalancerArn></member></LoadBalancers>\
                         {marker}</DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
                    ),
                ))
            }
            _ => None,
        }
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    let ids = |name: &str, list: &str, id: &str| {
        let answer = captured.answer(name);
        assert_eq!(answer.as_object().unwrap().len(), 1, "no token is left: {answer}");
        let items = answer[list].as_array().unwrap().iter();
        items.map(|item| item[id].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["x-0", "x-1", "x-2"];
    assert_eq!(ids("describe-network-interfaces", "NetworkInterfaces", "NetworkInterfaceId"), all);
    let exclusions = "describe-vpc-block-public-access-exclusions";
    assert_eq!(ids(exclusions, "VpcBlockPublicAccessExclusions", "ExclusionId"), all);
    assert_eq!(ids("describe-load-balancers", "LoadBalancers", "LoadBalancerArn"), ["a", "b"]);
    let clusters = &captured.answer("list-clusters")["clusterArns"];
    assert_eq!(clusters.as_array().unwrap().len(), 2);
    assert!(captured.has("list-tasks.one.STOPPED") && captured.has("list-tasks.two.RUNNING"));
}

#[test]
fn a_server_that_sends_the_same_page_again_is_not_asked_forever() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeSubnets" => ec2("DescribeSubnets", &("<subnetSet/>".to_owned() + &page("same"))),
        _ => None,
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(3));
    assert_eq!(captured.status("ec2 describe-subnets"), "failed");
    assert!(!captured.has("describe-subnets"), "half an answer is none");
    assert_eq!(stub.asked("DescribeSubnets"), 2);
}

#[test]
fn throttled_calls_are_made_again_until_they_are_answered() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeSubnets" if request.before < 5 => ec2_error(503, "RequestLimitExceeded"),
        "ListClusters" if request.before < 3 => {
            Some(Reply::Body(400, r#"{"__type": "ThrottlingException"}"#.to_owned()))
        }
        _ => None,
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert_eq!((stub.asked("DescribeSubnets"), stub.asked("ListClusters")), (6, 4));
}

#[test]
fn a_passing_failure_of_the_server_is_passed_over_and_a_lasting_one_is_told() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeVpcs" if request.before < 2 => ec2_error(503, "Unavailable"),
        "DescribeInstances" if request.before < 1 => Some(Reply::HangUp),
        "DescribeNatGateways" => ec2_error(500, "InternalError"),
        _ => None,
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(3), "{}{}", captured.stdout, captured.stderr);
    assert!(captured.has("describe-vpcs") && captured.has("describe-instances"));
    assert_eq!(captured.status("ec2 describe-nat-gateways"), "failed");
    assert!(captured.stdout.contains("InternalError: so it is"), "{}", captured.stdout);
    assert!(captured.stdout.contains("unknown: ways through NAT"), "{}", captured.stdout);
}

#[test]
fn a_denied_call_is_told_with_the_action_to_grant_and_the_rest_is_captured() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeNetworkAcls" => ec2_error(403, "UnauthorizedOperation"),
        "ListServices" => {
            Some(Reply::Body(400, r#"{"__type": "AccessDeniedException"}"#.to_owned()))
        }
        _ => world(request),
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(3));
    assert_eq!(captured.status("ec2 describe-network-acls"), "denied");
    assert_eq!(stub.asked("DescribeNetworkAcls"), 1, "a refusal is not asked about again");
    for action in ["ec2:DescribeNetworkAcls", "ecs:ListServices"] {
        assert!(captured.stdout.contains(&format!("grant {action}")), "{}", captured.stdout);
    }
    // What would have been asked with its answer is not taken for empty.
    assert_eq!(captured.status("ecs describe-services"), "pending");
    assert!(captured.manifest()["ended"].is_string(), "asking again would not help");
    assert!(captured.has("describe-security-groups"));
}

#[test]
fn a_call_that_the_server_does_not_know_is_soon_given_up() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeRouteServers" => {
            Some(Reply::Body(500, "<!doctype html>\n<html lang=en>error</html>".to_owned()))
        }
        _ => None,
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(0));
    assert_eq!(captured.status("ec2 describe-route-servers"), "unsupported");
    assert_eq!(stub.asked("DescribeRouteServers"), 2);
}

#[test]
fn a_server_that_falls_silent_ends_the_capture_and_resume_goes_on() {
    let silent = Stub::new(|request| match request.action.as_str() {
        "DescribeRouteTables" => Some(Reply::Silence(Duration::from_secs(5))),
        _ => world(request),
    });
    let captured = Captured::new(&silent, &["--timeout", "1"]);
    assert_eq!(captured.code, Some(2), "{}{}", captured.stdout, captured.stderr);
    assert!(captured.stderr.contains("did not answer in time"), "{}", captured.stderr);
    assert!(captured.stderr.contains("--resume"), "{}", captured.stderr);
    assert_eq!(captured.status("ec2 describe-route-tables"), "pending");
    assert!(captured.manifest()["ended"].is_null());

    let healthy = Stub::new(world);
    let resumed = Captured::again(&healthy, captured.place, &["--resume"]);
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.stdout, resumed.stderr);
    assert!(resumed.has("describe-route-tables"));
    assert!(resumed.manifest()["ended"].is_string());
    assert_eq!(healthy.asked("ListClusters"), 0, "what is there is not asked for again");
}

#[test]
fn credentials_that_expire_end_the_capture_and_resume_goes_on() {
    let asked = Arc::new(AtomicUsize::new(0));
    let stub = Stub::new(move |request| match asked.fetch_add(1, Ordering::SeqCst) {
        0..12 => world(request),
        _ if request.service == "ec2" => ec2_error(400, "RequestExpired"),
        _ if matches!(request.service.as_str(), "ecs" | "route53resolver") => {
            Some(Reply::Body(400, r#"{"__type": "ExpiredTokenException"}"#.to_owned()))
        }
        _ => world(request),
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(2), "{}{}", captured.stdout, captured.stderr);
    let told =
        captured.stderr.contains("RequestExpired") || captured.stderr.contains("ExpiredToken");
    assert!(told && captured.stderr.contains("--resume"), "{}", captured.stderr);
    let before = files(&captured.folder());

    let healthy = Stub::new(world);
    let resumed = Captured::again(&healthy, captured.place, &["--resume"]);
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.stdout, resumed.stderr);
    let whole = Captured::new(&healthy, &[]);
    assert_eq!(files(&resumed.folder()), files(&whole.folder()));
    assert!(before.len() < files(&whole.folder()).len(), "it had been cut short");
}

#[test]
fn a_server_that_dies_half_way_loses_nothing() {
    let dying = Arc::new(AtomicUsize::new(0));
    let stub = Stub::new(move |request| match dying.fetch_add(1, Ordering::SeqCst) {
        0..30 => world(request),
        _ => Some(Reply::HangUp),
    });
    let captured = Captured::new(&stub, &["--timeout", "2"]);
    assert_eq!(captured.code, Some(2), "{}{}", captured.stdout, captured.stderr);
    let left = files(&captured.folder());
    assert!(left.keys().all(|name| name.ends_with(".json")), "no half answers: {:?}", left.keys());

    let healthy = Stub::new(world);
    let resumed = Captured::again(&healthy, captured.place, &["--resume"]);
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.stdout, resumed.stderr);
    let whole = Captured::new(&healthy, &[]);
    assert_eq!(files(&resumed.folder()), files(&whole.folder()));
}

#[test]
fn a_capture_is_not_written_over() {
    let stub = Stub::new(|_| None);
    let first = Captured::new(&stub, &[]);
    let second = Captured::again(&stub, first.place, &[]);
    assert_eq!(second.code, Some(2));
    assert!(second.stderr.contains("already holds a capture"), "{}", second.stderr);
    assert!(second.stderr.contains("--resume"), "{}", second.stderr);
}

#[test]
fn credentials_that_are_not_accepted_say_how_to_sign_in() {
    let stub = Stub::new(|_| {
        Some(Reply::Body(
            403,
            "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token \
             included in the request is invalid.</Message></Error></ErrorResponse>"
                .to_owned(),
        ))
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(2));
    assert!(captured.stderr.contains("InvalidClientTokenId"), "{}", captured.stderr);
    assert!(captured.stderr.contains("aws sso login"), "{}", captured.stderr);
}

#[test]
fn secrets_are_not_saved() {
    let stub = Stub::new(world);
    let captured = Captured::new(&stub, &[]);
    let text = captured.answer("describe-task-definition.web.3").to_string();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("DB_PASSWORD") && text.contains("8080"), "{text}");
}

#[test]
fn what_changed_under_the_capture_is_read_again_once() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeServices" => Some(Reply::Body(
            200,
            r#"{"services": [{"networkConfiguration": {"awsvpcConfiguration": {
                "subnets": ["subnet-new", "subnet-gone"]}}}]}"#
                .to_owned(),
        )),
        "DescribeSubnets" => {
            let id = if request.before == 0 { "subnet-old" } else { "subnet-new" };
            let item = format!("<subnetSet><item><subnetId>{id}</subnetId></item></subnetSet>");
            ec2("DescribeSubnets", &item)
        }
        _ => world(request),
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(stub.asked("DescribeSubnets"), 2);
    assert_eq!(captured.answer("describe-subnets")["Subnets"][0]["SubnetId"], "subnet-new");
    let notes = captured.manifest()["notes"].to_string();
    assert!(notes.contains("subnet-gone") && !notes.contains("subnet-new"), "{notes}");
}

#[test]
fn progress_is_plain_lines_off_a_terminal_and_nothing_when_quiet() {
    let stub = Stub::new(|_| None);
    let captured = Captured::new(&stub, &[]);
    assert!(captured.stderr.contains(&format!("{SCOPE}: done")), "{}", captured.stderr);
    let quiet = Captured::new(&stub, &["--quiet"]);
    assert_eq!((quiet.stderr.as_str(), quiet.code), ("", Some(0)));
}

#[test]
fn a_capture_in_one_file_is_read_like_its_folder() {
    let stub = Stub::new(world);
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("s.tar.zst");
    let output = reach(&stub).arg("snapshot").arg("-o").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let names: Vec<_> =
        fs::read_dir(place.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["s.tar.zst"], "nothing else is left");
    let packed = vpc_reach::read::load(file.to_str().unwrap()).unwrap();
    let folder = Captured::new(&stub, &[]);
    let plain = vpc_reach::read::load(folder.folder().to_str().unwrap()).unwrap();
    assert_eq!(packed.network.coverage, plain.network.coverage);
    assert_eq!(packed.network.vpcs.len(), 1);
}

#[test]
fn several_accounts_and_regions_each_have_their_folder() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeVpcs" => {
            let id = format!("vpc-{}-{}", stub::account(request), request.region);
            ec2("DescribeVpcs", &format!("<vpcSet><item><vpcId>{id}</vpcId></item></vpcSet>"))
        }
        _ => None,
    });
    let captured = Captured::new(
        &stub,
        &[
            "--accounts",
            "111122223333,222233334444",
            "--role-name",
            "reader",
            "--region",
            "us-east-1",
            "--region",
            "eu-west-1",
        ],
    );
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    for account in ["111122223333", "222233334444"] {
        for region in ["us-east-1", "eu-west-1"] {
            let path = captured.folder().join(account).join(region).join("describe-vpcs.json");
            assert!(fs::read_to_string(path).unwrap().contains(&format!("vpc-{account}-{region}")));
        }
        assert!(captured.folder().join(account).join("global/list-hosted-zones.json").exists());
    }
}
