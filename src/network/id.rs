//! Typed ids. In a snapshot an id is AWS's own (`subnet-0a1b…`, an ARN); in a scenario it is the
//! name that the file's author gave.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id's own text, to be kept by others.
            #[must_use]
            pub fn shared(&self) -> Arc<str> {
                Arc::clone(&self.0)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as text that its copies share.
            #[must_use]
            pub fn as_shared(&self) -> &Arc<str> {
                &self.0
            }
        }

        impl From<Arc<str>> for $name {
            fn from(text: Arc<str>) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }
    )*};
}

ids! {
    /// `vpc-…`
    VpcId,
    /// `subnet-…`
    SubnetId,
    /// `rtb-…`
    RouteTableId,
    /// `igw-…`
    InternetGatewayId,
    /// `eigw-…`
    EgressOnlyGatewayId,
    /// `nat-…`
    NatGatewayId,
    /// `vpce-…`
    VpcEndpointId,
    /// `pcx-…`
    PeeringConnectionId,
    /// `vgw-…`
    VirtualPrivateGatewayId,
    /// `tgw-…`
    TransitGatewayId,
    /// `tgw-attach-…`
    TransitGatewayAttachmentId,
    /// `tgw-rtb-…`
    TransitGatewayRouteTableId,
    /// `sg-…`
    SecurityGroupId,
    /// `acl-…`
    NetworkAclId,
    /// `pl-…`
    PrefixListId,
    /// `eni-…`
    NetworkInterfaceId,
    /// `i-…`
    InstanceId,
    /// A load balancer's ARN.
    LoadBalancerId,
    /// A target group's ARN.
    TargetGroupId,
    /// An ECS service's ARN.
    ServiceId,
    /// An ECS task's ARN.
    TaskId,
    /// An ECS task definition's ARN, with its revision.
    TaskDefinitionId,
    /// An ECS cluster's ARN.
    ClusterId,
    /// An ECS capacity provider's ARN.
    CapacityProviderId,
    /// An ECS container instance's ARN.
    ContainerInstanceId,
    /// `fs-…`
    FileSystemId,
    /// `dopt-…`
    DhcpOptionsId,
    /// A firewall's ARN.
    FirewallId,
    /// A Route 53 hosted zone's id.
    HostedZoneId,
    /// `rslvr-rr-…`
    ResolverRuleId,
    /// An account and a Region.
    PublicAccessBlockId,
    /// `vpcbpa-exclude-…`
    PublicAccessExclusionId,
}
