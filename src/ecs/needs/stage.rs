//! When a thing is needed, from which interface, and what depends on it.

/// The stages of a start and of what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The control plane of the host's agent (TSK-08).
    Agent,
    /// The credentials of a private registry, on instances (RUN-01).
    Credentials,
    /// The login to ECR.
    Login,
    /// Secrets and parameters.
    Secret,
    /// Environment files, and the configuration of a log router.
    EnvironmentFile,
    /// The image's manifest and layers.
    Image,
    /// Volumes over the network.
    Volume,
    /// The log driver.
    Log,
    /// The proxy of Service Connect or App Mesh.
    Mesh,
    /// Runtime monitoring of GuardDuty.
    Monitoring,
    /// What is not modelled.
    NotModelled,
    /// ECS Exec.
    Exec,
    /// The application's own traffic.
    Application,
}

impl Stage {
    /// The word for it in JSON and in `models/symptoms.tsv`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Credentials => "credentials",
            Self::Login => "login",
            Self::Secret => "secret",
            Self::EnvironmentFile => "environment-file",
            Self::Image => "image",
            Self::Volume => "volume",
            Self::Log => "log",
            Self::Mesh => "mesh",
            Self::Monitoring => "monitoring",
            Self::NotModelled => "not-modelled",
            Self::Exec => "exec",
            Self::Application => "application",
        }
    }
}

/// Where a task runs, as far as its start depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Fargate, from platform version 1.4.0 (TSK-01).
    Fargate,
    /// Fargate up to 1.3.0 (TSK-02).
    OldFargate,
    /// EC2 instances (TSK-03); also where it is not known.
    Ec2,
    /// Instances that ECS manages (TSK-06).
    ManagedInstances,
    /// Hosts outside AWS (TSK-09).
    External,
}

impl Platform {
    /// Whether ECS fetches images, secrets and logs through the task's interface.
    #[must_use]
    pub fn is_fargate(self) -> bool {
        matches!(self, Self::Fargate | Self::OldFargate)
    }

    /// When a stage comes: stages with the same number run at the same time, and any of them may
    /// fail first.
    #[must_use]
    pub fn order(self, stage: Stage) -> u8 {
        match (self.is_fargate(), stage) {
            (_, Stage::Agent) => 0,
            // RUN-02: one stage, "secrets or registry auth"; its parts in the order of its texts.
            (true, Stage::Credentials | Stage::Login) => 1,
            (true, Stage::Secret) => 2,
            (true, Stage::EnvironmentFile) => 3,
            (true, Stage::Image) => 4,
            (true, Stage::Volume) => 5,
            (true, Stage::Log) => 6,
            // RUN-01: volumes, then images beside secrets.
            (false, Stage::Credentials) => 1,
            (false, Stage::Volume) => 2,
            (false, Stage::Login | Stage::Image | Stage::Secret | Stage::EnvironmentFile) => 3,
            (false, Stage::Log) => 6,
            (_, Stage::Mesh) => 7,
            (_, Stage::Monitoring) => 8,
            (_, Stage::NotModelled) => 9,
            (_, Stage::Exec) => 10,
            (_, Stage::Application) => 11,
        }
    }

    /// The word for it in `models/symptoms.tsv`.
    #[must_use]
    pub fn word(self) -> &'static str {
        if self.is_fargate() { "fargate" } else { "ec2" }
    }
}

/// From which interface a thing is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// The task's own.
    Task,
    /// That of the host it runs on (TSK-03).
    Host,
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
    /// The application uses it, as its settings or a person state.
    Application,
    /// Nothing states it, but most tasks need it.
    Possible,
}
