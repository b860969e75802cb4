//! What the network consists of, field by field. A field or variant that is added to the network and
//! not here is an error of the compiler.

use super::bytes::{Broken, Reader, Stored, Writer};
use crate::network::*;

/// Structures, as their fields one after the other.
macro_rules! fields {
    ($($name:ident { $($field:ident),* $(,)? })*) => {$(
        impl Stored for $name {
            fn put(&self, to: &mut Writer) {
                let Self { $($field),* } = self;
                $($field.put(to);)*
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                Ok(Self { $($field: Stored::take(from)?),* })
            }
        }
    )*};
}

/// Enumerations, as the variant's number and what it holds.
macro_rules! variants {
    ($($name:ident {
        $($number:literal $variant:ident $(($inner:ident))? $({ $($field:ident),* })?),* $(,)?
    })*) => {$(
        impl Stored for $name {
            fn put(&self, to: &mut Writer) {
                match self {
                    $(Self::$variant $(($inner))? $({ $($field),* })? => {
                        to.byte($number);
                        $($inner.put(to);)?
                        $($($field.put(to);)*)?
                    })*
                }
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                Ok(match from.byte()? {
                    $($number => Self::$variant $(({
                        let $inner = Stored::take(from)?;
                        $inner
                    }))? $({ $($field: Stored::take(from)?),* })?,)*
                    _ => return Err(Broken),
                })
            }
        }
    )*};
}

/// Ids, as shared texts.
macro_rules! ids {
    ($($name:ident)*) => {$(
        impl Stored for $name {
            fn put(&self, to: &mut Writer) {
                to.shared(self.as_shared());
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                from.shared().map(Self::from)
            }
        }
    )*};
}

ids! {
    VpcId SubnetId RouteTableId InternetGatewayId EgressOnlyGatewayId NatGatewayId VpcEndpointId
    PeeringConnectionId VirtualPrivateGatewayId TransitGatewayId TransitGatewayAttachmentId
    TransitGatewayRouteTableId SecurityGroupId NetworkAclId PrefixListId NetworkInterfaceId
    InstanceId LoadBalancerId TargetGroupId ServiceId TaskId TaskDefinitionId ClusterId
    CapacityProviderId ContainerInstanceId FileSystemId DhcpOptionsId FirewallId HostedZoneId
    ResolverRuleId PublicAccessBlockId PublicAccessExclusionId
}

impl Stored for Tags {
    fn put(&self, to: &mut Writer) {
        self.text().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Stored::take(from).map(Self::of_text)
    }
}

impl Stored for Kind {
    fn put(&self, to: &mut Writer) {
        to.count(Self::ALL.iter().position(|kind| kind == self).unwrap_or(usize::MAX));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let number = usize::try_from(from.number()?).map_err(|_| Broken)?;
        Self::ALL.get(number).copied().ok_or(Broken)
    }
}

// What many kinds have.
fields! {
    Scope { account, region }
    At { file, line, column }
    About { name, scope, at, tags }
    Gap { scope, call, why }
    Zone { name, id }
    Other { kind, id, about }
}
variants! {
    Coverage { 0 Stated, 1 Captured(scopes) }
    Families { 0 V4, 1 V6, 2 Both }
    BlockMode { 0 Off, 1 Bidirectional, 2 Ingress }
    OperatingSystem { 0 Linux, 1 Windows }
}

