//! One call: the SDK signs it and sends it, and what comes back is kept as it was sent.

use super::fault::Fault;
use super::input::Input;
use super::tap::{Heard, Tap};
use crate::models::SnapshotCall;
use aws_config::SdkConfig;
use aws_sdk_ec2::types::Filter;
use aws_sdk_ecs::types::{
    ClusterField, ContainerInstanceField, DesiredStatus, ServiceField, TaskDefinitionField,
    TaskField,
};
use aws_sdk_ram::types::ResourceOwner;
use aws_sdk_route53::types::{HostedZoneType, RrType, VpcRegion};

/// The services that this build can ask, by the AWS CLI's words for them. The rest of the catalogue
/// is the printed script's: a client would cost every build more than its answers tell.
const SERVICES: [&str; 10] = [
    "ec2",
    "ecs",
    "efs",
    "elbv2",
    "network-firewall",
    "ram",
    "route53",
    "route53profiles",
    "route53resolver",
    "sts",
];

/// Whether this build can make a call.
pub(super) fn is_built_in(call: &SnapshotCall) -> bool {
    SERVICES.contains(&call.service)
}

/// A client of every service, for one account and Region.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    efs: aws_sdk_efs::Client,
    firewall: aws_sdk_networkfirewall::Client,
    profiles: aws_sdk_route53profiles::Client,
    ram: aws_sdk_ram::Client,
    route53: aws_sdk_route53::Client,
    resolver: aws_sdk_route53resolver::Client,
    sts: aws_sdk_sts::Client,
    region: String,
}

impl Clients {
    pub fn new(config: &SdkConfig, region: &str) -> Self {
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            ecs: aws_sdk_ecs::Client::new(config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(config),
            efs: aws_sdk_efs::Client::new(config),
            firewall: aws_sdk_networkfirewall::Client::new(config),
            profiles: aws_sdk_route53profiles::Client::new(config),
            ram: aws_sdk_ram::Client::new(config),
            route53: aws_sdk_route53::Client::new(config),
            resolver: aws_sdk_route53resolver::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
            region: region.to_owned(),
        }
    }

    /// Asks for one page.
    pub async fn ask(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
    ) -> Result<Heard, Fault> {
        let tap = Tap::default();
        let asked = match call.service {
            "ec2" => self.ec2(call, input, token, &tap).await,
            "ecs" => self.ecs(call, input, token, &tap).await,
            "elbv2" => self.elb(call, input, token, &tap).await,
            "network-firewall" => self.firewall(call, input, token, &tap).await,
            "route53" => self.route53(call, input, token, &tap).await,
            "route53resolver" => self.resolver(call, input, token, &tap).await,
            _ => self.others(call, input, token, &tap).await,
        };
        match (asked, tap.take()) {
            // What AWS answers is kept, also where the SDK does not understand all of it.
            (_, Some(heard)) if (200..300).contains(&heard.status) => Ok(heard),
            (Err(fault), _) => Err(fault),
            (Ok(()), _) => Err(Fault::other("the SDK kept no answer")),
        }
    }
}

/// Sends a call with the tap on it.
macro_rules! send {
    ($tap:expr, $call:expr) => {{
        let sent = $call.customize().interceptor($tap.clone()).send().await;
        sent.map(drop).map_err(|error| Fault::of(&error, $tap.heard().as_ref()))
    }};
}

fn unknown(call: &SnapshotCall) -> Result<(), Fault> {
    Err(Fault::other(format!("this reach cannot call {} {}", call.service, call.name)))
}

type Asked = Result<(), Fault>;

