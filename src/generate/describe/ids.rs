//! AWS's ids and ARNs of what is generated.

use crate::generate::filters::Group;
use crate::generate::space::Place;
use crate::generate::vpc::Table;
use crate::generate::{REGION, account_id};

/// AWS's own prefix list of S3.
pub(super) const S3_LIST: &str = "pl-63a5400a";

/// The id of a thing of a VPC: eight digits of the VPC, nine of its own.
fn of_vpc(kind: &str, vpc: u32, number: u64) -> String {
    format!("{kind}-{vpc:08x}{number:09x}")
}

pub(super) fn vpc(vpc: u32) -> String {
    of_vpc("vpc", vpc, 0)
}

pub(super) fn dhcp_options(vpc: u32) -> String {
    of_vpc("dopt", vpc, 0)
}

pub(super) fn subnet(vpc: u32, place: Place) -> String {
    of_vpc("subnet", vpc, u64::from(place.number()))
}

/// The main route table without a name.
pub(super) fn table(vpc: u32, table: Option<Table>) -> String {
    of_vpc("rtb", vpc, table.map_or(0, Table::number))
}

pub(super) fn internet_gateway(vpc: u32) -> String {
    of_vpc("igw", vpc, 0)
}

pub(super) fn egress_only_gateway(vpc: u32) -> String {
    of_vpc("eigw", vpc, 0)
}

pub(super) fn nat(vpc: u32, zone: u8) -> String {
    of_vpc("nat", vpc, u64::from(zone))
}

pub(super) fn group(vpc: u32, group: Group) -> String {
    of_vpc("sg", vpc, group.number())
}

/// The default one, or the other.
pub(super) fn acl(vpc: u32, default: bool) -> String {
    of_vpc("acl", vpc, u64::from(!default))
}

/// The endpoint by position among those of interfaces; without one, that of S3.
pub(super) fn endpoint(vpc: u32, position: Option<usize>) -> String {
    let number = position.and_then(|position| u64::try_from(position).ok());
    of_vpc("vpce", vpc, number.map_or(0, |number| number + 1))
}

/// An interface by number.
pub(super) fn interface(vpc: u32, number: u32) -> String {
    of_vpc("eni", vpc, u64::from(number))
}

/// The interface of a NAT gateway.
pub(super) fn nat_interface(vpc: u32, zone: u8) -> String {
    of_vpc("eni", vpc, 0x1_0000_0000 + u64::from(zone))
}

/// The interface of a transit gateway.
pub(super) fn transit_interface(vpc: u32, zone: u8) -> String {
    of_vpc("eni", vpc, 0x2_0000_0000 + u64::from(zone))
}

pub(super) fn peering((one, other): (u32, u32)) -> String {
    of_vpc("pcx", one.min(other), u64::from(one.max(other)))
}

pub(super) fn gateway(gateway: u32) -> String {
    format!("tgw-{gateway:017x}")
}

pub(super) fn transit_table(table: u32) -> String {
    format!("tgw-rtb-{table:017x}")
}

/// The attachment of a VPC.
pub(super) fn attachment(vpc: u32) -> String {
    of_vpc("tgw-attach", vpc, 0)
}

/// The attachment that joins a transit gateway and the next.
pub(super) fn transit_peering(peering: u32) -> String {
    of_vpc("tgw-attach", peering, 1)
}

pub(super) fn arn(service: &str, account: u32, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{}:{rest}", account_id(account))
}
