//! Where the modelled network ends: routes that lead out of it, and endpoints whose other side is
//! elsewhere.

use super::leads::Lead;
use super::{Lowering, reference};
use crate::answer::Missing;
use crate::graph::{Action, Clause, Note, PeerTest, Stop, Way};
use crate::header::{PortSet, Protocol, ProtocolMatch};
use crate::models;
use crate::network::{
    EndpointType, NetworkInterface, Resource, Subnet, VirtualPrivateGateway, VpcEndpoint,
};

/// A type of endpoint that nobody describes.
const TUNNEL: &str = "Tunnel";
/// Its open point (IE-01).
const TUNNELS_OPEN: &str = "VPCE_TUNNEL_UNKNOWN";

impl<'n> Lowering<'n> {
    /// Where a route leads that is not followed. `arriving` says that all of its packets come from
    /// another VPC.
    pub(super) fn lead_beyond(
        &mut self,
        subnet: &Subnet,
        (kind, id): (&str, &str),
        arriving: bool,
    ) -> Lead {
        let mut guards = Vec::new();
        let is_gateway = kind == VirtualPrivateGateway::WORDS;
        let gateway = self.network.virtual_private_gateways.get(id).filter(|_| is_gateway);
        if let Some(gateway) = gateway {
            let at = gateway.about.at.as_ref();
            let note = |what: &str| Note::new(reference(gateway), what, "VP-01", at);
            let attached = |(vpc, state): &(_, String)| *vpc == subnet.vpc && state == "attached";
            if !gateway.attachments.iter().any(attached) {
                let stop =
                    Stop::dropped("BAD_STATE_ATTACHMENT", note("is not attached to the VPC"));
                guards.push(self.always(Action::Stop(stop)));
            }
            if arriving {
                let note = note("carries only what comes from its own VPC");
                let stop = Stop::dropped("VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS", note);
                guards.push(self.always_for_requests(Action::Stop(stop)));
            }
        }
        let label = gateway.map_or(id, Resource::label);
        let fact = models::leaves_by(kind, label).unwrap_or_else(|| {
            format!("what lies behind {kind} {id}: this version does not follow that kind of route")
        });
        guards.push(self.always(Action::Unknown(Missing { fact, command: None })));
        Lead::new(self.kept.end, guards, Way::End)
    }

    /// What an endpoint does with the requests that have come to one of its interfaces.
    pub(super) fn behind_endpoint(&self, interface: &NetworkInterface) -> Vec<Clause> {
        let Some(endpoint) = self.endpoint_of(interface) else { return Vec::new() };
        let at = endpoint.about.at.as_ref();
        let note = |what: &str, rule| Note::new(reference(endpoint), what, rule, at);
        let clause =
            |protocol, ports, action| Clause { protocol, ports, peer: PeerTest::Any, action };
        let every = |action| clause(ProtocolMatch::Any, PortSet::all(), action);
        let open = |fact: String| every(Action::Unknown(Missing { fact, command: None }));
        let kind = match &endpoint.endpoint_type {
            EndpointType::Gateway | EndpointType::GatewayLoadBalancer => return Vec::new(),
            EndpointType::Interface => None,
            EndpointType::Other(name) => Some(name.as_str()),
        };
        let mut clauses = Vec::new();
        let partial = self.network.assumptions.value("VPCE_PARTIAL_USABLE");
        match (endpoint.state.to_ascii_lowercase().as_str(), partial) {
            ("available", _) => {}
            ("partial", "true") => {}
            (state, _) => {
                let mut note = note(&format!("is {state}"), "IE-01");
                if state == "partial" {
                    note = note.assuming("VPCE_PARTIAL_USABLE", partial, "IE-01");
                }
                clauses.push(every(Action::Stop(Stop::dropped("BAD_STATE", note))));
            }
        }
        let label = reference(endpoint).label().to_owned();
        match kind {
            Some(name @ ("Resource" | "ServiceNetwork")) => {
                // LA-01, LA-02
                let tcp = ProtocolMatch::Only(Protocol::Tcp);
                let words = if name == "Resource" {
                    "resource endpoint"
                } else {
                    "service network endpoint"
                };
                let fact = models::leaves_by(words, &label).unwrap_or_default();
                let unknown = Action::Unknown(Missing { fact, command: None });
                clauses.push(clause(tcp, PortSet::all(), unknown));
                let note = note("takes TCP only", "LA-01");
                clauses.push(every(Action::Stop(Stop::dropped("PROTOCOL_RESTRICTION", note))));
            }
            Some(TUNNEL) if self.network.assumptions.holds(TUNNELS_OPEN) => {
                let fact = models::leaves_by("tunnel endpoint", &label).unwrap_or_default();
                clauses.push(open(format!("{fact} ({TUNNELS_OPEN})")));
            }
            Some(name) if name != TUNNEL => {
                clauses.push(open(format!("what endpoint {label} of type {name} leads to")))
            }
            // IE-12
            _ if is_custom(endpoint) => {
                clauses
                    .push(open(models::leaves_by("endpoint service", &label).unwrap_or_default()));
            }
            _ => clauses.extend(self.encrypted(endpoint)),
        }
        clauses
    }

    fn endpoint_of(&self, interface: &NetworkInterface) -> Option<&'n VpcEndpoint> {
        self.network.vpc_endpoints.get(self.kept.index.endpoints.get(&interface.id)?)
    }

    /// IE-01: that an endpoint is taken for one of another type.
    pub(super) fn taken_for(&self, interface: &NetworkInterface) -> Option<Note> {
        let endpoint = self.endpoint_of(interface)?;
        let is_tunnel = endpoint.endpoint_type == EndpointType::Other(TUNNEL.to_owned());
        let value = self.network.assumptions.value(TUNNELS_OPEN);
        let what = "is a tunnel endpoint, taken for an interface endpoint";
        let note = Note::new(reference(endpoint), what, "IE-01", endpoint.about.at.as_ref());
        is_tunnel.then(|| note.assuming(TUNNELS_OPEN, value, "IE-01"))
    }

    /// EC-01: where encryption is enforced, an endpoint drops what is not encrypted; on 443 all is.
    fn encrypted(&self, endpoint: &VpcEndpoint) -> Option<Clause> {
        let vpc = self.network.vpcs.get(&endpoint.vpc).filter(|vpc| vpc.encryption_enforced)?;
        let label = reference(endpoint).label().to_owned();
        let action = match self.network.assumptions.value("ENFORCE_NON_443_UNKNOWN") {
            "true" => {
                let fact = format!(
                    "whether the application encrypts what it sends to endpoint {label}: vpc {} \
                     enforces encryption (ENFORCE_NON_443_UNKNOWN)",
                    vpc.label()
                );
                Action::Unknown(Missing { fact, command: None })
            }
            value => {
                let what = "enforces encryption, and takes only port 443 for encrypted";
                let note = Note::new(reference(vpc), what, "EC-01", vpc.about.at.as_ref());
                let note = note.assuming("ENFORCE_NON_443_UNKNOWN", value, "EC-01");
                Action::Stop(Stop::dropped("ENCRYPTION_ENFORCED", note))
            }
        };
        let secure = PortSet::single(443);
        Some(Clause {
            protocol: ProtocolMatch::Any,
            ports: PortSet::all().difference(&secure),
            peer: PeerTest::Any,
            action,
        })
    }
}

/// Whether the service behind an endpoint is somebody's own.
fn is_custom(endpoint: &VpcEndpoint) -> bool {
    endpoint.service_name.contains(".vpce-svc-") || endpoint.service_name.starts_with("vpce-svc-")
}
