//! By which words resources are looked for: what a search goes by, and no rule. Who asks still says
//! which of those that are found are meant.

use super::shelf::Referring;
use super::{
    Attached, HostedZone, LoadBalancer, NetworkAcl, NetworkInterface, RouteTable, RuleAction,
    Service, TargetGroup, Task, TransitGatewayAttachment, VpcEndpoint,
};

/// The word of interfaces with delegated prefixes, which hold more addresses than they list.
pub const DELEGATED: &str = "delegated prefixes";

/// Its group, which names its service, and its interfaces.
impl Referring for Task {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        self.group.iter().for_each(|group| tell(group));
        self.interfaces.iter().for_each(|id| tell(id.as_str()));
    }
}

/// The group of its tasks.
impl Referring for Service {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        tell(&self.task_group());
    }
}

/// The target groups that its rules name, of whatever weight.
impl Referring for LoadBalancer {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        let rules = self.listeners.iter().flatten().flat_map(|listener| &listener.rules);
        for rule in rules {
            if let RuleAction::Forward(groups) = &rule.action {
                groups.iter().for_each(|group| tell(group.target_group.as_str()));
            }
        }
    }
}

/// Its targets.
impl Referring for TargetGroup {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        self.targets.iter().flatten().for_each(|target| tell(&target.id));
    }
}

/// Its VPC and its interfaces.
impl Referring for VpcEndpoint {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        tell(self.vpc.as_str());
        self.interfaces.iter().for_each(|id| tell(id.as_str()));
    }
}

/// The subnets that are associated with it.
impl Referring for RouteTable {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        self.subnets.iter().for_each(|id| tell(id.as_str()));
    }
}

/// The subnets that are associated with it.
impl Referring for NetworkAcl {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        self.subnets.iter().for_each(|id| tell(id.as_str()));
    }
}

/// Its domain, without dots around it.
impl Referring for HostedZone {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        tell(self.domain.trim_matches('.'));
    }
}

/// Its VPC and its transit gateway.
impl Referring for TransitGatewayAttachment {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        tell(self.transit_gateway.as_str());
        if let Attached::Vpc { vpc, .. } = &self.attached {
            tell(vpc.as_str());
        }
    }
}

/// Its own addresses.
impl Referring for NetworkInterface {
    fn words(&self, tell: &mut dyn FnMut(&str)) {
        self.addresses.iter().for_each(|own| tell(&own.address.to_string()));
        if !self.prefixes.is_empty() {
            tell(DELEGATED);
        }
    }
}
