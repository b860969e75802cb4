//! The VPC's own resolver: which of the zones and rules that hold a name answers for it (DN-04).

use super::private_dns::Hidden;
use super::{Found, Lookup, Outside, depth};

impl<'n> Lookup<'n> {
    /// What the VPC's resolver answers for a host name. Of services with a gateway endpoint these are
    /// public addresses, with or without enableDnsHostnames (GE-07).
    pub(super) fn resolver(&mut self, host: &str, outside: Outside<'_>) -> Vec<Found> {
        match self.vpc.dns_support {
            Some(true) => {}
            // DN-02
            Some(false) => {
                let says = match self.assumes("DNS_OFF_IS_TIMEOUT", "DN-02") {
                    true => "no answer",
                    false => "an error at once",
                };
                let what = format!("{says}: vpc {} has enableDnsSupport off", self.label());
                return vec![Found::nothing("VPC_DNS_SUPPORT_OFF", what, "DN-02")];
            }
            None => {
                let fact = format!("the attribute enableDnsSupport of vpc {}", self.label());
                return vec![self.unknown(fact, Some("EnableDnsSupport"), None, "DN-02")];
            }
        }
        // DN-10: its zones, rules and endpoints rank as the VPC's own.
        if self.has("route 53 profile of vpc") {
            let fact = format!("what the Route 53 Profile of vpc {} answers", self.label());
            return vec![self.unknown(fact, None, None, "DN-10")];
        }
        self.firewall();
        self.follow(host, outside, 0)
    }

    /// DN-09: what a DNS Firewall blocks is not followed.
    fn firewall(&mut self) {
        if self.has("dns firewall of vpc") {
            let text = format!(
                "the DNS Firewall of vpc {} may block names: its rules are not followed (DN-09)",
                self.label()
            );
            self.note("DNS_FIREWALL_PRESENT", text);
        }
    }

    /// Whether the VPC has a thing of a kind that is not modelled and goes by the VPC's id.
    fn has(&self, kind: &str) -> bool {
        let id = self.vpc.id.as_str().to_owned();
        self.network.others.contains_key(&(kind.to_owned(), id))
    }

    /// One name of a chain of aliases.
    pub(super) fn follow(&mut self, host: &str, outside: Outside<'_>, links: usize) -> Vec<Found> {
        let hidden = match self.hidden_zone(host, outside) {
            Ok(hidden) => hidden,
            Err(found) => return vec![*found],
        };
        let zone = match self.zone(host) {
            Ok(zone) => zone,
            Err(found) => return vec![*found],
        };
        let of_endpoint = hidden.as_ref().map(|one| depth(&one.domain));
        let of_zone = zone.map(|zone| depth(&zone.domain));
        let of_compute = self.compute_domain(host).map(depth);
        let local = of_endpoint.max(of_zone).max(of_compute);
        if let Some(found) = self.forwarded(host, outside, local, of_endpoint) {
            return found;
        }
        match (hidden, zone) {
            // DN-16: AWS lets nobody create the second of the two.
            (Some(Hidden { endpoint, .. }), Some(zone)) if of_endpoint == of_zone => {
                let fact = format!(
                    "which answers for {host}: private hosted zone {} or the private DNS of endpoint {}, of which AWS allows one",
                    zone.domain,
                    crate::network::Resource::label(endpoint)
                );
                vec![self.unknown(fact, None, None, "DN-16")]
            }
            (Some(hidden), _) if of_endpoint > of_zone => vec![self.endpoint(&hidden)],
            (_, Some(zone)) if of_zone >= of_compute => self.zone_answer(zone, host, links),
            _ => match self.across_transit(host, outside) {
                Some(found) => vec![found],
                None => self.outside(host, outside),
            },
        }
    }
}
