//! What hosts need before any task: the control plane of their agent (DN-12).

use super::list::{Context, Frame, List, Place};
use super::{Asked, Platform, Sender, Stage, Weight};
use crate::models::dns_suffix;

pub(super) fn needs(list: &mut List, context: &Context<'_>) {
    let names: &[&str] = match context.platform {
        // TSK-08: Fargate tasks need none of them.
        Platform::Fargate | Platform::OldFargate => return,
        Platform::Ec2 | Platform::ManagedInstances => &["ecs", "ecs-agent", "ecs-telemetry"],
        // TSK-09
        Platform::External => {
            &["ecs", "ecs-agent", "ecs-telemetry", "ssm", "ec2messages", "ssmmessages"]
        }
    };
    let rule = if context.platform == Platform::External { "TSK-09" } else { "TSK-08" };
    for name in names {
        let why = "the ECS agent of the host";
        let frame = Frame::new(Stage::Agent, Sender::Host, Weight::StartCritical, rule, why);
        // The names that agents are told carry a number.
        let numbered = match *name {
            "ecs-agent" => "ecs-a-1",
            "ecs-telemetry" => "ecs-t-1",
            _ => {
                list.service(frame, name, Place::default());
                continue;
            }
        };
        let point = "ECS_AGENT_NAMES_FOLLOW_ENDPOINT";
        let region = context.service.about.scope.region.as_deref();
        let region = region.filter(|_| !context.holds(point));
        let frame = frame.assuming(context, point);
        match region {
            Some(region) => {
                let host = format!("{numbered}.{region}.{}", dns_suffix(region));
                list.add(frame, Asked::Host { host, port: 443, udp: false });
            }
            None => list.service(frame, name, Place::default()),
        }
    }
}
