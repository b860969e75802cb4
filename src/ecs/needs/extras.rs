//! What ECS adds to a task: Exec, Service Connect, App Mesh, runtime monitoring.

use super::super::runs::cluster;
use super::list::{Context, Frame, List, Place};
use super::{Platform, Sender, Stage, Weight};
use crate::network::{Coverage, EndpointType, Kind, Network, Resource, Service, Task, VpcEndpoint};

pub(super) fn needs(list: &mut List, context: &Context<'_>) {
    // Up to 1.3.0, Fargate has neither.
    let both = context.platform != Platform::OldFargate;
    if context.service.execute_command && both {
        exec(list, context);
    }
    if context.service.service_connect.is_some() && both {
        service_connect(list, context);
    }
    if let Some(proxy) = context.definition.and_then(|one| one.proxy.as_ref()) {
        // SVC-03
        let why = format!("the {} proxy {}", proxy.proxy_type, proxy.container);
        let frame = Frame::new(Stage::Mesh, context.own, Weight::StartCritical, "SVC-03", why);
        list.service(frame, "appmesh-envoy-management", Place::default());
    }
    monitoring(list, context);
}

/// EXE-01, TSK-05: the agent of Exec runs inside the container.
fn exec(list: &mut List, context: &Context<'_>) {
    let frame = |why: &str| {
        Frame::new(Stage::Exec, context.own, Weight::OnDemand, "EXE-01", why.to_owned())
    };
    list.service(frame("ECS Exec"), "ssmmessages", Place::default());
    let Some(cluster) = cluster(context.network, context.service) else {
        // A scenario that states no cluster has one with the default settings.
        if context.network.coverage != Coverage::Stated {
            let fact = format!(
                "the cluster of service {}, which says where sessions of ECS Exec are logged",
                context.service.label()
            );
            let missing = context.missing(fact, Kind::Cluster);
            list.open(frame("ECS Exec"), "exec logging", missing);
        }
        return;
    };
    let parts = [
        (cluster.execute_key, "kms", "ECS Exec with a key"),
        (cluster.execute_logs, "logs", "ECS Exec logged to CloudWatch Logs"),
        (cluster.execute_bucket, "s3", "ECS Exec logged to S3"),
    ];
    for (asked, name, why) in parts {
        if asked {
            list.service(frame(why), name, Place::default());
        }
    }
}

/// The open point of SVC-01.
const RELAY: &str = "SC_RELAY_INTERFACE";

/// SVC-01: the proxy gets its configuration through a relay.
fn service_connect(list: &mut List, context: &Context<'_>) {
    let sender = context.fetcher();
    let why = "the Service Connect proxy";
    let frame = Frame::new(Stage::Mesh, sender, Weight::StartCritical, "SVC-01", why).resting(
        context,
        "SC_PROXY_START_CRITICAL",
        |frame| frame.weighing(Weight::Degraded),
    );
    let frame = match context.platform {
        Platform::Ec2 | Platform::External => frame,
        Platform::Fargate | Platform::OldFargate | Platform::ManagedInstances => {
            // Fargate's other interface is none of the network's.
            if context.platform.is_fargate() && !context.holds(RELAY) {
                return;
            }
            frame.resting(context, RELAY, |frame| Frame { sender: context.own, ..frame })
        }
    };
    // An endpoint for the agent answers for the relay, too; without one, its name is public.
    let name =
        if has_agent_endpoint(context.network, context.service) { "ecs-agent" } else { "ecs-sc" };
    list.service(frame, name, Place::default());
}

fn has_agent_endpoint(network: &Network, service: &Service) -> bool {
    let subnets = service.subnets.iter().filter_map(|id| network.subnets.get(id));
    let vpcs: Vec<_> = subnets.map(|subnet| &subnet.vpc).collect();
    let agent = |one: &VpcEndpoint| {
        one.endpoint_type == EndpointType::Interface && one.service_name.ends_with(".ecs-agent")
    };
    let endpoints = &network.vpc_endpoints;
    match vpcs.is_empty() {
        true => endpoints.values().any(agent),
        false => vpcs.iter().any(|&vpc| {
            endpoints.referring_to(vpc.as_str()).any(|one| one.vpc == *vpc && agent(one))
        }),
    }
}

/// SVC-04: a container that runs and that no definition has was injected by GuardDuty.
fn monitoring(list: &mut List, context: &Context<'_>) {
    let Some(definition) = context.definition.filter(|_| context.platform.is_fargate()) else {
        return;
    };
    let injected = |task: &Task| {
        task.task_definition.as_ref() == Some(&definition.id)
            && task.containers.iter().any(|one| {
                // ECS's own additions are its proxy and its pause container.
                !one.name.starts_with("ecs-service-connect")
                    && !one.name.starts_with('~')
                    && !definition.containers.iter().any(|own| own.name == one.name)
            })
    };
    if !context.network.tasks_of(context.service).any(injected) {
        return;
    }
    let frame = |stage| {
        let why = "the container that GuardDuty adds";
        Frame::new(stage, Sender::Task, Weight::Degraded, "SVC-04", why).resting(
            context,
            "GUARDDUTY_NOT_START_CRITICAL",
            |frame| frame.weighing(Weight::StartCritical),
        )
    };
    for name in ["guardduty-data", "ecr.api", "ecr.dkr", "s3"] {
        list.service(frame(Stage::Monitoring), name, Place::default());
    }
}
