//! Egress-only internet gateways: IPv6 out, and replies in.

use super::internet::is_attached;
use super::leads::{Arriving, Lead};
use super::{Lowering, reference};
use crate::answer::Missing;
use crate::graph::{Action, Note, Stop, Way};
use crate::header::Family;
use crate::network::{EgressOnlyGatewayId, Kind, RouteTable, Subnet};

impl Lowering<'_> {
    /// IG-09
    pub(super) fn lead_outward(
        &mut self,
        subnet: &Subnet,
        table: &RouteTable,
        id: &EgressOnlyGatewayId,
        family: Family,
        arriving: Option<&Arriving>,
    ) -> Lead {
        let Some(gateway) = self.network.egress_only_gateways.get(id) else {
            let kind = Kind::EgressOnlyGateway;
            return self.not_found(
                "egress-only internet gateway",
                id.as_str(),
                kind,
                Way::OneWay,
                table,
            );
        };
        let label = reference(gateway).label().to_owned();
        let open = match (family, arriving) {
            (Family::V4, _) => Some(format!("what {label} does with IPv4: AWS has no such route")),
            (_, Some(_)) => Some(format!("whether {label} carries what comes from another VPC")),
            (Family::V6, None) => None,
        };
        if let Some(fact) = open {
            let lead = self.dead_end(Action::Unknown(Missing { fact, command: None }));
            return Lead { way: Way::OneWay, ..lead };
        }
        let at = gateway.about.at.as_ref();
        let mut guards = Vec::new();
        if !is_attached(&gateway.attachments, &subnet.vpc) {
            let note = Note::new(reference(gateway), "is not attached to the VPC", "IG-09", at);
            guards.push(self.always(Action::Stop(Stop::dropped("BAD_STATE_ATTACHMENT", note))));
        }
        guards.extend(self.carried_out(&subnet.vpc, reference(gateway), at));
        guards.extend(self.public_egress_only(&subnet.vpc, subnet));
        // No reply leaves by it: it takes only what it has let out itself back in.
        Lead::new(self.kept.outward, guards, Way::OneWay)
    }
}
