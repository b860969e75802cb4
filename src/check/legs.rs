//! Every load balancer's way to a service's tasks.

use super::services::{asked, flow, place};
use super::{CheckedFlow, Role};
use crate::answer::{Missing, Query};
use crate::ecs::legs;
use crate::header::Protocol;
use crate::network::{Kind, Resource, Service};
use crate::query::World;

/// Every load balancer's leg, on the traffic port and on the health-check port (LBT-02, LBT-05).
pub(super) fn flows(world: &World, service: &Service) -> Vec<CheckedFlow> {
    let legs = legs(&world.network, service);
    let what = "load balancer";
    if legs.is_empty() && !service.targets.is_empty() {
        let fact = format!(
            "which load balancer forwards to the target group of service {}: none here does",
            service.label()
        );
        let missing = Missing { fact, command: None };
        let why = format!("target group → {}", service.label());
        return vec![flow(Role::Leg, what.to_owned(), why, "LBT-05", Err(missing))];
    }
    let mut flows = Vec::new();
    for leg in legs {
        let udp = leg.group.protocol.as_deref() == Some("UDP");
        let traffic = ("", leg.port, if udp { Protocol::Udp } else { Protocol::Tcp });
        let checks =
            leg.health_check_port.map(|port| ("health checks of ", Some(port), Protocol::Tcp));
        for (noun, port, protocol) in std::iter::once(traffic).chain(checks) {
            let query = Query {
                source: place(Kind::LoadBalancer, leg.balancer.id_text(), None, None),
                destination: place(Kind::Service, service.id_text(), port, Some(protocol)),
            };
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let why = format!("{noun}{} → {}{port}", leg.balancer.label(), service.label());
            flows.push(flow(Role::Leg, what.to_owned(), why, "LBT-05", asked(world, &query)));
        }
    }
    flows
}
