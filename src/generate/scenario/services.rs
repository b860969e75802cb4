//! Load balancers, and the ECS services behind them.

use super::{groups, interface, list, map, subnet};
use crate::generate::plan::Plan;
use crate::generate::space::Tier;
use crate::generate::vpc::{Role, VpcPlan};
use crate::generate::{REGION, account_id};

type Entries = Vec<(String, String)>;

fn front(vpc: &VpcPlan) -> String {
    format!("{}-front", vpc.name)
}

pub(super) fn load_balancers(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let of_vpc = |vpc: &VpcPlan| {
        let nodes = || vpc.in_role(Role::Front);
        let scheme = if vpc.kind.has_internet() { "internet-facing" } else { "internal" };
        let mut listener = vec![("protocol", "HTTPS".to_owned())];
        let mut numbers = (0..).take(if plan.has_services() { vpc.services.len() } else { 0 });
        if !plan.has_services() {
            listener.push(("fixed_response", "404".to_owned()));
        }
        listener.extend(numbers.next().map(|first| ("target_group", vpc.service_name(first))));
        let rules: Vec<String> = numbers
            .map(|number| {
                let path = format!("/app-{number}/*");
                map(&[("path", path), ("target_group", vpc.service_name(number))])
            })
            .collect();
        if !rules.is_empty() {
            listener.push(("rules", list(rules)));
        }
        let fields = [
            ("subnets", list(nodes().map(|one| subnet(vpc, one.place)))),
            ("security_groups", groups(vpc, nodes().take(1).flat_map(|one| &one.groups))),
            ("scheme", scheme.to_owned()),
            ("listeners", map(&[("443", map(&listener))])),
        ];
        (front(vpc), map(&fields))
    };
    vpcs.iter().filter(|vpc| vpc.front).map(of_vpc).collect()
}

pub(super) fn target_groups(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let mut all = Vec::new();
    for vpc in vpcs.iter().filter(|vpc| vpc.front && plan.has_services()) {
        for (number, service) in (0..).zip(&vpc.services) {
            let targets = vpc.in_role(Role::Task(number)).map(|one| {
                let address = plan.host(vpc.vpc, one.place, one.host);
                format!("\"{address}:{}\"", service.port)
            });
            let fields = [
                ("vpc", vpc.name.clone()),
                ("port", service.port.to_string()),
                ("health_check", "{ path: / }".to_owned()),
                ("targets", list(targets)),
            ];
            all.push((vpc.service_name(number), map(&fields)));
        }
    }
    all
}

pub(super) fn task_definitions(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let mut all = Vec::new();
    for vpc in vpcs.iter().filter(|_| plan.has_services()) {
        let owner = account_id(vpc.account);
        for (number, service) in (0..).zip(&vpc.services) {
            let name = vpc.service_name(number);
            let secret = format!("arn:aws:secretsmanager:{REGION}:{owner}:secret:{name}-AbCdEf");
            let container = map(&[
                ("image", format!("\"{owner}.dkr.ecr.{REGION}.amazonaws.com/{name}:1\"")),
                ("port", service.port.to_string()),
                ("log", "awslogs".to_owned()),
                ("secrets", list([format!("\"{secret}\"")])),
            ]);
            let fields =
                [("containers", map(&[("app", container)])), ("account", format!("\"{owner}\""))];
            all.push((name, map(&fields)));
        }
    }
    all
}

pub(super) fn services(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let mut all = Vec::new();
    for vpc in vpcs.iter().filter(|_| plan.has_services()) {
        for (number, service) in (0..).zip(&vpc.services) {
            let name = vpc.service_name(number);
            let places = vpc.places().filter(|place| place.tier == Tier::Work);
            let mut fields = vec![
                ("subnets", list(places.map(|place| subnet(vpc, place)))),
                ("security_groups", groups(vpc, &service.groups)),
                ("task_definition", name.clone()),
            ];
            fields.extend(vpc.front.then(|| ("target_group", name.clone())));
            fields.extend(service.public.then(|| ("assign_public_ip", "true".to_owned())));
            all.push((name, map(&fields)));
        }
    }
    all
}

pub(super) fn tasks(plan: &Plan, vpcs: &[VpcPlan]) -> Entries {
    let mut all = Vec::new();
    for vpc in vpcs.iter().filter(|_| plan.has_services()) {
        for one in &vpc.interfaces {
            let Role::Task(service) = one.role else { continue };
            let name = vpc.service_name(service);
            let fields = [
                ("service", name.clone()),
                ("task_definition", name),
                ("interfaces", list([interface(vpc, one)])),
            ];
            all.push((format!("{}-task-{}", vpc.name, one.number), map(&fields)));
        }
    }
    all
}
