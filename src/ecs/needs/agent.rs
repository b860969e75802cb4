//! What hosts need before any task: the control plane of their agent (DN-12).

use super::list::{Context, Frame, List, Place};
use super::{Platform, Sender, Stage, Weight};

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
        let frame = match *name {
            "ecs-agent" | "ecs-telemetry" => frame.assuming("ECS_AGENT_NAMES_FOLLOW_ENDPOINT"),
            _ => frame,
        };
        list.service(frame, name, Place::default());
    }
}
