//! Log drivers: where they send, and whether a container starts without that.

use super::address::{host_and_port, to_host};
use super::list::{Context, Frame, List, Place};
use super::{Asked, Stage, Weight};
use crate::answer::Missing;
use crate::models::service_of_host;
use crate::network::{Container, LogConfiguration};

pub(super) fn needs(list: &mut List, context: &Context<'_>, container: &Container) {
    let Some(log) = &container.log else { return };
    match log.driver.as_str() {
        "awslogs" => awslogs(list, context, log),
        "splunk" => splunk(list, context, container, log),
        "fluentd" => fluentd(list, context, log),
        "gelf" => by_address(list, context, container, log, "gelf-address", 12_201),
        "syslog" => by_address(list, context, container, log, "syslog-address", 514),
        "awsfirelens" => super::router::output(list, context, container, log),
        // LOG-06: these ask nothing of the network.
        "json-file" | "journald" | "none" | "local" => {}
        other => {
            let fact = format!("where log driver {other} of container {} sends", container.name);
            list.unknown("logs", &fact, None, "LOG-06");
        }
    }
}

fn option<'l>(log: &'l LogConfiguration, name: &str) -> Option<&'l str> {
    log.options.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn frame(context: &Context<'_>, weight: Weight, rule: &'static str, driver: &str) -> Frame {
    Frame::new(Stage::Log, context.fetcher(), weight, rule, format!("log driver {driver}"))
}

/// LOG-01 to LOG-04.
fn awslogs(list: &mut List, context: &Context<'_>, log: &LogConfiguration) {
    let weight = match option(log, "mode") {
        // LOG-04: Fargate creates the stream before the container starts, in either mode.
        _ if context.platform.is_fargate() => Weight::StartCritical,
        // LOG-03: dockerd waits for the stream.
        Some("blocking") => Weight::StartCritical,
        Some(_) | None => Weight::Degraded,
    };
    let frame = match option(log, "mode") {
        None if !context.platform.is_fargate() => {
            let turned = |frame: Frame| frame.weighing(Weight::StartCritical);
            let name = "LOG_MODE_DEFAULT_IS_NON_BLOCKING";
            frame(context, weight, "LOG-02", "awslogs").resting(context, name, turned)
        }
        _ => frame(context, weight, "LOG-01", "awslogs"),
    };
    let region = option(log, "awslogs-region").map(str::to_owned);
    let Some(endpoint) = option(log, "awslogs-endpoint") else {
        return list.service(frame, "logs", Place::in_region(region));
    };
    let (host, port) = host_and_port(endpoint, 443);
    match service_of_host(&host) {
        Some(found) if port == 443 => {
            let place = Place { region: Some(found.region), host: Some(host) };
            list.service(frame, found.service.name, place);
        }
        _ => list.add(frame, Asked::Host { host, port, udp: false }),
    }
}

/// LOG-06: verified at the start, unless that is switched off.
fn splunk(list: &mut List, context: &Context<'_>, container: &Container, log: &LogConfiguration) {
    let verified = option(log, "splunk-verify-connection") != Some("false");
    let weight = if verified { Weight::StartCritical } else { Weight::Degraded };
    let mut frame = frame(context, weight, "LOG-06", "splunk");
    if context.platform.is_fargate() {
        let turned = |frame: Frame| frame.weighing(Weight::Degraded);
        frame = frame.resting(context, "FARGATE_SPLUNK_VALIDATED_AT_START", turned);
    }
    match option(log, "splunk-url") {
        Some(url) => {
            let default = if url.starts_with("http://") { 80 } else { 443 };
            let (host, port) = host_and_port(url, default);
            list.add(frame, Asked::Host { host, port, udp: false });
        }
        None => no_address(list, frame, container, "splunk-url"),
    }
}

/// LOG-06: a connection is made at the start, unless `fluentd-async` is on.
fn fluentd(list: &mut List, context: &Context<'_>, log: &LogConfiguration) {
    let later = ["fluentd-async", "fluentd-async-connect"];
    let later = later.iter().any(|name| option(log, name) == Some("true"));
    let weight = if later { Weight::Degraded } else { Weight::StartCritical };
    let frame = frame(context, weight, "LOG-06", "fluentd");
    let address = option(log, "fluentd-address").unwrap_or("localhost:24224");
    to_host(list, frame, address, 24_224);
}

/// LOG-06: `tcp://host:port`, `udp://host:port`; over UDP nothing at the start notices.
fn by_address(
    list: &mut List,
    context: &Context<'_>,
    container: &Container,
    log: &LogConfiguration,
    name: &str,
    default: u16,
) {
    let Some(address) = option(log, name) else {
        // syslog: the host's own daemon.
        if log.driver == "gelf" {
            let frame = frame(context, Weight::StartCritical, "LOG-06", &log.driver);
            no_address(list, frame, container, name);
        }
        return;
    };
    let udp = address.starts_with("udp://");
    let frame = match udp {
        true => frame(context, Weight::Degraded, "LOG-06", &log.driver),
        false => frame(context, Weight::StartCritical, "LOG-06", &log.driver).resting(
            context,
            "LOG_GELF_SYSLOG_TCP_CRITICAL",
            |frame| frame.weighing(Weight::Degraded),
        ),
    };
    to_host(list, frame, address, default);
}

fn no_address(list: &mut List, frame: Frame, container: &Container, option: &str) {
    let fact = format!("`{option}` of container {}, which says where its logs go", container.name);
    list.open(frame, "logs", Missing { fact, command: None });
}