// VPCs and what is in them.
fields! {
    Vpc {
        id, about, cidrs, private_v6, dns_support, dns_hostnames, dhcp_options, public_access,
        encryption_enforced,
    }
    Subnet {
        id, about, vpc, cidrs, zone, map_public_ip, dns64, available_addresses, public_access,
    }
    RouteTable { id, about, vpc, main, subnets, gateways, routes }
    Route { destination, target, state, origin, at }
    NetworkAcl { id, about, vpc, is_default, subnets, ingress, egress }
    AclEntry { number, action, protocol, cidr, ports, icmp, at }
    SecurityGroup { id, about, vpc, ingress, egress }
    GroupRule { protocol, ports, icmp, peer, rule_id, at }
    GroupReference { group, peering_status }
    PrefixList { id, about, entries }
    PublicAccessBlock { id, about, mode }
    PublicAccessExclusion { id, about, excluded, mode, state }
}
variants! {
    Destination { 0 Cidr(cidr), 1 PrefixList(list) }
    RouteTarget {
        0 Local,
        1 InternetGateway(id),
        2 EgressOnlyGateway(id),
        3 NatGateway(id),
        4 GatewayEndpoint(id),
        5 Peering(id),
        6 TransitGateway(id),
        7 Interface(id),
        8 LoadBalancerEndpoint(id),
        9 Other { kind, id },
    }
    RouteState { 0 Active, 1 Blackhole, 2 Other(state) }
    RouteOrigin {
        0 CreateRouteTable,
        1 CreateRoute,
        2 EnableVgwRoutePropagation,
        3 Advertisement,
    }
    AclAction { 0 Allow, 1 Deny }
    Peer { 0 Cidr(cidr), 1 PrefixList(list), 2 Group(group) }
    Excluded { 0 Vpc(id), 1 Subnet(id) }
    ExclusionMode { 0 Bidirectional, 1 Egress }
}

// Interfaces and what listens behind them.
fields! {
    NetworkInterface {
        id, about, subnet, vpc, addresses, prefixes, planned, planned_public, groups,
        source_dest_check, forwards, deny_igw, usable, role, instance, sockets, sockets_known,
        sockets_at, published, operating_system,
    }
    PrivateAddress { address, public }
    Published { ports, port }
    Instance { id, about, state, interfaces }
    Socket { address, port, protocol, v6_only, likely, proxied, at }
    Proxied { by, found }
    KnownPorts { tcp, udp }
    Listening { sockets, ports, logged, at }
}
variants! {
    PublicAddress { 0 Known(address), 1 Some }
    Forwarding { 0 Unchanged, 1 Stateful, 2 Nat }
    InterfaceRole {
        0 Task,
        1 Endpoint,
        2 NatGateway,
        3 TransitGateway,
        4 LoadBalancer,
        5 Accelerator,
        6 ClientVpn,
        7 Ordinary,
    }
    Mesh { 0 ServiceConnect, 1 AppMesh }
}

// Ways out, and ways to other VPCs.
fields! {
    InternetGateway { id, about, attachments }
    EgressOnlyGateway { id, about, attachments }
    VirtualPrivateGateway { id, about, attachments }
    NatGateway {
        id, about, vpc, subnet, route_table, expands, connectivity, state, addresses, undocumented,
    }
    NatAddress { private, public, interface, zone, status }
    VpcEndpoint {
        id, about, vpc, endpoint_type, service_name, service_region, state, families, dns_records,
        private_dns, private_dns_only_for_inbound_resolver, private_dns_names, subnets, groups,
        interfaces, route_tables, policy, appliance_passes,
    }
    PeeringConnection { id, about, ends, state, undocumented }
    PeeringEnd { vpc, scope }
    TransitGateway { id, about, group_references, undocumented }
    TransitGatewayAttachment {
        id, about, transit_gateway, attached, state, appliance_mode, group_references, ipv6,
    }
    TransitGatewayRouteTable { id, about, transit_gateway, associations, routes }
    TransitGatewayRoute { destination, attachments, state, propagated, at }
    Firewall { id, about, endpoints, policy }
    FirewallEndpoint { subnet, state }
    FirewallPolicy { stateless, stateless_default, strict, stateful, stateful_default }
    StatelessRule { priority, name, tuple, action, certain, at }
    StatefulRule { priority, name, tuple, both_ways, action, certain, at }
    Tuple { protocols, source, source_ports, destination, destination_ports }
}
variants! {
    Connectivity { 0 Public, 1 Private }
    EndpointType { 0 Interface, 1 Gateway, 2 GatewayLoadBalancer, 3 Other(kind) }
    Attached { 0 Vpc { vpc, subnets }, 1 Peer(id), 2 Other(kind) }
    StatelessAction { 0 Pass, 1 Drop, 2 Forward }
    StatefulAction { 0 Pass, 1 Drop, 2 Reject }
    StatefulDefault { 0 Pass, 1 Drop, 2 DropEstablished }
}

