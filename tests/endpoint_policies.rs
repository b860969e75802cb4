//! What the policies of endpoints refuse, told beside verdicts that stay as they are; and the names
//! and policies of the partitions for China and GovCloud.

use vpc_reach::answer::{QueryAnswer, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::scenario;

/// A service in a subnet without a way out, with endpoints for ECR and S3.
const NETWORK: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private } }
route_tables: { private: { vpc: app } }
security_groups: { open: { vpc: app, ingress: [{ from: 10.0.0.0/16, port: 443 }] } }
endpoints:
  api: { service: ecr.api, subnets: [a], security_groups: [open] }
  dkr: { service: ecr.dkr, subnets: [a], security_groups: [open] }
  s3: { service: s3, route_tables: [private] }
services: { web: { subnets: [a], security_groups: [open] } }
";

/// An answer from [`NETWORK`] in a Region, where one endpoint has a policy.
fn ask_in(region: &str, endpoint: &str, policy: &str, query: &str) -> QueryAnswer {
    let text = NETWORK.replace("us-east-1", region);
    let line = text.lines().find(|line| line.starts_with(&format!("  {endpoint}: "))).unwrap();
    let with = match policy {
        "" => line.to_owned(),
        policy => line.replace(" }", &format!(", policy: '{policy}' }}")),
    };
    let text = text.replace(line, &with);
    let loaded = scenario::read("test.yaml", &text, &mut |base| panic!("no base {base}"));
    let network = loaded.unwrap_or_else(|error| panic!("{error:?}\n{text}")).network;
    World::new(network).ask(&query.parse().unwrap()).unwrap()
}

/// The code and text of what a policy is said to do; the verdict stays.
fn told(endpoint: &str, policy: &str, query: &str) -> Option<(String, String)> {
    let answer = ask_in("us-east-1", endpoint, policy, query);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    let findings = answer.answers.iter().flat_map(|one| &one.findings);
    let of_policy = findings.filter(|one| one.code.0.starts_with("ENDPOINT_POLICY"));
    of_policy.map(|one| (one.code.0.to_string(), one.text.clone())).next()
}

fn code(endpoint: &str, policy: &str, query: &str) -> String {
    told(endpoint, policy, query).map_or("nothing".to_owned(), |(code, _)| code)
}

fn statement(effect: &str, rest: &str) -> String {
    format!(r#"{{"Effect": "{effect}", "Principal": "*", {rest}}}"#)
}

fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
}

const EVERYTHING: &str = r#""Action": "*", "Resource": "*""#;

/// IE-08
#[test]
fn a_policy_that_cannot_allow_a_pull_is_told_beside_the_verdict() {
    let api = |policy: &str| code("api", policy, "task-eni -> ecr.api");
    assert_eq!(api(""), "nothing", "no policy allows everything");
    assert_eq!(api(&policy(&[statement("Allow", EVERYTHING)])), "nothing");
    let some = r#""Action": ["ecr:GetAuthorizationToken", "ecr:Batch*"], "Resource": "*""#;
    let (code, text) =
        told("api", &policy(&[statement("Allow", some)]), "task-eni -> ecr.api").unwrap();
    assert_eq!(code, "ENDPOINT_POLICY_DENIES");
    assert!(text.contains("does not allow ecr:GetDownloadUrlForLayer: pulls of images"), "{text}");
    // What is denied to everybody is, whatever is allowed.
    let deny = r#""NotAction": "ecr:Describe*", "Resource": "*""#;
    let both = policy(&[statement("Allow", EVERYTHING), statement("Deny", deny)]);
    assert_eq!(api(&both), "ENDPOINT_POLICY_DENIES");
}

