//! The application's own traffic, as far as settings or a person state it.

use super::address::host_and_port;
use super::list::{Context, Frame, List, Place};
use super::{Asked, Stage, Weight};
use crate::answer::Missing;
use crate::network::Container;

pub(super) fn needs(list: &mut List, context: &Context<'_>) {
    for need in &context.service.needs {
        let why = format!("needs {}", need.place);
        let frame = Frame::new(Stage::Application, context.own, Weight::Application, "APP-01", why);
        match need.place.split_once("://") {
            // A URL: its scheme says the port.
            Some((scheme, _)) => {
                let (host, port) = host_and_port(&need.place, port_of(scheme));
                let asked = Asked::Host { host, port, udp: scheme == "udp" };
                match port {
                    0 => {
                        let fact = format!("the port of {}", need.place);
                        list.open(frame, &need.place, Missing { fact, command: None });
                    }
                    _ => list.add(frame, asked),
                }
            }
            None => list.add(frame, Asked::Place(need.place.clone())),
        }
    }
    let containers = context.definition.map(|one| one.containers.as_slice()).unwrap_or_default();
    for container in containers {
        tracing(list, context, container);
    }
}

/// The usual port of a URL's scheme; 0 where there is none.
fn port_of(scheme: &str) -> u16 {
    match scheme {
        "https" | "wss" => 443,
        "http" | "ws" => 80,
        "postgres" | "postgresql" => 5_432,
        "mysql" | "mariadb" => 3_306,
        "redis" | "rediss" => 6_379,
        "mongodb" => 27_017,
        "amqp" => 5_672,
        "amqps" => 5_671,
        _ => 0,
    }
}

/// APP-01: the images of the X-Ray daemon and of the OpenTelemetry collector say what they are for.
fn tracing(list: &mut List, context: &Context<'_>, container: &Container) {
    let Some(image) = &container.image else { return };
    let name = image.split(['@']).next().unwrap_or(image);
    let name = name.rsplit('/').next().unwrap_or(name).split(':').next().unwrap_or(name);
    if !matches!(name, "aws-xray-daemon" | "xray-daemon" | "aws-otel-collector") {
        return;
    }
    let why = format!("container {} ({name})", container.name);
    let frame = Frame::new(Stage::Application, context.own, Weight::Application, "APP-01", why);
    let point = "XRAY_DAEMON_HOST";
    let frame = frame.assuming(context, point);
    if context.holds(point) {
        return list.service(frame, "xray", Place::default());
    }
    let fact = format!("to which host container {} sends its traces ({point})", container.name);
    list.open(frame, "xray", Missing { fact, command: None });
}
