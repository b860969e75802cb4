//! Who is asked, and as whom: accounts, Regions, roles, profiles, and one service.

use crate::stub::{self, Reply, Request, Stub, ec2, parameter};
use crate::{Captured, reach};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

fn folders(captured: &Captured) -> Vec<String> {
    let inside = |path: &Path| {
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|one| one.unwrap().path()).collect();
        names.retain(|path| path.is_dir());
        names.sort();
        names
    };
    let accounts = inside(&captured.folder());
    let scopes = accounts.iter().flat_map(|account| inside(account));
    let name = |path: std::path::PathBuf| {
        path.strip_prefix(captured.folder()).unwrap().display().to_string()
    };
    scopes.map(name).collect()
}

fn xml(body: &str) -> Option<Reply> {
    Some(Reply::Body(200, body.to_owned()))
}

#[test]
fn all_regions_are_those_that_are_enabled_in_each_account() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeRegions" => {
            let more = match stub::account(request).as_str() {
                "111122223333" => "<item><regionName>eu-west-1</regionName></item>",
                _ => "",
            };
            let regions = "<item><regionName>us-east-1</regionName></item>";
            ec2("DescribeRegions", &format!("<regionInfo>{regions}{more}</regionInfo>"))
        }
        _ => None,
    });
    let accounts = ["--accounts", "111122223333,222233334444", "--role-name", "r"];
    let captured = Captured::new(&stub, &[&["--region", "all"][..], &accounts].concat());
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert_eq!(
        folders(&captured),
        [
            "111122223333/eu-west-1",
            "111122223333/global",
            "111122223333/us-east-1",
            "222233334444/global",
            "222233334444/us-east-1"
        ]
    );
}

#[test]
fn regions_that_cannot_be_listed_say_what_to_grant() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "DescribeRegions" => stub::ec2_error(403, "UnauthorizedOperation"),
        _ => None,
    });
    let captured = Captured::new(&stub, &["--region", "all"]);
    assert_eq!(captured.code, Some(2));
    assert!(captured.stderr.contains("grant ec2:DescribeRegions"), "{}", captured.stderr);
    assert!(!captured.folder().exists(), "nothing is left of a capture that never began");
}

/// What roles were assumed with: their ARN and the external id.
type Roles = Arc<Mutex<Vec<(String, Option<String>)>>>;

fn assumed() -> (Stub, Roles) {
    let roles = Roles::default();
    let seen = Arc::clone(&roles);
    let stub = Stub::new(move |request: &Request| {
        if request.action == "AssumeRole" {
            let role = parameter(request, "RoleArn").unwrap();
            seen.lock().unwrap().push((role, parameter(request, "ExternalId")));
        }
        None
    });
    (stub, roles)
}

