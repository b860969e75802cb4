//! What a snapshot is to its reader: a folder or one file, which says itself what is not in it.

use assert_cmd::Command;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use vpc_reach::read::load;

const ACCOUNT: &str = "123456789012";

fn reach() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reach"));
    command.env_remove("REACH_FILE");
    command
}

/// A saved capture as a snapshot: in the folders of its account and Region, with a manifest.
fn snapshot(calls: &str) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(ACCOUNT).join("us-east-1");
    fs::create_dir_all(&folder).unwrap();
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/nat-per-zone");
    for entry in fs::read_dir(saved).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let manifest = format!(
        r#"{{"schema": "reach/snapshot/1", "tool": "test", "started": "2026-01-01T00:00:00Z",
            "ended": "2026-01-01T00:00:09Z", "accounts": ["{ACCOUNT}"], "regions": ["us-east-1"],
            "calls": [{calls}]}}"#
    );
    fs::write(place.path().join("manifest.json"), manifest).unwrap();
    place
}

fn call(name: &str, status: &str, action: &str) -> String {
    format!(
        r#"{{"account": "{ACCOUNT}", "region": "us-east-1", "call": "{name}", "status": "{status}",
            "error": "it said so", "action": "{action}"}}"#
    )
}

fn check(place: &TempDir) -> (Option<i32>, String) {
    let output = reach().arg("-f").arg(place.path()).arg("check").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text + &String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_denied_call_makes_what_rests_on_it_unknown_and_names_the_action_to_grant() {
    let denied = snapshot(&call("ec2 describe-network-acls", "denied", "ec2:DescribeNetworkAcls"));
    let file = denied.path().join(ACCOUNT).join("us-east-1/describe-network-acls.json");
    fs::remove_file(file).unwrap();
    let (code, text) = check(&denied);
    assert_eq!(code, Some(3), "nothing failed, something is unknown: {text}");
    let place = format!("denied in {ACCOUNT}/us-east-1: grant ec2:DescribeNetworkAcls");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&place), "{text}");
}

#[test]
fn a_listing_that_failed_half_way_does_not_count_as_complete() {
    let whole = snapshot(&call("ec2 describe-vpc-endpoints", "ok", "ec2:DescribeVpcEndpoints"));
    let half = snapshot(&call("ec2 describe-vpc-endpoints", "failed", "ec2:DescribeVpcEndpoints"));
    let endpoints = |place: &TempDir| {
        let network = load(place.path().to_str().unwrap()).unwrap().network;
        let scope = network.vpcs.values().next().unwrap().about.scope.clone();
        network.coverage.covers(&scope, vpc_reach::network::Kind::VpcEndpoint)
    };
    assert!(endpoints(&whole));
    assert!(!endpoints(&half));
}

#[test]
fn a_call_without_anything_to_ask_for_counts_as_complete() {
    let place = snapshot(&call("elbv2 describe-listeners", "ok", "x:y"));
    for entry in fs::read_dir(place.path().join(ACCOUNT).join("us-east-1")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if ["describe-l", "describe-rules", "describe-t", "describe-s"].iter().any(|of| {
            name.starts_with(of) && name != "describe-subnets.json" && !name.contains("security")
        }) {
            fs::remove_file(path).unwrap();
        }
    }
    let network = load(place.path().to_str().unwrap()).unwrap().network;
    let scope = network.vpcs.values().next().unwrap().about.scope.clone();
    assert!(network.coverage.covers(&scope, vpc_reach::network::Kind::Listener));
    assert!(!network.coverage.covers(&scope, vpc_reach::network::Kind::TargetGroup));
}

