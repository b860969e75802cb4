//! Interfaces that AWS runs for something else than a host: what they open, and what they take.

use super::{Lowering, reference};
use crate::answer::Missing;
use crate::graph::{Action, GuardId, Note, Stop};
use crate::models;
use crate::network::{InterfaceRole, NetworkInterface};
use std::sync::Arc;

/// The open point of VP-02.
const SNAT: &str = "CLIENT_VPN_SNAT";

impl Lowering<'_> {
    /// What becomes of requests that such an interface sends.
    pub(super) fn opens(&mut self, interface: &NetworkInterface) -> Option<GuardId> {
        let at = interface.about.at.as_ref();
        let action = match interface.role {
            InterfaceRole::Endpoint => {
                let what = "opens no connections: the service behind it only answers";
                let note = Note::new(reference(interface), what, "IE-05", at);
                Action::Stop(Stop::dropped("VPCE_INTRA_VPC_TRAFFIC", note).ending())
            }
            InterfaceRole::Accelerator => beyond(interface, "accelerator interface"),
            InterfaceRole::ClientVpn if self.network.assumptions.holds(SNAT) => {
                let what = "sends from its own address what its clients send";
                let note = Note::new(reference(interface), what, "VP-02", at);
                Action::Pass(Some(Arc::new(note.assuming(SNAT, "true", "VP-02"))))
            }
            InterfaceRole::ClientVpn => {
                let label = reference(interface).label().to_owned();
                let fact = format!("which addresses the clients behind {label} have ({SNAT})");
                Action::Unknown(Missing { fact, command: None })
            }
            _ => return None,
        };
        Some(self.always_for_requests(action))
    }

    /// What becomes of requests to such an interface.
    pub(super) fn takes(&mut self, interface: &NetworkInterface) -> Option<GuardId> {
        let action = match interface.role {
            // GA-01
            InterfaceRole::Accelerator => beyond(interface, "accelerator interface"),
            // VP-02
            InterfaceRole::ClientVpn => beyond(interface, "client vpn interface"),
            _ => return None,
        };
        Some(self.always_for_requests(action))
    }
}

fn beyond(interface: &NetworkInterface, kind: &str) -> Action {
    let label = reference(interface).label().to_owned();
    let fact = models::leaves_by(kind, &label);
    let fact = fact.unwrap_or_else(|| format!("what lies behind {kind} {label}"));
    Action::Unknown(Missing { fact, command: None })
}