#[test]
fn a_role_is_assumed_with_its_external_id_and_its_account_is_captured() {
    let (stub, roles) = assumed();
    let role = "arn:aws:iam::222233334444:role/reader";
    let captured = Captured::new(&stub, &["--role-arn", role, "--external-id", "x-77"]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert_eq!(folders(&captured), ["222233334444/global", "222233334444/us-east-1"]);
    let roles = roles.lock().unwrap();
    assert!(!roles.is_empty());
    assert!(
        roles.iter().all(|one| *one == (role.to_owned(), Some("x-77".to_owned()))),
        "{roles:?}"
    );
}

#[test]
fn a_role_that_is_no_arn_is_refused_before_anything_is_asked() {
    let (stub, _) = assumed();
    let captured = Captured::new(&stub, &["--role-arn", "reader"]);
    assert_eq!(captured.code, Some(2));
    assert!(captured.stderr.contains("`reader` is no ARN of a role"), "{}", captured.stderr);
}

/// Refuses the role of one account.
fn refusing(account: &'static str) -> Stub {
    Stub::new(move |request| match request.action.as_str() {
        "AssumeRole" if parameter(request, "RoleArn").unwrap().contains(account) => {
            Some(Reply::Body(
                403,
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User u is not authorized \
                 to perform: sts:AssumeRole</Message></Error></ErrorResponse>"
                    .to_owned(),
            ))
        }
        _ => None,
    })
}

#[test]
fn a_role_that_may_not_be_assumed_is_told_and_named() {
    let stub = refusing("222233334444");
    let role = "arn:aws:iam::222233334444:role/reader";
    let captured = Captured::new(&stub, &["--role-arn", role]);
    assert_eq!(captured.code, Some(2), "{}{}", captured.stdout, captured.stderr);
    for word in ["AccessDenied: User u is not authorized", role, "--external-id"] {
        assert!(captured.stderr.contains(word), "{word}: {}", captured.stderr);
    }
    assert!(!captured.folder().exists());
}

#[test]
fn one_account_of_several_that_lets_nobody_in_is_told_and_the_others_are_captured() {
    let accounts = ["--accounts", "111122223333,222233334444", "--role-name", "reader"];
    let captured = Captured::new(&refusing("222233334444"), &accounts);
    assert_eq!(captured.code, Some(3), "{}{}", captured.stdout, captured.stderr);
    assert_eq!(folders(&captured), ["111122223333/global", "111122223333/us-east-1"]);
    let told = "denied: sts assume-role  222233334444/global: grant sts:AssumeRole on \
                arn:aws:iam::222233334444:role/reader";
    assert!(captured.stdout.contains(told), "{}", captured.stdout);
    let healthy = Stub::new(|_| None);
    let resumed =
        Captured::again(&healthy, captured.place, &[&accounts[..], &["--resume"]].concat());
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.stdout, resumed.stderr);
    assert_eq!(folders(&resumed).len(), 4);
}

