//! The AWS CLI commands of edits.

use crate::network::Network;

/// `aws ec2 authorize-security-group-egress …`
pub(super) fn authorize(
    network: &Network,
    group: &str,
    outbound: bool,
    protocol: &str,
    port: Option<u16>,
    peers: &[String],
) -> String {
    let direction = if outbound { "egress" } else { "ingress" };
    let ports = match port {
        Some(port) => format!("FromPort={port},ToPort={port},"),
        None if protocol.starts_with("icmp") => "FromPort=-1,ToPort=-1,".to_owned(),
        None => String::new(),
    };
    let of = |key: &str, field: &str, these: Vec<&String>| match these.is_empty() {
        true => None,
        false => {
            let items: Vec<String> = these.iter().map(|one| format!("{{{field}={one}}}")).collect();
            Some(format!("{key}=[{}]", items.join(",")))
        }
    };
    let is_group = |one: &&String| network.security_groups.contains_key(one.as_str());
    let is_list = |one: &&String| network.prefix_lists.contains_key(one.as_str());
    let is_block = |one: &&String| !is_group(one) && !is_list(one);
    let parts: Vec<String> = [
        of("IpRanges", "CidrIp", peers.iter().filter(is_block).collect()),
        of("UserIdGroupPairs", "GroupId", peers.iter().filter(is_group).collect()),
        of("PrefixListIds", "PrefixListId", peers.iter().filter(is_list).collect()),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!(
        "aws ec2 authorize-security-group-{direction} --group-id {group} --ip-permissions \
         'IpProtocol={protocol},{ports}{}'",
        parts.join(",")
    )
}

/// `aws ec2 create-route …`, or `replace-route` where the destination has one.
pub(super) fn route(table: &str, destination: &str, target: &str, replaces: bool) -> String {
    let verb = if replaces { "replace" } else { "create" };
    let key = match destination {
        list if list.starts_with("pl-") => "destination-prefix-list-id",
        block if block.contains(':') => "destination-ipv6-cidr-block",
        _ => "destination-cidr-block",
    };
    format!("aws ec2 {verb}-route --route-table-id {table} --{key} {destination} {target}")
}
