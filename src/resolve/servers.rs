//! Which name servers a host in the VPC asks (DN-01).

use super::{Found, Lookup, Outside, Server};
use crate::network::{
    Coverage, DhcpOptions, Kind, NameServer, Network, Resource, StatedAnswers, Vpc,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses at which every VPC's resolver answers, besides its network's third one.
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
const RESOLVER_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);

/// One kind of server that is asked.
pub(super) enum Asked<'n> {
    /// The VPC's resolver.
    Resolver,
    /// The VPC's resolver, for want of a statement.
    ResolverByDefault,
    /// A server of the DHCP options.
    Own(&'n DhcpOptions, IpAddr),
    /// The options are not in the input.
    NotKnown(String),
}

/// The servers that hosts of a VPC ask, those that answer alike once.
pub(super) fn of<'n>(network: &'n Network, vpc: &'n Vpc) -> Vec<Asked<'n>> {
    let Some(id) = &vpc.dhcp_options else {
        return vec![match network.coverage {
            Coverage::Stated => Asked::Resolver,
            Coverage::Captured(_) => Asked::ResolverByDefault,
        }];
    };
    let Some(options) = network.dhcp_options.get(id) else {
        return vec![Asked::NotKnown(format!("the DHCP option set {id} of vpc {}", vpc.label()))];
    };
    let third = vpc.cidrs.iter().find_map(|cidr| match cidr {
        ipnet::IpNet::V4(net) => u32::from(net.network()).checked_add(2).map(Ipv4Addr::from),
        ipnet::IpNet::V6(_) => None,
    });
    let mut asked = Vec::new();
    let mut resolver = false;
    for server in &options.name_servers {
        match server {
            NameServer::Address(IpAddr::V4(own)) if *own != RESOLVER && Some(*own) != third => {
                asked.push(Asked::Own(options, IpAddr::V4(*own)));
            }
            NameServer::Address(IpAddr::V6(own)) if *own != RESOLVER_V6 => {
                asked.push(Asked::Own(options, IpAddr::V6(*own)));
            }
            _ if resolver => {}
            _ => {
                resolver = true;
                asked.push(Asked::Resolver);
            }
        }
    }
    if asked.is_empty() {
        let fact = format!("the name servers of DHCP option set {}", options.label());
        asked.push(Asked::NotKnown(fact));
    }
    asked
}

impl Lookup<'_> {
    /// What one server answers.
    pub(super) fn ask(
        &mut self,
        asked: &Asked<'_>,
        host: &str,
        outside: Outside<'_>,
    ) -> Vec<Found> {
        match asked {
            Asked::Resolver => self.resolver(host, outside),
            Asked::ResolverByDefault => {
                if !self.assumes("DHCP_OPTIONS_DEFAULT_IS_AMAZON_DNS", "DN-01") {
                    let fact = format!("the DHCP option set of vpc {}", self.label());
                    return vec![self.unknown(fact, Some("Vpcs"), None, "DN-01")];
                }
                self.resolver(host, outside)
            }
            Asked::NotKnown(fact) => {
                let kind = crate::models::call(Kind::DhcpOptions.word());
                vec![self.unknown(fact.clone(), kind.map(|call| call.key), None, "DN-01")]
            }
            Asked::Own(options, address) => {
                self.server = Some(Server::Own(*address));
                let server =
                    format!("name server {address} of DHCP option set {}", options.label());
                self.stated(options.answers.as_ref(), &server, host, outside, "DN-01")
            }
        }
    }

    /// What a server that AWS does not run answers, as far as that is stated.
    pub(super) fn stated(
        &mut self,
        answers: Option<&StatedAnswers>,
        server: &str,
        host: &str,
        outside: Outside<'_>,
        rule: &'static str,
    ) -> Vec<Found> {
        let found = match answers {
            Some(StatedAnswers::VpcResolver) => {
                let mut found = self.resolver(host, outside);
                for one in &mut found {
                    one.what = format!("{}, which {server} asks", one.what);
                }
                return found;
            }
            Some(StatedAnswers::Records(records)) => self.record_set(records, "", host, 0),
            None => None,
        };
        found.unwrap_or_else(|| {
            vec![self.unknown(format!("what {server} answers for {host}"), None, None, rule)]
        })
    }
}