#[test]
fn the_organization_is_every_active_account_of_every_page() {
    let account = |id: &str, status: &str| format!(r#"{{"Id": "{id}", "Status": "{status}"}}"#);
    let stub = Stub::new(move |request| match request.action.as_str() {
        "ListAccounts" if request.body.contains("NextToken") => {
            let more = account("333344445555", "ACTIVE");
            Some(Reply::Body(200, format!(r#"{{"Accounts": [{more}]}}"#)))
        }
        "ListAccounts" => {
            let own = account("111122223333", "ACTIVE");
            let gone = account("222233334444", "SUSPENDED");
            Some(Reply::Body(200, format!(r#"{{"Accounts": [{own}, {gone}], "NextToken": "n"}}"#)))
        }
        _ => None,
    });
    let captured = Captured::new(&stub, &["--organization", "--role-name", "reader"]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert_eq!(
        captured.manifest()["accounts"],
        serde_json::json!(["111122223333", "333344445555"])
    );
    let nameless = Captured::new(&stub, &["--organization"]);
    assert_eq!(nameless.code, Some(2));
    assert!(nameless.stderr.contains("--role-name <NAME>"), "{}", nameless.stderr);
}

#[test]
fn an_organization_that_may_not_be_listed_says_what_to_grant() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "ListAccounts" => {
            Some(Reply::Body(400, r#"{"__type": "AccessDeniedException"}"#.to_owned()))
        }
        _ => None,
    });
    let captured = Captured::new(&stub, &["--organization", "--role-name", "reader"]);
    assert_eq!(captured.code, Some(2));
    assert!(captured.stderr.contains("grant organizations:ListAccounts"), "{}", captured.stderr);
}

#[test]
fn a_profile_that_is_named_goes_before_keys_in_the_environment() {
    let stub = Stub::new(|_| None);
    let place = tempfile::tempdir().unwrap();
    let keys = place.path().join("credentials");
    let text = "[other]\naws_access_key_id = ASSUMED222233334444\naws_secret_access_key = s\n";
    fs::write(&keys, text).unwrap();
    let folder = place.path().join("s");
    let output = reach(&stub)
        .env("AWS_SHARED_CREDENTIALS_FILE", &keys)
        .args(["snapshot", "--profile", "other", "-o"])
        .arg(&folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.join("222233334444/us-east-1/describe-vpcs.json").exists());
    assert!(!folder.join("111122223333").exists());
}

/// What is said without the keys in the environment, with a profile and a home of one's own.
fn without_keys(stub: &Stub, cached: Option<&str>, arguments: &[&str]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let text = "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\n\
                sso_role_name = reader\nregion = us-east-1\n[sso-session corp]\n\
                sso_region = us-east-1\nsso_start_url = https://corp.example/start\n";
    fs::write(&config, text).unwrap();
    if let Some(token) = cached {
        let cache = home.path().join(".aws/sso/cache");
        fs::create_dir_all(&cache).unwrap();
        // The SHA-1 of the session's name, `corp`.
        let name = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
        fs::write(cache.join(name), token).unwrap();
    }
    let output = reach(stub)
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("HOME", home.path())
        .env("AWS_CONFIG_FILE", &config)
        .args(["snapshot", "-o"])
        .arg(home.path().join("s"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(!home.path().join("s").exists(), "nothing is left of a capture that never began");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_sso_session_that_expired_or_never_was_says_how_to_sign_in_again() {
    let stub = Stub::new(|_| None);
    let expired = r#"{"accessToken": "x", "expiresAt": "2020-01-01T00:00:00Z",
        "region": "us-east-1", "startUrl": "https://corp.example/start"}"#;
    for (cached, why) in [(Some(expired), "expired"), (None, "SSO token")] {
        let (code, errors) = without_keys(&stub, cached, &["--profile", "dev"]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(why), "{errors}");
        assert!(errors.contains("aws sso login --profile dev"), "{errors}");
    }
    assert_eq!(stub.asked("GetCallerIdentity"), 0);
}

#[test]
fn no_credentials_or_no_such_profile_is_told_as_that() {
    let stub = Stub::new(|_| None);
    let (code, errors) = without_keys(&stub, None, &[]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("the credentials cannot be used"), "{errors}");
    assert!(errors.contains("AWS_ACCESS_KEY_ID"), "{errors}");
    let (code, errors) = without_keys(&stub, None, &["--profile", "nope"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("nope"), "{errors}");
}

#[test]
fn a_token_that_expired_before_the_capture_leaves_nothing_behind() {
    let stub = Stub::new(|_| {
        let error = "<Error><Code>ExpiredToken</Code><Message>The security token included in the \
                     request is expired</Message></Error>";
        Some(Reply::Body(403, format!("<ErrorResponse>{error}</ErrorResponse>")))
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(2));
    assert!(captured.stderr.contains("ExpiredToken"), "{}", captured.stderr);
    assert!(captured.stderr.contains("aws sso login"), "{}", captured.stderr);
    assert!(!captured.folder().exists());
}

/// A service `web` in one of two VPCs.
fn focused(request: &Request) -> Option<Reply> {
    match request.action.as_str() {
        "DescribeServices" => xml(r#"{"services": [{
            "serviceArn": "arn:aws:ecs:us-east-1:111122223333:service/app/web", "status": "ACTIVE",
            "serviceName": "web", "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/app",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}]}"#),
        "DescribeSubnets" => ec2(
            "DescribeSubnets",
            "<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item></subnetSet>",
        ),
        _ => crate::world(request),
    }
}

#[test]
fn a_focus_asks_for_one_vpc_and_one_service_and_says_so() {
    let filters: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&filters);
    let stub = Stub::new(move |request| {
        if let Some(filter) = parameter(request, "Filter.1.Name") {
            let value = parameter(request, "Filter.1.Value.1").unwrap_or_default();
            seen.lock().unwrap().push(format!("{} {filter}={value}", request.action));
        }
        focused(request)
    });
    let captured = Captured::new(&stub, &["--focus", "service/app/web"]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    let filters = filters.lock().unwrap();
    for wanted in [
        "DescribeVpcs vpc-id=vpc-1",
        "DescribeRouteTables vpc-id=vpc-1",
        "DescribeNetworkInterfaces vpc-id=vpc-1",
        "DescribeInternetGateways attachment.vpc-id=vpc-1",
    ] {
        assert!(filters.iter().any(|one| one == wanted), "{wanted}: {filters:?}");
    }
    assert_eq!(stub.asked("ListServices"), 0, "no other service is looked at");
    assert_eq!(stub.asked("DescribeLoadBalancers"), 0, "it has none");
    assert_eq!(captured.manifest()["focus"], "service/app/web");
    let manifest = captured.manifest();
    let calls = manifest["calls"].as_array().unwrap();
    let named = |record: &Value, call: &str| record["call"] == call;
    assert!(!calls.iter().any(|record| named(record, "ec2 describe-security-group-rules")));
}

#[test]
fn a_focus_on_a_name_that_several_clusters_have_asks_for_the_cluster() {
    let stub = Stub::new(|request| match request.action.as_str() {
        "ListClusters" => {
            xml(r#"{"clusterArns": ["arn:aws:ecs:us-east-1:111122223333:cluster/app",
                                "arn:aws:ecs:us-east-1:111122223333:cluster/jobs"]}"#)
        }
        _ => focused(request),
    });
    let captured = Captured::new(&stub, &["--focus", "web"]);
    assert_eq!(captured.code, Some(2), "{}{}", captured.stdout, captured.stderr);
    assert!(captured.stderr.contains("several services are called web"), "{}", captured.stderr);
    assert!(captured.stderr.contains("--focus service/CLUSTER/NAME"), "{}", captured.stderr);
}

#[test]
fn what_is_not_built_in_is_told_once_and_counts_as_not_captured() {
    let stub = Stub::new(|_| None);
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert_eq!(captured.status("vpc-lattice list-resource-gateways"), "omitted");
    let told: Vec<&str> =
        captured.stdout.lines().filter(|line| line.starts_with("not built in: ")).collect();
    assert_eq!(told.len(), 2, "{}", captured.stdout);
    assert!(told.iter().all(|line| line.contains("--print-script")), "{told:?}");
    let network = vpc_reach::read::load(captured.folder().to_str().unwrap()).unwrap().network;
    let gap = network.gaps.iter().find(|gap| gap.call == "networkmanager list-core-networks");
    assert!(gap.unwrap().why.contains("not built in"), "{gap:?}");
}

#[test]
fn firewalls_and_their_groups_of_rules_are_followed_by_their_arns() {
    let arn = |what: &str| format!("arn:aws:network-firewall:us-east-1:111122223333:{what}");
    let stub = Stub::new(move |request| {
        let body = match request.action.as_str() {
            "ListFirewalls" => {
                format!(r#"{{"Firewalls": [{{"FirewallArn": "{}"}}]}}"#, arn("firewall/edge"))
            }
            "DescribeFirewall" => {
                format!(
                    r#"{{"Firewall": {{"FirewallPolicyArn": "{}"}}}}"#,
                    arn("firewall-policy/edge")
                )
            }
            "DescribeFirewallPolicy" => format!(
                r#"{{"FirewallPolicy": {{
                    "StatelessRuleGroupReferences": [{{"ResourceArn": "{}"}}],
                    "StatefulRuleGroupReferences": [{{"ResourceArn": "{}"}}]}}}}"#,
                arn("stateless-rulegroup/web"),
                arn("stateful-rulegroup/web")
            ),
            "DescribeRuleGroup" => format!(r#"{{"RuleGroup": {{}}, "asked": {}}}"#, request.body),
            _ => return None,
        };
        Some(Reply::Body(200, body))
    });
    let captured = Captured::new(&stub, &[]);
    assert_eq!(captured.code, Some(0), "{}{}", captured.stdout, captured.stderr);
    assert!(
        captured.has("describe-firewall.edge") && captured.has("describe-firewall-policy.edge")
    );
    for group in ["stateless-rulegroup", "stateful-rulegroup"] {
        let answer = captured.answer(&format!("describe-rule-group.{group}.web"));
        assert_eq!(answer["asked"]["RuleGroupArn"], arn(&format!("{group}/web")));
    }
}
