//! What texts are read as, and what they come to without a network.

use proptest::prelude::*;
use vpc_reach::diagnose::{Diagnosis, Judgement, Network, SymptomError, diagnose, read};

fn only(text: &str) -> Diagnosis {
    let symptoms = read(text).unwrap();
    assert_eq!(symptoms.len(), 1, "{text}: {symptoms:?}");
    diagnose(&symptoms[0], None)
}

/// `login timeout`: the stage and the cause.
fn read_as(text: &str) -> String {
    let diagnosis = only(text);
    let cause = diagnosis.symptom.kind.map_or("-", |kind| kind.cause);
    format!("{} {cause}", diagnosis.symptom.stage.stage)
}

fn all_read_as(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, read_as(text)))
        .filter(|(_, expected, got)| *expected != got)
        .map(|(text, expected, got)| format!("{text}\n  is {got}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ERR-02, ERR-03, ERR-04, ERR-05, ERR-06
#[test]
fn fargate_texts_of_both_eras_name_their_stage() {
    let init = "ResourceInitializationError: unable to pull secrets or registry auth:";
    let texts = [
        (
            format!(
                "{init} The task cannot pull registry auth from Amazon ECR: There is a connection \
                 issue between the task and Amazon ECR. Check your task network configuration. \
                 RequestError: send request failed caused by: Post \
                 \"https://api.ecr.us-east-1.amazonaws.com/\": dial tcp 52.46.1.2:443: i/o timeout"
            ),
            "login timeout",
        ),
        (
            format!(
                "{init} execution resource retrieval failed: unable to retrieve ecr registry auth: \
                 service call has been retried 3 time(s): RequestError: send request failed"
            ),
            "login timeout",
        ),
        (
            format!(
                "{init} unable to retrieve secret from asm: There is a connection issue between \
                 the task and AWS Secrets Manager. Check your task network configuration."
            ),
            "secretsmanager no-connection",
        ),
        (
            format!(
                "{init} execution resource retrieval failed: unable to retrieve secret from asm: \
                 service call has been retried 1 time(s): AccessDeniedException: not authorized"
            ),
            "secretsmanager permission",
        ),
        (
            "ResourceInitializationError: The task can\u{2019}t retrieve the secret with ARN \
             'arn:aws:secretsmanager:us-east-1:111122223333:secret:db'"
                .to_owned(),
            "secretsmanager -",
        ),
        (
            format!(
                "{init} unable to retrieve secrets from ssm: The task cannot pull secrets from AWS \
                 Systems Manager. There is a connection issue"
            ),
            "ssm no-connection",
        ),
        (
            "ResourceInitializationError: failed to download env files: The task can't download \
             the environment variable files from Amazon S3. There is a connection issue between \
             the task and Amazon S3."
                .to_owned(),
            "environment-file no-connection",
        ),
        (
            "ResourceInitializationError: pull command failed: unable to pull secrets or registry \
             auth The task cannot pull it: signal: killed"
                .to_owned(),
            "login-or-secret timeout",
        ),
    ];
    let rows: Vec<(&str, &str)> = texts.iter().map(|(text, row)| (text.as_str(), *row)).collect();
    all_read_as(&rows);
}

// ERR-07, ERR-08, ERR-09, ERR-10, IMG-05
#[test]
fn pull_errors_tell_manifest_from_layers() {
    all_read_as(&[
        (
            "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref 1.dkr.ecr.us-east-1.amazonaws.com/web:1: failed to do request: dial tcp 10.0.0.8:443: i/o timeout",
            "manifest timeout",
        ),
        (
            "CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: dial tcp 52.1.1.1:443: i/o timeout",
            "manifest timeout",
        ),
        (
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/x\": dial tcp 52.216.1.1:443: i/o timeout",
            "layers timeout",
        ),
        (
            "CannotPullContainerError: The task cannot pull 'web:1' from the Amazon ECR repository 'x'. There is a connection issue between the task and Amazon ECR.",
            "image no-connection",
        ),
        (
            "CannotPullContainerError: Error response from daemon: Get https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
            "image timeout",
        ),
        (
            "CannotPullContainerError: The task can\u{2019}t pull the image. Check your network configuration.",
            "image no-connection",
        ),
        (
            "CannotPullECRContainerError: AccessDeniedException: User is not authorized to perform ecr:GetAuthorizationToken",
            "image permission",
        ),
        (
            "CannotPullContainerAuthError: unable to fetch: AccessDeniedException",
            "credentials permission",
        ),
        (
            "ResourceInitializationError: fetching secret data from SSM Parameter Store in us-east-1: RequestError: send request failed",
            "ssm timeout",
        ),
        (
            "ResourceInitializationError: unable to download env file with key x from bucket y: NoSuchKey",
            "environment-file resource",
        ),
    ]);
}

// ERR-11, ERR-12, ERR-13, ERR-14
#[test]
fn loggers_volumes_and_interfaces_have_stages_of_their_own() {
    let logs = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream:";
    all_read_as(&[
        (
            &format!(
                "{logs} RequestError: send request failed caused by: dial tcp 52.1.1.1:443: i/o timeout : exit status 1"
            ),
            "log timeout",
        ),
        (&format!("{logs} AccessDeniedException: not authorized"), "log permission"),
        (
            &format!("{logs} ResourceNotFoundException: The specified log group does not exist."),
            "log resource",
        ),
        (
            "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed",
            "log timeout",
        ),
        (
            "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: RequestError: send request failed",
            "log timeout",
        ),
        (
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve \"fs-1.efs.us-east-1.amazonaws.com\" - check that your file system ID is correct, and ensure that the VPC has an EFS mount target",
            "volume no-name",
        ),
        (
            "CannotCreateVolumeError: create fs-1: mount.nfs4: Connection timed out",
            "volume timeout",
        ),
        (
            "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
            "interface -",
        ),
        ("Timeout waiting for network interface provisioning to complete.", "interface -"),
        ("ResourceInitializationError: failed to configure ENI", "interface -"),
        ("(service web) was unable to place a task. Reason: RESOURCE:ENI", "interface -"),
    ]);
}

// ERR-15
#[test]
fn of_several_causes_the_one_that_says_most_is_taken() {
    let pull = "CannotPullContainerError: failed to resolve ref x:";
    all_read_as(&[
        (&format!("{pull} dial tcp: i/o timeout; then 403 Forbidden"), "manifest permission"),
        (&format!("{pull} x: not found; dial tcp 1.1.1.1:443: i/o timeout"), "manifest no-image"),
        (
            &format!(
                "{pull} tls: x509: certificate signed by unknown authority; dial tcp: lookup y: no such host"
            ),
            "manifest certificate",
        ),
        (&format!("{pull} dial tcp: lookup y on 10.0.0.2:53: no such host"), "manifest no-name"),
        (
            &format!(
                "{pull} dial tcp: lookup y on 10.0.0.2:53: read udp 10.0.1.5:3521->10.0.0.2:53: i/o timeout"
            ),
            "manifest resolver",
        ),
        (&format!("{pull} net/http: TLS handshake timeout"), "manifest timeout"),
        (&format!("{pull} dial tcp 10.0.1.1:443: connect: connection refused"), "manifest refused"),
        (&format!("{pull} unexpected EOF"), "manifest reset"),
        (
            &format!("{pull} dial tcp [::1]:443: connect: network is unreachable"),
            "manifest unreachable",
        ),
        (
            &format!("{pull} toomanyrequests: You have reached your pull rate limit"),
            "manifest rate-limit",
        ),
        // IMG-14
        (
            &format!(
                "{pull} image Manifest does not contain descriptor matching platform 'linux/amd64'"
            ),
            "manifest architecture",
        ),
        // The digits of an account are no status.
        (
            "CannotPullContainerError: failed to resolve ref 404403429404.dkr.ecr.us-east-1.amazonaws.com/web: i/o timeout",
            "manifest timeout",
        ),
        // Nor is every `spot` a Spot interruption.
        ("dial tcp: lookup api.spotify.com: no such host", "application no-name"),
        // Only a pull's `not found` is an image that is missing.
        (
            "unable to retrieve secret from asm: host not found, connection issue",
            "secretsmanager no-connection",
        ),
    ]);
}

// LBH-07, LBH-18, LBH-19
#[test]
fn target_health_is_read_from_reasons_events_and_foreign_wording() {
    let event = |reason: &str| {
        format!(
            "(service web) (task 0a1b) (port 8080) is unhealthy in (target-group arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1) due to (reason {reason})"
        )
    };
    all_read_as(&[
        ("Target.Timeout", "target-timeout -"),
        ("Target.FailedHealthChecks: Health checks failed", "target-failed -"),
        (&event("Health checks failed"), "target-failed -"),
        (&event("Request timed out"), "target-timeout -"),
        (&event("Health checks failed with these codes: [404]"), "target-codes -"),
        (&event("Health checks failed with these codes: [Connection refused]"), "target-refused -"),
        (&event("Health checks failed with these codes: [Request timed out]"), "target-timeout -"),
        (
            "Task failed ELB health checks in (target-group arn:aws:x:targetgroup/web/1)",
            "target-replaced -",
        ),
        (
            "(service web) (instance i-1) (port 80) is unhealthy in target-group web due to it has failed at least the UnhealthyThreshold number of health checks consecutively",
            "target-replaced -",
        ),
        ("Target.NotInUse: Target group is not configured to receive traffic", "target-unused -"),
        ("Target.ResponseCodeMismatch", "target-codes -"),
        ("Elb.InitialHealthChecking", "target-initial -"),
    ]);
}

// LBH-03 to LBH-10
#[test]
fn http_statuses_are_read_as_people_and_access_logs_write_them() {
    let line = |status: &str, target: &str| {
        format!(
            "http 2024-01-01T00:00:00.000000Z app/front/1 1.2.3.4:2817 10.0.1.9:8080 0.000 -1 -1 {status} {target} 34 366 \"GET http://x:80/ HTTP/1.1\" \"curl\" - - arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1 \"Root=1\" \"-\" \"-\" 0"
        )
    };
    all_read_as(&[
        ("502", "http-502 -"),
        ("HTTP 504", "http-504 -"),
        ("503 Service Temporarily Unavailable", "http-503 -"),
        ("HTTP/1.1 502 Bad Gateway", "http-502 -"),
        ("clients get a 504 from the load balancer", "http-504 -"),
        ("elb_status_code 502 with target_status_code -", "http-502 -"),
        (&line("502", "-"), "http-502 -"),
        (&line("504", "-"), "http-504 -"),
        // The container's own answer is passed on.
        (&line("502", "502"), "http-own -"),
        (&line("500", "500"), "http-own -"),
        ("460", "http-client -"),
    ]);
}

// ERR-15, TSK-14: something answered.
#[test]
fn an_answer_of_the_far_end_proves_the_way_to_it_even_without_a_network() {
    for text in [
        "CannotPullContainerError: failed to resolve ref x: 403 Forbidden",
        "CannotPullContainerError: failed to resolve ref x: not found",
        "failed to validate logger args: create stream: AccessDeniedException",
        "Essential container in task exited, exit code 1",
        "Target.ResponseCodeMismatch",
    ] {
        let diagnosis = only(text);
        assert_eq!(diagnosis.judgement, Judgement::Cleared, "{text}");
        assert_eq!(diagnosis.network, Network::Proven, "{text}");
    }
    for text in ["Target.Timeout", "502", "RESOURCE:MEMORY", "i/o timeout"] {
        assert_eq!(only(text).network, Network::Unknown, "{text}");
    }
}

// ERR-01
#[test]
fn a_kill_after_failed_health_checks_is_not_called_out_of_memory() {
    let task = |code: &str, reason: &str, container: &str| {
        format!(
            r#"{{"tasks":[{{"taskArn":"arn:aws:ecs:us-east-1:1:task/c/0a1b","group":"service:web","stopCode":"{code}",
            "stoppedReason":"{reason}","lastStatus":"STOPPED","containers":[{{"name":"app","exitCode":137{container}}}]}}]}}"#
        )
    };
    let replaced =
        task("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)", "");
    assert_eq!(read_as(&replaced), "target-replaced -");
    assert_eq!(only(&replaced).symptom.exits, [("app".to_owned(), 137)]);
    let exited = "Essential container in task exited";
    assert_eq!(read_as(&task("EssentialContainerExited", exited, "")), "exited -");
    let memory = r#","reason":"OutOfMemoryError: Container killed due to memory usage""#;
    assert_eq!(read_as(&task("EssentialContainerExited", exited, memory)), "memory -");
    assert_eq!(read_as(&task("SpotInterruption", "Your Spot Task was interrupted.", "")), "spot -");
    assert_eq!(only(&replaced).symptom.of.service.as_deref(), Some("web"));
    assert_eq!(only(&replaced).symptom.by.as_deref(), Some("task 0a1b"));
}