impl Clients {
    async fn ec2(&self, call: &SnapshotCall, input: &Input, token: &[String], tap: &Tap) -> Asked {
        let (ec2, next) = (&self.ec2, token.first().cloned());
        let page = call.page.map(i32::from);
        let filters = input.filter.as_ref().map(|(name, values)| {
            vec![Filter::builder().name(*name).set_values(Some(values.clone())).build()]
        });
        let id = input.id();
        /// A call that lists, with filters and pages.
        macro_rules! list {
            ($name:ident) => {
                send!(
                    tap,
                    ec2.$name().set_filters(filters).set_max_results(page).set_next_token(next)
                )
            };
        }
        /// A call that lists what belongs to a transit gateway's route table.
        macro_rules! of_table {
            ($name:ident) => {
                send!(
                    tap,
                    ec2.$name()
                        .transit_gateway_route_table_id(id)
                        .set_max_results(page)
                        .set_next_token(next)
                )
            };
        }
        /// A call that lists what belongs to an endpoint of Client VPN.
        macro_rules! of_client_vpn {
            ($name:ident) => {
                send!(
                    tap,
                    ec2.$name()
                        .client_vpn_endpoint_id(id)
                        .set_max_results(page)
                        .set_next_token(next)
                )
            };
        }
        match call.name {
            "describe-availability-zones" => {
                send!(tap, ec2.describe_availability_zones().all_availability_zones(true))
            }
            "describe-vpcs" => list!(describe_vpcs),
            "describe-vpc-attribute" => {
                let attribute = call.variant.unwrap_or_default().into();
                send!(tap, ec2.describe_vpc_attribute().vpc_id(id).attribute(attribute))
            }
            "describe-subnets" => list!(describe_subnets),
            "describe-route-tables" => list!(describe_route_tables),
            "describe-network-acls" => list!(describe_network_acls),
            "describe-security-groups" => list!(describe_security_groups),
            "describe-security-group-rules" => list!(describe_security_group_rules),
            "describe-security-group-vpc-associations" => {
                list!(describe_security_group_vpc_associations)
            }
            "describe-stale-security-groups" => send!(
                tap,
                ec2.describe_stale_security_groups()
                    .vpc_id(id)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-network-interfaces" => list!(describe_network_interfaces),
            "describe-instances" => list!(describe_instances),
            "describe-addresses" => send!(tap, ec2.describe_addresses().set_filters(filters)),
            "describe-internet-gateways" => list!(describe_internet_gateways),
            "describe-egress-only-internet-gateways" => {
                list!(describe_egress_only_internet_gateways)
            }
            "describe-nat-gateways" => send!(
                tap,
                ec2.describe_nat_gateways()
                    .set_filter(filters)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-carrier-gateways" => list!(describe_carrier_gateways),
            "describe-local-gateways" => list!(describe_local_gateways),
            "describe-managed-prefix-lists" => list!(describe_managed_prefix_lists),
            "get-managed-prefix-list-entries" => send!(
                tap,
                ec2.get_managed_prefix_list_entries()
                    .prefix_list_id(id)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-prefix-lists" => list!(describe_prefix_lists),
            "describe-vpc-endpoints" => list!(describe_vpc_endpoints),
            "describe-vpc-endpoint-services" => list!(describe_vpc_endpoint_services),
            "describe-vpc-endpoint-service-configurations" => {
                list!(describe_vpc_endpoint_service_configurations)
            }
            "describe-vpc-endpoint-associations" => list!(describe_vpc_endpoint_associations),
            "describe-vpc-peering-connections" => list!(describe_vpc_peering_connections),
            "describe-transit-gateways" => list!(describe_transit_gateways),
            "describe-transit-gateway-attachments" => list!(describe_transit_gateway_attachments),
            "describe-transit-gateway-vpc-attachments" => {
                list!(describe_transit_gateway_vpc_attachments)
            }
            "describe-transit-gateway-peering-attachments" => {
                list!(describe_transit_gateway_peering_attachments)
            }
            "describe-transit-gateway-route-tables" => list!(describe_transit_gateway_route_tables),
            "get-transit-gateway-route-table-associations" => {
                of_table!(get_transit_gateway_route_table_associations)
            }
            "get-transit-gateway-route-table-propagations" => {
                of_table!(get_transit_gateway_route_table_propagations)
            }
            "get-transit-gateway-prefix-list-references" => {
                of_table!(get_transit_gateway_prefix_list_references)
            }
            "search-transit-gateway-routes" => {
                let states = Filter::builder().name("state").values("active").values("blackhole");
                send!(
                    tap,
                    ec2.search_transit_gateway_routes()
                        .transit_gateway_route_table_id(id)
                        .filters(states.build())
                        .set_max_results(page)
                )
            }
            "describe-vpn-gateways" => send!(tap, ec2.describe_vpn_gateways()),
            "describe-vpn-connections" => send!(tap, ec2.describe_vpn_connections()),
            "describe-customer-gateways" => send!(tap, ec2.describe_customer_gateways()),
            "describe-client-vpn-endpoints" => list!(describe_client_vpn_endpoints),
            "describe-client-vpn-target-networks" => {
                of_client_vpn!(describe_client_vpn_target_networks)
            }
            "describe-client-vpn-routes" => of_client_vpn!(describe_client_vpn_routes),
            "describe-client-vpn-authorization-rules" => {
                of_client_vpn!(describe_client_vpn_authorization_rules)
            }
            "describe-dhcp-options" => list!(describe_dhcp_options),
            "describe-vpc-block-public-access-options" => {
                send!(tap, ec2.describe_vpc_block_public_access_options())
            }
            "describe-vpc-block-public-access-exclusions" => {
                list!(describe_vpc_block_public_access_exclusions)
            }
            "describe-vpc-encryption-controls" => list!(describe_vpc_encryption_controls),
            "describe-route-servers" => list!(describe_route_servers),
            "get-route-server-propagations" => {
                send!(tap, ec2.get_route_server_propagations().route_server_id(id))
            }
            "get-route-server-routing-database" => send!(
                tap,
                ec2.get_route_server_routing_database()
                    .route_server_id(id)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-instance-connect-endpoints" => list!(describe_instance_connect_endpoints),
            _ => unknown(call),
        }
    }

    async fn ecs(&self, call: &SnapshotCall, input: &Input, token: &[String], tap: &Tap) -> Asked {
        let (ecs, next) = (&self.ecs, token.first().cloned());
        let page = call.page.map(i32::from);
        let cluster = input.cluster.clone().or_else(|| input.ids.first().cloned());
        let ids = Some(input.ids.clone());
        match call.name {
            "list-clusters" => {
                send!(tap, ecs.list_clusters().set_max_results(page).set_next_token(next))
            }
            "describe-clusters" => send!(
                tap,
                ecs.describe_clusters()
                    .set_clusters(ids)
                    .include(ClusterField::Configurations)
                    .include(ClusterField::Settings)
                    .include(ClusterField::Tags)
            ),
            "list-services" => send!(
                tap,
                ecs.list_services().set_cluster(cluster).set_max_results(page).set_next_token(next)
            ),
            "describe-services" => send!(
                tap,
                ecs.describe_services()
                    .set_cluster(cluster)
                    .set_services(ids)
                    .include(ServiceField::Tags)
            ),
            "list-tasks" => send!(
                tap,
                ecs.list_tasks()
                    .set_cluster(cluster)
                    .set_service_name(input.service.clone())
                    .desired_status(DesiredStatus::from(call.variant.unwrap_or_default()))
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-tasks" => send!(
                tap,
                ecs.describe_tasks().set_cluster(cluster).set_tasks(ids).include(TaskField::Tags)
            ),
            "describe-task-definition" => send!(
                tap,
                ecs.describe_task_definition()
                    .task_definition(input.id())
                    .include(TaskDefinitionField::Tags)
            ),
            "describe-capacity-providers" => {
                send!(tap, ecs.describe_capacity_providers().set_next_token(next))
            }
            "list-container-instances" => send!(
                tap,
                ecs.list_container_instances()
                    .set_cluster(cluster)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-container-instances" => send!(
                tap,
                ecs.describe_container_instances()
                    .set_cluster(cluster)
                    .set_container_instances(ids)
                    .include(ContainerInstanceField::Tags)
            ),
            "list-account-settings" => send!(
                tap,
                ecs.list_account_settings()
                    .effective_settings(true)
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            _ => unknown(call),
        }
    }

    async fn elb(&self, call: &SnapshotCall, input: &Input, token: &[String], tap: &Tap) -> Asked {
        let (elb, next) = (&self.elb, token.first().cloned());
        let (id, ids) = (input.id(), input.listed());
        // Things that are named come in one page.
        let page = call.page.map(i32::from).filter(|_| ids.is_none());
        match call.name {
            "describe-load-balancers" => send!(
                tap,
                elb.describe_load_balancers()
                    .set_load_balancer_arns(ids)
                    .set_page_size(page)
                    .set_marker(next)
            ),
            "describe-load-balancer-attributes" => {
                send!(tap, elb.describe_load_balancer_attributes().load_balancer_arn(id))
            }
            "describe-listeners" => send!(
                tap,
                elb.describe_listeners()
                    .load_balancer_arn(id)
                    .set_page_size(call.page.map(i32::from))
                    .set_marker(next)
            ),
            "describe-rules" => send!(
                tap,
                elb.describe_rules()
                    .listener_arn(id)
                    .set_page_size(call.page.map(i32::from))
                    .set_marker(next)
            ),
            "describe-target-groups" => send!(
                tap,
                elb.describe_target_groups()
                    .set_target_group_arns(ids)
                    .set_page_size(page)
                    .set_marker(next)
            ),
            "describe-target-group-attributes" => {
                send!(tap, elb.describe_target_group_attributes().target_group_arn(id))
            }
            "describe-target-health" => {
                send!(tap, elb.describe_target_health().target_group_arn(id))
            }
            _ => unknown(call),
        }
    }

    async fn route53(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
        tap: &Tap,
    ) -> Asked {
        let (route53, next) = (&self.route53, token.first().cloned());
        let page = call.page.map(i32::from);
        let id = input.id();
        match call.name {
            "list-hosted-zones" => send!(
                tap,
                route53
                    .list_hosted_zones()
                    .set_hosted_zone_type(call.variant.map(|_| HostedZoneType::PrivateHostedZone))
                    .set_max_items(page)
                    .set_marker(next)
            ),
            "get-hosted-zone" => send!(tap, route53.get_hosted_zone().id(id)),
            "list-resource-record-sets" => {
                let part = |index: usize| token.get(index).filter(|part| !part.is_empty()).cloned();
                send!(
                    tap,
                    route53
                        .list_resource_record_sets()
                        .hosted_zone_id(id)
                        .set_start_record_name(part(0))
                        .set_start_record_type(part(1).map(|kind| RrType::from(kind.as_str())))
                        .set_start_record_identifier(part(2))
                        .set_max_items(page)
                )
            }
            "list-hosted-zones-by-vpc" => send!(
                tap,
                route53
                    .list_hosted_zones_by_vpc()
                    .vpc_id(id)
                    .vpc_region(VpcRegion::from(self.region.as_str()))
                    .set_max_items(page)
                    .set_next_token(next)
            ),
            _ => unknown(call),
        }
    }

    async fn resolver(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
        tap: &Tap,
    ) -> Asked {
        let (resolver, next) = (&self.resolver, token.first().cloned());
        let page = call.page.map(i32::from);
        macro_rules! list {
            ($name:ident) => {
                send!(tap, resolver.$name().set_max_results(page).set_next_token(next))
            };
        }
        match call.name {
            "list-resolver-rules" => list!(list_resolver_rules),
            "list-resolver-rule-associations" => list!(list_resolver_rule_associations),
            "list-resolver-endpoints" => list!(list_resolver_endpoints),
            "list-resolver-endpoint-ip-addresses" => send!(
                tap,
                resolver
                    .list_resolver_endpoint_ip_addresses()
                    .resolver_endpoint_id(input.id())
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-resolver-configs" => list!(list_resolver_configs),
            "list-firewall-rule-group-associations" => {
                list!(list_firewall_rule_group_associations)
            }
            "list-firewall-rules" => send!(
                tap,
                resolver
                    .list_firewall_rules()
                    .firewall_rule_group_id(input.id())
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-firewall-domain-lists" => list!(list_firewall_domain_lists),
            "list-firewall-configs" => list!(list_firewall_configs),
            _ => unknown(call),
        }
    }

    async fn firewall(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
        tap: &Tap,
    ) -> Asked {
        let (firewall, next) = (&self.firewall, token.first().cloned());
        let page = call.page.map(i32::from);
        let arn = input.id();
        match call.name {
            "list-firewalls" => {
                send!(tap, firewall.list_firewalls().set_max_results(page).set_next_token(next))
            }
            "describe-firewall" => send!(tap, firewall.describe_firewall().firewall_arn(arn)),
            "describe-firewall-policy" => {
                send!(tap, firewall.describe_firewall_policy().firewall_policy_arn(arn))
            }
            "describe-rule-group" => {
                send!(tap, firewall.describe_rule_group().rule_group_arn(arn))
            }
            "list-vpc-endpoint-associations" => send!(
                tap,
                firewall
                    .list_vpc_endpoint_associations()
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "describe-vpc-endpoint-association" => send!(
                tap,
                firewall.describe_vpc_endpoint_association().vpc_endpoint_association_arn(arn)
            ),
            _ => unknown(call),
        }
    }

    async fn others(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
        tap: &Tap,
    ) -> Asked {
        let next = token.first().cloned();
        let page = call.page.map(i32::from);
        let owner = || match call.variant {
            Some("SELF") => ResourceOwner::from("SELF"),
            _ => ResourceOwner::OtherAccounts,
        };
        match call.name {
            "get-caller-identity" => send!(tap, self.sts.get_caller_identity()),
            "describe-file-systems" => {
                send!(tap, self.efs.describe_file_systems().set_max_items(page).set_marker(next))
            }
            "describe-mount-targets" => send!(
                tap,
                self.efs
                    .describe_mount_targets()
                    .file_system_id(input.id())
                    .set_max_items(page)
                    .set_marker(next)
            ),
            "get-resource-shares" => send!(
                tap,
                self.ram
                    .get_resource_shares()
                    .resource_owner(owner())
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-resources" => send!(
                tap,
                self.ram
                    .list_resources()
                    .resource_owner(owner())
                    .resource_type("ec2:Subnet")
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-principals" => send!(
                tap,
                self.ram
                    .list_principals()
                    .resource_owner(owner())
                    .resource_type("ec2:Subnet")
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-profile-associations" => send!(
                tap,
                self.profiles
                    .list_profile_associations()
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            "list-profile-resource-associations" => send!(
                tap,
                self.profiles
                    .list_profile_resource_associations()
                    .profile_id(input.id())
                    .set_max_results(page)
                    .set_next_token(next)
            ),
            _ => unknown(call),
        }
    }
}
