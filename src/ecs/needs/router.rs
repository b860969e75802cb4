//! The log router, FireLens: what it sends on, and where.

use super::address::to_host;
use super::list::{Context, Frame, List, Place};
use super::{Stage, Weight};
use crate::answer::Missing;
use crate::network::{Container, LogConfiguration};

/// LOG-07: where the log router sends what this container writes. Never needed to start.
pub(super) fn output(
    list: &mut List,
    context: &Context<'_>,
    container: &Container,
    log: &LogConfiguration,
) {
    let option = |names: &[&str]| {
        let mut options = log.options.iter();
        let found =
            options.find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let output = option(&["name"]).unwrap_or_default();
    let why = format!("log router output {output} of container {}", container.name);
    let frame = Frame::new(Stage::Application, context.own, Weight::Application, "LOG-07", why);
    let service = match output.to_ascii_lowercase().as_str() {
        "cloudwatch" | "cloudwatch_logs" => Some("logs"),
        "firehose" | "kinesis_firehose" => Some("kinesis-firehose"),
        "kinesis" | "kinesis_streams" => Some("kinesis-streams"),
        "s3" => Some("s3"),
        _ => None,
    };
    let address = option(&["endpoint", "host", "http_host"]);
    match (service, address) {
        (Some(name), None) => {
            list.service(frame, name, Place::in_region(option(&["region"])));
        }
        (_, Some(address)) => {
            let port = option(&["port"]).and_then(|port| port.parse().ok());
            let tls = option(&["tls"]).is_some_and(|tls| tls.eq_ignore_ascii_case("on"));
            let usual = match output.to_ascii_lowercase().as_str() {
                "datadog" | "splunk" if tls || output == "datadog" => 443,
                _ if service.is_some() || tls || address.starts_with("https") => 443,
                "es" | "opensearch" => 9_200,
                "forward" => 24_224,
                "splunk" => 8_088,
                _ => 80,
            };
            to_host(list, frame, &address, port.unwrap_or(usual));
        }
        (None, None) => {
            let fact = format!(
                "where the log router of container {} sends: its options name no host",
                container.name
            );
            list.open(frame, "log router", Missing { fact, command: None });
        }
    }
}