/// IE-08: what depends on who asks, or for which repository, is not known.
#[test]
fn a_policy_with_conditions_may_deny() {
    let one = r#""Action": "ecr:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#;
    assert_eq!(
        code("dkr", &policy(&[statement("Allow", one)]), "task-eni -> ecr.dkr"),
        "ENDPOINT_POLICY_MAY_DENY"
    );
    let role = policy(&[statement("Allow", EVERYTHING)])
        .replace(r#""*", "Action""#, r#"{"AWS": "arn:aws:iam::111122223333:role/pull"}, "Action""#);
    assert_eq!(code("dkr", &role, "task-eni -> ecr.dkr"), "ENDPOINT_POLICY_MAY_DENY");
    let repository =
        r#""Action": "ecr:*", "Resource": "arn:aws:ecr:us-east-1:111122223333:repository/web""#;
    let narrow = policy(&[statement("Allow", repository)]);
    assert_eq!(code("dkr", &narrow, "task-eni -> ecr.dkr"), "ENDPOINT_POLICY_MAY_DENY");
}

/// GE-08
#[test]
fn a_gateway_endpoints_policy_has_to_allow_the_layer_bucket() {
    let s3 = |resource: &str| {
        let rest = format!(r#""Action": "s3:GetObject", "Resource": {resource}"#);
        code("s3", &policy(&[statement("Allow", &rest)]), "task-eni -> s3")
    };
    assert_eq!(s3(r#""arn:aws:s3:::my-own/*""#), "ENDPOINT_POLICY_DENIES");
    assert_eq!(
        s3(r#"["arn:aws:s3:::my-own/*", "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"]"#),
        "nothing"
    );
    assert_eq!(s3(r#""arn:aws:s3:::prod-*-starport-layer-bucket/*""#), "nothing");
    assert_eq!(
        s3(r#""arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*""#),
        "ENDPOINT_POLICY_DENIES"
    );
    assert_eq!(
        s3(r#""arn:aws:s3:::prod-us-east-1-starport-layer-bucket/some/*""#),
        "ENDPOINT_POLICY_MAY_DENY"
    );
}

/// IE-08: as AWS describes it.
#[test]
fn a_captured_policy_is_read() {
    let text = r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Gateway", "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.us-east-1.s3", "State": "available",
        "PolicyDocument": "{\"Statement\": []}"}]}"#;
    let loaded = describe::read(&[Document::new("describe-vpc-endpoints.json", text)]).unwrap();
    let policy = loaded.network.vpc_endpoints["vpce-1"].policy.as_deref();
    assert_eq!(policy, Some(r#"{"Statement": []}"#));
}

#[test]
fn a_policy_that_is_none_is_refused_with_its_place() {
    let text = NETWORK.replace(
        "route_tables: [private] }\nservices",
        "route_tables: [private], policy: everything }\nservices",
    );
    let error =
        scenario::read("test.yaml", &text, &mut |base| panic!("no base {base}")).unwrap_err();
    assert!(
        error.message.contains("`s3`") && error.message.ends_with("is not a policy"),
        "{error:?}"
    );
}

/// The host name of an answer, and what it leads to.
fn host(region: &str, query: &str) -> (Verdict, String) {
    let answer = ask_in(region, "s3", "", query);
    let name = answer.answers[0].name.as_ref().map(|name| name.name.clone());
    (answer.verdict, name.unwrap_or_default())
}

/// DN-04, GE-01, IE-06: names end in the partition's own suffix.
#[test]
fn services_in_china_have_names_of_their_own() {
    let at = |query: &str| host("cn-north-1", query);
    assert_eq!(
        at("web -> ecr.api"),
        (Verdict::Reachable, "api.ecr.cn-north-1.amazonaws.com.cn".into())
    );
    let (verdict, dkr) = at("web -> ecr.dkr");
    assert_eq!(verdict, Verdict::Reachable);
    assert!(dkr.ends_with(".dkr.ecr.cn-north-1.amazonaws.com.cn"), "{dkr}");
    assert_eq!(at("web -> s3"), (Verdict::Reachable, "s3.cn-north-1.amazonaws.com.cn".into()));
    // The layer bucket's name in a policy is of the partition, too.
    let own = policy(&[statement(
        "Allow",
        r#""Action": "s3:*", "Resource": "arn:aws-cn:s3:::prod-cn-north-1-starport-layer-bucket/*""#,
    )]);
    assert!(
        ask_in("cn-north-1", "s3", &own, "web -> s3").answers[0]
            .findings
            .iter()
            .all(|one| !one.code.0.starts_with("ENDPOINT_POLICY"))
    );
    let other = own.replace("aws-cn", "aws");
    assert!(
        ask_in("cn-north-1", "s3", &other, "web -> s3").answers[0]
            .findings
            .iter()
            .any(|one| &*one.code.0 == "ENDPOINT_POLICY_DENIES")
    );
}

/// DN-04, GE-01, IE-06
#[test]
fn services_in_govcloud_have_the_usual_suffix() {
    let at = |query: &str| host("us-gov-west-1", query);
    assert_eq!(
        at("web -> ecr.api"),
        (Verdict::Reachable, "api.ecr.us-gov-west-1.amazonaws.com".into())
    );
    let (verdict, dkr) = at("web -> ecr.dkr");
    assert_eq!(verdict, Verdict::Reachable);
    assert!(dkr.ends_with(".dkr.ecr.us-gov-west-1.amazonaws.com"), "{dkr}");
    assert_eq!(at("web -> s3"), (Verdict::Reachable, "s3.us-gov-west-1.amazonaws.com".into()));
    let own = policy(&[statement(
        "Allow",
        r#""Action": "s3:*", "Resource": "arn:aws-us-gov:s3:::prod-us-gov-west-1-starport-layer-bucket/*""#,
    )]);
    assert!(
        ask_in("us-gov-west-1", "s3", &own, "web -> s3").answers[0]
            .findings
            .iter()
            .all(|one| !one.code.0.starts_with("ENDPOINT_POLICY"))
    );
}
