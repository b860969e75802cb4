//! What a service's tasks must reach to start.

use super::image::{Source, source};
use crate::answer::Missing;
use crate::models::{self, Registry, dns_suffix};
use crate::network::{
    Container, Coverage, Kind, LaunchType, Network, OperatingSystem, Resource, Service,
    TaskDefinition, VolumeSource,
};

/// One thing that a task's start needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// When it is needed.
    pub stage: Stage,
    /// What is to be reached.
    pub asked: Asked,
    /// What states it: `image 1111….dkr.ecr.us-east-1.amazonaws.com/web:1`.
    pub why: String,
    /// What depends on it.
    pub weight: Weight,
    /// The rule that asks for it.
    pub rule: &'static str,
}

/// The stages of a start on Fargate, in the order in which they fail (RUN-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The login to ECR.
    Login,
    /// Secrets and parameters.
    Secret,
    /// Environment files.
    EnvironmentFile,
    /// The image's manifest and layers.
    Image,
    /// The log driver.
    Log,
    /// What is not modelled.
    NotModelled,
}

/// What depends on a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Without it, the task does not start.
    StartCritical,
    /// Without it, the task runs, but lacks something: its logs, its mesh.
    Degraded,
    /// It is used when someone asks for it (ECS Exec).
    OnDemand,
    /// The application uses it, as a person stated.
    Application,
    /// Nothing states it, but most tasks need it.
    Possible,
}

/// What is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// An AWS service.
    Service {
        /// The service.
        service: &'static models::Service,
        /// The Region; `None` for the task's own.
        region: Option<String>,
        /// The host name; `None` for the usual one.
        host: Option<String>,
    },
    /// A public registry, over the internet.
    Registry(Registry),
    /// Something that cannot be asked for.
    NotKnown {
        /// What it is, in a word or two.
        what: String,
        /// What would settle it.
        missing: Missing,
    },
}

/// What the tasks of `service` need to start, in the order in which Fargate would fail (RUN-02).
#[must_use]
pub fn needs(network: &Network, service: &Service) -> Vec<Need> {
    let mut list = List::default();
    let elsewhere = match &service.launch_type {
        LaunchType::Fargate => None,
        // TSK-03
        LaunchType::Ec2 | LaunchType::External => Some("what the container instance reaches, through which images, secrets and logs go: this version follows Fargate".to_owned()),
        // TSK-06
        LaunchType::ManagedInstances => Some("which interface fetches images, secrets and logs (launch type: MANAGED_INSTANCES): this version follows Fargate".to_owned()),
        LaunchType::Other(other) => Some(format!("which interface fetches images, secrets and logs (launch type: {other}): this version follows Fargate")),
    };
    if let Some(fact) = elsewhere {
        list.unknown("start-up", &fact, None, "TSK-03");
        return list.0;
    }
    let definition =
        service.task_definition.as_ref().and_then(|id| network.task_definitions.get(id));
    match definition {
        Some(definition) => {
            for container in &definition.containers {
                list.container(container, old_platform(service, definition));
            }
            let volumes = definition.volumes.iter().map(|one| match &one.source {
                VolumeSource::Efs { file_system } => format!("EFS file system {file_system}"),
                _ => format!("volume {}", one.name),
            });
            let proxy = definition.proxy.iter().map(|one| format!("the {} proxy", one.proxy_type));
            let others = definition.not_modelled.iter().cloned();
            for one in volumes.chain(proxy).chain(others) {
                let fact =
                    format!("whether the task reaches {one}: this version does not follow it");
                list.unknown("start-up", &fact, None, "RUN-03");
            }
        }
        None => list.usual(network, service),
    }
    list.0.sort_by_key(|need| need.stage);
    list.0
}

/// TSK-02: up to 1.3.0, Linux tasks log in and fetch secrets through Fargate's own interface.
fn old_platform(service: &Service, definition: &TaskDefinition) -> bool {
    let version = service.platform_version.as_deref().unwrap_or("LATEST");
    let numbers: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    definition.operating_system != Some(OperatingSystem::Windows)
        && numbers.len() == 3
        && numbers < vec![1, 4, 0]
}

#[derive(Default)]
struct List(Vec<Need>);

impl List {
    /// Adds a need; what is needed twice is listed once, with both reasons.
    fn add(&mut self, stage: Stage, asked: Asked, why: String, weight: Weight, rule: &'static str) {
        match self.0.iter_mut().find(|one| one.stage == stage && one.asked == asked) {
            Some(one) if one.why.split(", ").any(|other| other == why) => {}
            Some(one) => one.why = format!("{}, {why}", one.why),
            None => self.0.push(Need { stage, asked, why, weight, rule }),
        }
    }

    /// Adds an AWS service; one that no table knows cannot be told.
    fn service(&mut self, stage: Stage, name: &str, place: Place, why: &str, rule: &'static str) {
        let Some(service) = models::service(name) else { return };
        let asked = Asked::Service { service, region: place.region, host: place.host };
        self.add(stage, asked, why.to_owned(), Weight::StartCritical, rule);
    }

    fn unknown(&mut self, what: &str, fact: &str, command: Option<String>, rule: &'static str) {
        let missing = Missing { fact: fact.to_owned(), command };
        let asked = Asked::NotKnown { what: what.to_owned(), missing };
        self.add(Stage::NotModelled, asked, what.to_owned(), Weight::StartCritical, rule);
    }

