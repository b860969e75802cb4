//! The list of needs, as it grows.

use super::super::runs::missing;
use super::{Asked, Need, Platform, Sender, Stage, Weight};
use crate::answer::{Assumption, Missing, RuleId};
use crate::models;
use crate::network::{Coverage, Kind, Network, Resource, Service, TaskDefinition, left_open};

/// What the needs of a service follow from.
#[derive(Clone, Copy)]
pub(super) struct Context<'n> {
    pub network: &'n Network,
    pub service: &'n Service,
    pub definition: Option<&'n TaskDefinition>,
    pub platform: Platform,
    /// Who sends the application's own traffic.
    pub own: Sender,
}

impl Context<'_> {
    /// TSK-01, TSK-03, TSK-06: who fetches images, secrets and logs.
    pub(super) fn fetcher(&self) -> Sender {
        if self.platform.is_fargate() { Sender::Task } else { Sender::Host }
    }

    /// Whether an open point has its default value.
    pub(super) fn holds(&self, name: &str) -> bool {
        let value = self.network.assumptions.value(name);
        models::assumption(name).is_none_or(|entry| entry.default == value)
    }

    /// What would supply a fact of that kind.
    pub(super) fn missing(&self, fact: String, kind: Kind) -> Missing {
        missing(self.network, fact, kind)
    }
}

/// A need's frame: everything but what is asked for.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub stage: Stage,
    pub sender: Sender,
    pub weight: Weight,
    pub rule: &'static str,
    pub why: String,
    pub assumptions: Vec<Assumption>,
}

impl Frame {
    pub(super) fn new(
        stage: Stage,
        sender: Sender,
        weight: Weight,
        rule: &'static str,
        why: impl Into<String>,
    ) -> Self {
        Self { stage, sender, weight, rule, why: why.into(), assumptions: Vec::new() }
    }

    /// The same, resting on an open point.
    pub(super) fn assuming(self, context: &Context<'_>, name: &'static str) -> Self {
        self.resting(context, name, |frame| frame)
    }

    /// The same, resting on an open point: `turned` where that has its other value.
    pub(super) fn resting(
        self,
        context: &Context<'_>,
        name: &'static str,
        turned: impl FnOnce(Self) -> Self,
    ) -> Self {
        let value = context.network.assumptions.value(name);
        let entry = models::assumption(name);
        let mut frame = if context.holds(name) { self } else { turned(self) };
        let rule = RuleId::new(entry.map_or(frame.rule, |one| one.rule));
        frame.assumptions.push(Assumption { name: name.into(), value: value.into(), rule });
        frame
    }

    /// The same with another weight.
    pub(super) fn weighing(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }
}

/// The Region and host of an AWS service, where they are not the usual ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub region: Option<String>,
    pub host: Option<String>,
}

impl Place {
    pub(super) fn in_region(region: Option<String>) -> Self {
        Self { region, host: None }
    }
}

/// What is asked for, unless some of it is only told by a deployment.
fn if_told(asked: Asked, why: &str) -> Asked {
    let open = |text: &str| left_open(text).map(str::to_owned);
    let (what, open) = match &asked {
        Asked::Service { service, region, host } => {
            let texts = [region, host].into_iter().flatten();
            (service.name, texts.filter_map(|text| open(text)).next())
        }
        Asked::Host { host, .. } => ("host", open(host)),
        Asked::FileSystem(id) => ("efs", open(id)),
        Asked::Place(_) | Asked::Registry(_) | Asked::NotKnown { .. } => return asked,
    };
    match open {
        Some(open) => {
            let fact = format!("what {open} comes to, for {why}");
            let missing = Missing { fact, command: None };
            Asked::NotKnown { what: what.to_owned(), missing }
        }
        None => asked,
    }
}

#[derive(Default)]
pub(super) struct List(Vec<Need>);

