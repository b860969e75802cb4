//! Interfaces that AWS runs for something else than a host.

use super::journal::{Go, named};
use super::walk::Walker;
use crate::network::{InterfaceRole, NetworkInterface};

impl Walker<'_> {
    /// A request that such an interface itself sends.
    pub(super) fn opened_by(&mut self, interface: &NetworkInterface) -> Go {
        match interface.role {
            InterfaceRole::Endpoint => {
                self.drop("VPCE_INTRA_VPC_TRAFFIC", named(interface), "IE-05")
            }
            InterfaceRole::Accelerator => {
                self.unsure(named(interface), "what an accelerator sends", "GA-01");
                Ok(())
            }
            InterfaceRole::ClientVpn => {
                match self.network.assumptions.holds("CLIENT_VPN_SNAT") {
                    true => self.note(named(interface), "sends for its clients", "VP-02"),
                    false => self.unsure(named(interface), "its clients' addresses", "VP-02"),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A request to such an interface.
    pub(super) fn taken_by(&mut self, interface: &NetworkInterface) {
        match interface.role {
            InterfaceRole::Accelerator => {
                self.unsure(named(interface), "what an accelerator takes", "GA-01");
            }
            InterfaceRole::ClientVpn => {
                self.unsure(named(interface), "what its clients take", "VP-02");
            }
            _ => {}
        }
    }
}