#[test]
fn documents_of_the_aws_cli_show_several_symptoms_and_count_equal_ones() {
    let document = r#"[
      {"tasks": [
        {"taskArn": "t/1", "lastStatus": "STOPPED", "stoppedReason": "CannotPullContainerError: failed to resolve ref x: i/o timeout"},
        {"taskArn": "t/2", "lastStatus": "STOPPED", "stoppedReason": "CannotPullContainerError: failed to resolve ref x: i/o timeout"},
        {"taskArn": "t/3", "lastStatus": "RUNNING", "containers": []}]},
      {"TargetHealthDescriptions": [
        {"Target": {"Id": "10.0.1.9", "Port": 8080}, "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}},
        {"Target": {"Id": "10.0.1.10", "Port": 8080}, "TargetHealth": {"State": "healthy"}}]},
      {"services": [{"serviceName": "web", "events": [
        {"message": "(service web) was unable to place a task because no container instance met all of its requirements."},
        {"message": "(service web) has reached a steady state."},
        {"message": "(service web) (port 1) is unhealthy in (target-group x) due to (reason Health checks failed)"}]}]}]"#;
    let symptoms = read(document).unwrap();
    let read: Vec<(&str, usize)> =
        symptoms.iter().map(|one| (one.stage.stage, one.times)).collect();
    // What happened before the last steady state is over.
    assert_eq!(read, [("manifest", 2), ("target-timeout", 1), ("placement", 1)]);
    assert_eq!(symptoms[1].by.as_deref(), Some("target 10.0.1.9:8080"));
}

