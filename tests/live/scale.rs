//! How fast and how lean a capture of a whole organization is.

use crate::stub::{self, Stub, ec2, parameter};
use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

const ACCOUNTS: usize = 50;
const VPCS: usize = 20;
/// Network interfaces of an account, 1,000 to a page.
const INTERFACES: usize = 3_000;

/// The most memory that a process held, in kibibytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn fifty_accounts_with_a_thousand_vpcs_stay_under_300_megabytes() {
    let stub = Stub::new(|request| {
        let mut items = String::new();
        match request.action.as_str() {
            "DescribeVpcs" => {
                let account = stub::account(request);
                for number in 0..VPCS {
                    let _ = write!(
                        items,
                        "<item><vpcId>vpc-{account}{number}</vpcId><cidrBlock>10.0.0.0/16</cidrBlock>\
                         <ownerId>{account}</ownerId></item>"
                    );
                }
                ec2("DescribeVpcs", &format!("<vpcSet>{items}</vpcSet>"))
            }
            "DescribeNetworkInterfaces" => {
                let from: usize =
                    parameter(request, "NextToken").map_or(0, |one| one.parse().unwrap());
                for number in from..from + 1000 {
                    let _ = write!(
                        items,
                        "<item><networkInterfaceId>eni-{number:017}</networkInterfaceId>\
                         <vpcId>vpc-0</vpcId><subnetId>subnet-0</subnetId><status>in-use</status>\
                         <description>one of very many</description><groupSet><item><groupId>sg-0\
                         </groupId><groupName>default</groupName></item></groupSet>\
                         <privateIpAddressesSet><item><primary>true</primary><privateIpAddress>\
                         10.0.0.1</privateIpAddress></item></privateIpAddressesSet></item>"
                    );
                }
                let next = match from + 1000 {
                    last if last >= INTERFACES => String::new(),
                    next => format!("<nextToken>{next}</nextToken>"),
                };
                ec2(
                    "DescribeNetworkInterfaces",
                    &format!("<networkInterfaceSet>{items}</networkInterfaceSet>{next}"),
                )
            }
            _ => None,
        }
    });
    let place = tempfile::tempdir().unwrap();
    let ids: Vec<String> = (0..ACCOUNTS).map(|one| format!("2222{one:08}")).collect();
    let begin = Instant::now();
    let mut capture = Command::new(env!("CARGO_BIN_EXE_reach"))
        .args(["snapshot", "--quiet", "--role-name", "reader", "--accounts", &ids.join(","), "-o"])
        .arg(place.path().join("s"))
        .env("AWS_ENDPOINT_URL", &stub.endpoint)
        .env("AWS_ACCESS_KEY_ID", "OWN")
        .env("AWS_SECRET_ACCESS_KEY", "s")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = loop {
        if let Some(status) = capture.try_wait().unwrap() {
            break status;
        }
        most = peak(capture.id()).map_or(most, |now| now.max(most));
        sleep(Duration::from_millis(20));
    };
    let took = begin.elapsed();
    let calls = stub.total.load(Ordering::SeqCst);
    println!(
        "{ACCOUNTS} accounts, {} VPCs, {} interfaces: {calls} calls in {:.1} s, {:.0} per second, \
         {} MB at most",
        ACCOUNTS * VPCS,
        ACCOUNTS * INTERFACES,
        took.as_secs_f64(),
        calls as f64 / took.as_secs_f64(),
        most / 1024
    );
    assert_eq!(status.code(), Some(0));
    let file = place.path().join("s/222200000049/us-east-1/describe-network-interfaces.json");
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.matches("NetworkInterfaceId").count(), INTERFACES, "every page is there");
    assert!(most > 0 && most < 300 * 1024, "{most} KB");
}