    fn container(&mut self, container: &Container, old_platform: bool) {
        self.image(container, old_platform);
        if !old_platform {
            for secret in &container.secrets {
                self.secret(secret, "ssm");
            }
            if let Some(secret) = &container.repository_credentials {
                // SEC-03
                self.secret(secret, "secretsmanager");
            }
            for file in &container.environment_files {
                // ENV-01: a bucket's name does not tell its Region; the task's own is asked first.
                let why = format!("environment file {file}");
                self.service(Stage::EnvironmentFile, "s3", Place::default(), &why, "ENV-01");
            }
        }
        self.log(container);
    }

    fn image(&mut self, container: &Container, old_platform: bool) {
        let Some(image) = &container.image else {
            let fact = format!("the image of container {}", container.name);
            return self.unknown("image", &fact, None, "IMG-01");
        };
        let why = format!("image {image}");
        match source(image) {
            Source::Ecr { host, region } => {
                // IMG-03: login, registry and layers, all in the image's Region.
                let layers = format!(
                    "prod-{region}-starport-layer-bucket.s3.{region}.{}",
                    dns_suffix(&region)
                );
                let at = |host: Option<String>| Place { region: Some(region.clone()), host };
                if !old_platform {
                    self.service(Stage::Login, "ecr.api", at(None), &why, "IMG-03");
                }
                self.service(Stage::Image, "ecr.dkr", at(Some(host)), &why, "IMG-03");
                self.service(Stage::Image, "s3", at(Some(layers)), &why, "IMG-03");
            }
            Source::Public(registry) => {
                let rule = if registry.name == "public.ecr.aws" { "IMG-11" } else { "IMG-12" };
                let asked = Asked::Registry(registry);
                self.add(Stage::Image, asked, why, Weight::StartCritical, rule);
            }
            Source::Other(host) => {
                let fact = format!("which addresses registry {host} has (for {why})");
                self.unknown("image", &fact, None, "IMG-13");
            }
        }
    }

    /// SEC-01, SEC-02: an ARN says service and Region; a bare name is in the task's own.
    fn secret(&mut self, text: &str, otherwise: &'static str) {
        let (name, region) = match text.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", _, service, region, ..] => (*service, Some((*region).to_owned())),
            _ => (otherwise, None),
        };
        let (word, rule) = match name {
            "secretsmanager" => ("secret", "SEC-01"),
            "ssm" => ("parameter", "SEC-02"),
            other => {
                let fact =
                    format!("how {text} is fetched: {other} is neither Secrets Manager nor SSM");
                return self.unknown("secret", &fact, None, "SEC-01");
            }
        };
        let place = Place { region, host: None };
        self.service(Stage::Secret, name, place, &format!("{word} {text}"), rule);
    }

    fn log(&mut self, container: &Container) {
        let log = container.log.as_ref();
        let option = |name: &str| log.and_then(|log| log.options.get(name)).cloned();
        match log.map(|log| log.driver.as_str()) {
            // LOG-01: an endpoint of its own is another host.
            Some("awslogs") if option("awslogs-endpoint").is_some() => {
                let fact = format!(
                    "which addresses the awslogs-endpoint of container {} has",
                    container.name
                );
                self.unknown("logs", &fact, None, "LOG-01");
            }
            Some("awslogs") => {
                // LOG-04: on Fargate, the stream is created before the container starts.
                let place = Place { region: option("awslogs-region"), host: None };
                self.service(Stage::Log, "logs", place, "log driver awslogs", "LOG-01");
            }
            // LOG-06, LOG-07: these ask nothing of the network before the start.
            None | Some("awsfirelens" | "json-file" | "journald") => {}
            Some(driver) => {
                let fact = format!(
                    "where log driver {driver} of container {} sends: this version follows awslogs",
                    container.name
                );
                self.unknown("logs", &fact, None, "LOG-06");
            }
        }
    }

    /// Without a task definition: what most tasks need, and that it is not known.
    fn usual(&mut self, network: &Network, service: &Service) {
        let usual = [
            (Stage::Login, "ecr.api"),
            (Stage::Secret, "secretsmanager"),
            (Stage::Image, "ecr.dkr"),
            (Stage::Image, "s3"),
            (Stage::Log, "logs"),
        ];
        for (stage, name) in usual {
            let Some(service) = models::service(name) else { continue };
            let asked = Asked::Service { service, region: None, host: None };
            self.add(stage, asked, "most tasks need it".to_owned(), Weight::Possible, "RUN-02");
        }
        let id = service.task_definition.as_ref().map(|id| id.as_str());
        let family = id.map(|id| id.rsplit('/').next().unwrap_or(id));
        let fact = match family {
            Some(family) => format!("task definition {family}, which says what the tasks need"),
            None => format!(
                "the task definition of service {}, which says what the tasks need",
                service.label()
            ),
        };
        let captured = network.coverage != Coverage::Stated;
        let call = models::call(Kind::TaskDefinition.word()).filter(|_| captured);
        let command = call.map(|call| match family {
            Some(family) => call.command.replace("<family:revision>", family),
            None => call.command.to_owned(),
        });
        self.unknown("start-up", &fact, command, "RUN-03");
    }
}

/// The Region and host of an AWS service, where they are not the usual ones.
#[derive(Default)]
struct Place {
    region: Option<String>,
    host: Option<String>,
}