#[test]
fn one_file_and_its_folder_are_the_same_network() {
    let place = snapshot("");
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_dir_all(".", place.path()).unwrap();
    let plain = builder.into_inner().unwrap();
    let file = place.path().join("snapshot.tar.zst");
    fs::write(&file, compress_to_vec(plain.as_slice(), CompressionLevel::Fastest)).unwrap();
    let packed = load(file.to_str().unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    let folder = load(place.path().to_str().unwrap()).unwrap();
    assert_eq!(packed.network.vpcs.len(), folder.network.vpcs.len());
    let ids = |network: &vpc_reach::network::Network| {
        network.interfaces.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(ids(&packed.network), ids(&folder.network));
    assert_eq!(packed.network.coverage, folder.network.coverage);
}

#[test]
fn a_broken_archive_is_an_error_that_names_it() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("cut.tar.zst");
    fs::write(&file, b"not zstandard").unwrap();
    let error = load(file.to_str().unwrap()).unwrap_err();
    assert!(error.message.contains("cut.tar.zst is no archive"), "{}", error.message);
}

#[test]
fn a_manifest_of_a_newer_format_is_refused() {
    let place = snapshot("");
    let manifest = r#"{"schema": "reach/snapshot/9"}"#;
    fs::write(place.path().join("manifest.json"), manifest).unwrap();
    let error = load(place.path().to_str().unwrap()).unwrap_err();
    assert!(error.message.contains("reach/snapshot/9"), "{}", error.message);
    assert!(error.hint.unwrap().contains("reach/snapshot/1"));
}

#[test]
fn a_manifest_json_of_another_program_is_no_snapshot() {
    let place = snapshot("");
    fs::write(place.path().join("manifest.json"), r#"{"name": "web app"}"#).unwrap();
    let loaded = load(place.path().to_str().unwrap()).unwrap();
    assert!(loaded.notes.iter().any(|note| note.contains("manifest.json")), "{:?}", loaded.notes);
}

/// AP-01
#[test]
fn the_policy_allows_reading_and_nothing_else() {
    let output = reach().args(["snapshot", "--print-policy"]).output().unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let actions = policy["Statement"][0]["Action"].as_array().unwrap();
    assert!(actions.len() > 60);
    for action in actions {
        let verb = action.as_str().unwrap().split_once(':').unwrap().1;
        let reads = ["Describe", "List", "Get", "Search"].iter().any(|word| verb.starts_with(word));
        assert!(reads, "{action}");
    }
    let with =
        ["snapshot", "--print-policy", "--organization", "--role-name", "r", "--region", "all"];
    let text = String::from_utf8(reach().args(with).output().unwrap().stdout).unwrap();
    for needed in ["organizations:ListAccounts", "ec2:DescribeRegions", "arn:aws:iam::*:role/r"] {
        assert!(text.contains(needed), "{needed}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn the_script_is_one_that_sh_reads_and_makes_every_call() {
    let output = reach().args(["snapshot", "--print-script"]).output().unwrap();
    let script = String::from_utf8(output.stdout).unwrap();
    for call in vpc_reach::models::snapshot_calls() {
        assert!(script.contains(&format!("{} {}", call.service, call.name)), "{}", call.name);
    }
    let leftover = script.lines().find(|line| line.contains('@') && line.contains("@KEEP"));
    assert_eq!(leftover, None);
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("snapshot.sh");
    fs::write(&file, script).unwrap();
    let read = std::process::Command::new("sh").arg("-n").arg(&file).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

/// A command line of AWS's that may list no load balancers, and knows nothing else.
#[cfg(unix)]
#[test]
fn the_script_does_not_take_for_empty_what_it_could_not_ask_for() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let script = place.path().join("snapshot.sh");
    let printed = reach().args(["snapshot", "--print-script"]).output().unwrap().stdout;
    fs::write(&script, printed).unwrap();
    let aws = place.path().join("aws");
    let text = "#!/bin/sh\ncase \"$1 $2\" in\n\
                'sts get-caller-identity') echo 123456789012 ;;\n\
                'elbv2 describe-load-balancers') echo 'An error occurred (AccessDenied)' >&2; exit 254 ;;\n\
                *) echo '{}' ;;\nesac\n";
    fs::write(&aws, text).unwrap();
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", place.path().display(), std::env::var("PATH").unwrap());
    let saved = place.path().join("s");
    let output = std::process::Command::new("sh")
        .args([&script, &saved])
        .arg("us-east-1")
        .env("PATH", path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(saved.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let status = |call: &str| {
        let calls = manifest["calls"].as_array().unwrap();
        calls.iter().find(|one| one["call"] == call).unwrap()["status"].clone()
    };
    assert_eq!(status("elbv2 describe-load-balancers"), "denied");
    assert_eq!(status("elbv2 describe-listeners"), "pending");
    // Its own source could not be asked for either.
    assert_eq!(status("elbv2 describe-rules"), "pending");
    assert_eq!(status("elbv2 describe-target-health"), "ok");
    let network = load(saved.to_str().unwrap()).unwrap().network;
    let scope = &network.gaps.first().unwrap().scope;
    assert!(!network.coverage.covers(scope, vpc_reach::network::Kind::Listener));
    assert!(network.coverage.covers(scope, vpc_reach::network::Kind::TargetHealth));
}

#[cfg(not(feature = "aws"))]
#[test]
fn without_live_capture_it_is_said_how_to_get_it_and_what_stands_in() {
    for arguments in [&["snapshot"][..], &["check", "--live"]] {
        let output = reach().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("cargo install --path . --features aws"), "{text}");
        assert!(text.contains("reach snapshot --print-script"), "{text}");
    }
}