// Load balancers.
fields! {
    LoadBalancer {
        id, about, balancer_type, scheme, families, public_ipv4, vpc, subnets, groups, listeners,
        dns_name, cross_zone, idle_seconds,
    }
    Listener { port, protocol, rules, at }
    ListenerRule { conditions, action }
    Forward { target_group, weight }
    TargetGroup {
        id, about, vpc, port, protocol, target_type, family, health_check_port, health_check,
        preserve_client_ip, cross_zone, targets, load_balancers, at,
    }
    HealthCheck {
        protocol, path, matcher, interval_seconds, timeout_seconds, healthy_threshold,
        unhealthy_threshold,
    }
    Target { id, port, health }
    TargetHealth { state, reason, description }
}
variants! {
    LoadBalancerType { 0 Application, 1 Network, 2 Other(kind) }
    Scheme { 0 InternetFacing, 1 Internal }
    AddressFamily { 0 V4, 1 V6 }
    RuleAction { 0 Forward(groups), 1 FixedResponse(code), 2 Redirect, 3 Other(action) }
    TargetType { 0 Ip, 1 Instance, 2 Other(kind) }
}

// ECS, and where its volumes are.
fields! {
    Service {
        id, about, cluster, launch_type, capacity_provider, subnets, groups, assign_public_ip,
        platform_version, task_definition, targets, desired_count, maximum_percent, grace_seconds,
        execute_command, service_connect, needs, observed,
    }
    ServiceTarget { target_group, container, port, alternate }
    ServiceConnect { services }
    ServiceConnectService { port_name, ingress_port }
    StatedNeed { place, at }
    Task {
        id, about, group, cluster, launch_type, last_status, task_definition, interfaces, subnet,
        container_instance, stop_code, stopped_reason, containers, observed,
    }
    TaskContainer { name, exit_code, reason, health_status, bindings }
    NetworkBinding { container_port, host_port }
    TaskDefinition {
        id, about, network_mode, operating_system, cpu_architecture, cpu, memory, execution_role,
        task_role, containers, volumes, proxy, not_modelled,
    }
    Container {
        name, image, optional, port_mappings, listens, command, entry_point, environment, user,
        health_check, depends_on, secrets, repository_credentials, environment_files, log, firelens,
        at,
    }
    PortMapping { name, container_port, last_port, host_port, udp }
    ContainerHealthCheck { command, start_period }
    LogConfiguration { driver, options }
    Firelens { options }
    Volume { name, source }
    Proxy { proxy_type, container, app_ports, ingress_port }
    Cluster { id, about, default_providers, execute_key, execute_logs, execute_bucket }
    CapacityProvider { id, about, source }
    ContainerInstance {
        id, about, cluster, instance, capacity_provider, agent_connected, dynamic_ports,
    }
    FileSystem { id, about, mount_targets }
    MountTarget { subnet, interface, groups, state }
}
variants! {
    LaunchType { 0 Fargate, 1 Ec2, 2 ManagedInstances, 3 External, 4 Other(kind) }
    NetworkMode { 0 Awsvpc, 1 Bridge, 2 Host, 3 None, 4 Other(mode) }
    VolumeSource {
        0 Efs { file_system },
        1 FsxWindows { file_system, credentials },
        2 Docker { driver, options },
    }
    CapacitySource { 0 AutoScalingGroup, 1 ManagedInstances { subnets, groups } }
}

// Names.
fields! {
    DhcpOptions { id, about, name_servers, answers }
    HostedZone { id, about, domain, private, vpcs, records }
    Record { name, data, weight }
    ResolverRule { id, about, domain, rule_type, vpcs, targets, answers }
}
variants! {
    NameServer { 0 Amazon, 1 Address(address) }
    StatedAnswers { 0 VpcResolver, 1 Records(records) }
    RecordData { 0 Addresses(all), 1 Cname(name), 2 Alias { target, v6 }, 3 Delegation, 4 Other(kind) }
    AliasTarget { 0 Name(name), 1 Endpoint(id), 2 LoadBalancer(id) }
}