impl List {
    /// Adds a need; what is needed twice is listed once, with both reasons and the greater weight.
    pub(super) fn add(&mut self, frame: Frame, asked: Asked) {
        let Frame { stage, sender, weight, rule, why, assumptions } = frame;
        let asked = if_told(asked, &why);
        let same =
            |one: &&mut Need| one.stage == stage && one.sender == sender && one.asked == asked;
        match self.0.iter_mut().find(same) {
            Some(one) => {
                one.weight = one.weight.min(weight);
                if !one.why.split(", ").any(|other| other == why) {
                    one.why = format!("{}, {why}", one.why);
                }
                for assumption in assumptions {
                    if !one.assumptions.contains(&assumption) {
                        one.assumptions.push(assumption);
                    }
                }
            }
            None => self.0.push(Need { stage, sender, asked, why, weight, rule, assumptions }),
        }
    }

    /// Adds an AWS service. One that no table knows cannot be told.
    pub(super) fn service(&mut self, frame: Frame, name: &str, place: Place) {
        let asked = match models::service(name) {
            Some(service) => Asked::Service { service, region: place.region, host: place.host },
            None => {
                let fact = format!("which host names {name} has");
                Asked::NotKnown { what: name.to_owned(), missing: Missing { fact, command: None } }
            }
        };
        self.add(frame, asked);
    }

    /// Adds something needed to start that cannot be asked for.
    pub(super) fn unknown(
        &mut self,
        what: &str,
        fact: &str,
        command: Option<String>,
        rule: &'static str,
    ) {
        let frame = Frame::new(Stage::NotModelled, Sender::Task, Weight::StartCritical, rule, what);
        self.open(frame, what, Missing { fact: fact.to_owned(), command });
    }

    /// Adds something that cannot be asked for.
    pub(super) fn open(&mut self, frame: Frame, what: &str, missing: Missing) {
        self.add(frame, Asked::NotKnown { what: what.to_owned(), missing });
    }

    /// Without a task definition: what most tasks need, and that it is not known.
    pub(super) fn usual(&mut self, context: &Context<'_>) {
        let usual = [
            (Stage::Login, "ecr.api"),
            (Stage::Secret, "secretsmanager"),
            (Stage::Image, "ecr.dkr"),
            (Stage::Image, "s3"),
            (Stage::Log, "logs"),
        ];
        for (stage, name) in usual {
            let sender = context.fetcher();
            let frame = Frame::new(stage, sender, Weight::Possible, "RUN-02", "most tasks need it");
            self.service(frame, name, Place::default());
        }
        let service = context.service;
        let id = service.task_definition.as_ref().map(|id| id.as_str());
        let family = id.map(|id| id.rsplit('/').next().unwrap_or(id));
        let fact = match family {
            Some(family) => format!("task definition {family}, which says what the tasks need"),
            None => format!(
                "the task definition of service {}, which says what the tasks need",
                service.label()
            ),
        };
        let captured = context.network.coverage != Coverage::Stated;
        let call = models::call(Kind::TaskDefinition.word()).filter(|_| captured);
        let command = call.map(|call| match family {
            Some(family) => call.command.replace("<family:revision>", family),
            None => call.command.to_owned(),
        });
        self.unknown("start-up", &fact, command, "RUN-03");
    }

    /// Notes an open point with everything that ECS itself fetches for the task.
    pub(super) fn assume_for_platform(&mut self, context: &Context<'_>, name: &'static str) {
        let fetched = |need: &&mut Need| {
            matches!(
                need.stage,
                Stage::Login | Stage::Secret | Stage::EnvironmentFile | Stage::Image | Stage::Log
            )
        };
        for need in self.0.iter_mut().filter(fetched) {
            let frame = Frame::new(need.stage, need.sender, need.weight, need.rule, "");
            need.assumptions.extend(frame.assuming(context, name).assumptions);
            if !context.holds(name) {
                let fact = format!("by which proxy Fargate fetches {}", need.why);
                let missing = Missing { fact, command: None };
                need.asked = Asked::NotKnown { what: "proxy".to_owned(), missing };
            }
        }
    }

    /// The needs in the order in which a start fails.
    pub(super) fn sorted(mut self, platform: Platform) -> Vec<Need> {
        self.0.sort_by_key(|need| (platform.order(need.stage), need.stage));
        self.0
    }
}