#[test]
fn what_shows_no_failure_is_an_error_and_broken_json_says_where() {
    assert_eq!(read(" \n"), Err(SymptomError::Empty));
    assert_eq!(read("---"), Err(SymptomError::Empty));
    assert_eq!(read(r#"{"tasks": []}"#), Err(SymptomError::NoFailure));
    let broken = read("{\n \"tasks\": [}");
    assert!(matches!(broken, Err(SymptomError::NotJson { line: 2, column: 12, .. })), "{broken:?}");
}

#[test]
fn lines_that_are_known_are_symptoms_each_and_others_are_one_text() {
    let stages = |text: &str| -> Vec<&str> {
        read(text).unwrap().iter().map(|one| one.stage.stage).collect()
    };
    assert_eq!(stages("502\n504\n"), ["http-502", "http-504"]);
    assert_eq!(
        stages("CannotPullContainerError: pull of image\n failed for some reason"),
        ["image"]
    );
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,200}", prefix in "(\\{|\\[|exit code |502 |lookup |)") {
        if let Ok(symptoms) = read(&format!("{prefix}{text}")) {
            for symptom in &symptoms {
                prop_assert!(!diagnose(symptom, None).rules.is_empty());
            }
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        for symptom in read(&text).unwrap_or_default() {
            prop_assert!(diagnose(&symptom, None).advice.is_some());
        }
    }
}

#[test]
fn a_huge_text_is_read_in_no_time() {
    let text = format!("{} CannotPullContainerError {}", "é".repeat(100_000), "x:".repeat(500_000));
    assert_eq!(read(&text).unwrap().len(), 1);
}
