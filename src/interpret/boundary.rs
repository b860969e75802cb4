//! Where the modelled network ends.

use super::journal::{Go, lost, named};
use super::walk::Walker;
use crate::answer::Direction;
use crate::header::Protocol;
use crate::network::{EndpointType, NetworkInterface, Subnet, VirtualPrivateGateway};

impl Walker<'_> {
    /// A packet leaves `from` by a route that is not followed.
    pub(super) fn beyond<T>(&mut self, kind: &str, id: &str, from: &Subnet) -> Go<T> {
        if kind == VirtualPrivateGateway::WORDS
            && let Some(gateway) = self.network.virtual_private_gateways.get(id)
        {
            // VP-01: attached, and only for what comes from its own VPC.
            let mut attachments = gateway.attachments.iter();
            if !attachments.any(|(vpc, state)| *vpc == from.vpc && state == "attached") {
                return self.drop("BAD_STATE_ATTACHMENT", named(gateway), "VP-01");
            }
            let own = self.trail.last().is_some_and(|one| one.subnet.vpc == from.vpc);
            if self.direction == Direction::Forward && !own {
                let code = "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS";
                return self.drop(code, named(gateway), "VP-01");
            }
        }
        lost(format!("what lies behind {kind} {id}"))
    }

    /// A request has come to one of an endpoint's interfaces; says whether that settles it.
    pub(super) fn enter_endpoint(&mut self, interface: &NetworkInterface) -> Go<bool> {
        let mut endpoints = self.network.vpc_endpoints.values();
        let found = endpoints.find(|one| one.interfaces.contains(&interface.id));
        let Some(endpoint) = found else { return Ok(false) };
        let other = match &endpoint.endpoint_type {
            EndpointType::Gateway | EndpointType::GatewayLoadBalancer => return Ok(false),
            EndpointType::Interface => "",
            EndpointType::Other(name) => name.as_str(),
        };
        let usable = match endpoint.state.to_ascii_lowercase().as_str() {
            "available" => true,
            "partial" => self.network.assumptions.holds("VPCE_PARTIAL_USABLE"),
            _ => false,
        };
        if !usable {
            return self.drop("BAD_STATE", named(endpoint), "IE-01");
        }
        let tcp = self.packet.protocol == Protocol::Tcp;
        // LA-01, LA-02
        if ["Resource", "ServiceNetwork"].contains(&other) && !tcp {
            return self.drop("PROTOCOL_RESTRICTION", named(endpoint), "LA-01");
        }
        // IE-12: somebody's own service.
        let own = endpoint.service_name.split('.').any(|part| part.starts_with("vpce-svc-"));
        // IE-01: open, VPCE_TUNNEL_UNKNOWN.
        let tunnel = other == "Tunnel" && !self.network.assumptions.holds("VPCE_TUNNEL_UNKNOWN");
        if !(other.is_empty() || tunnel) || own {
            self.unsure(named(endpoint), format!("what answers behind {}", endpoint.id), "IE-12");
            return Ok(true);
        }
        // EC-01
        let enforced =
            self.network.vpcs.get(&endpoint.vpc).is_some_and(|vpc| vpc.encryption_enforced);
        if enforced && self.packet.destination_port != 443 {
            if !self.network.assumptions.holds("ENFORCE_NON_443_UNKNOWN") {
                return self.drop("ENCRYPTION_ENFORCED", named(endpoint), "EC-01");
            }
            self.unsure(named(endpoint), "whether the application encrypts", "EC-01");
            return Ok(true);
        }
        Ok(false)
    }
}
