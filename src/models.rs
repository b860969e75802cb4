//! The data under `/models`: AWS services, registries, partitions, explanation codes, symptoms, AWS CLI calls,
//! open points, where servers listen. A new service is a line in a file.

mod binds;
mod boundaries;
mod codes;
mod endpoint_needs;
mod failures;
mod health;
mod launchers;
mod limits;
mod others;
mod ports;
mod registries;
mod services;
mod snapshot;
mod startup_logs;
mod table;
mod templates;
#[cfg(feature = "aws")]
mod wire;

pub use binds::{BindRow, Certainty, Condition, Sign, WildcardBind, binds};
pub use boundaries::leaves_by;
pub use codes::{
    AssumptionEntry, CallEntry, CodeEntry, assumption, assumptions, call, call_of_key, calls, code,
    codes, fix, symptom,
};
pub use endpoint_needs::{EndpointNeed, endpoint_needs};
pub use failures::{
    Advice, CauseWords, ExitCode, FailureKind, FailureStage, StageWords, advice, cause_words,
    exit_code, failure_kind, failure_stage, stage_words,
};
pub use health::{CheckEntry, HealthEntry, health_check, target_health};
pub use launchers::{Launcher, LauncherKind, launchers};
pub use limits::{fargate_size, path_limit, reserved_host_port};
pub use others::{OtherEntry, other, read_by_captures};
pub use ports::dynamic_ports;
pub use registries::{Registry, is_pull_through_prefix, registry};
pub use services::{
    Service, ServiceHost, dns_suffix, has_ipv6, partition, service, service_of_host, services,
};
pub use snapshot::{
    Each, Focus, RedactionRule, SnapshotCall, fault, redactions, snapshot_call, snapshot_calls,
};
pub use startup_logs::{Shows, StartupLine, Wildcard, startup_lines};
pub use templates::{TemplateValue, api_field, template_value};
#[cfg(feature = "aws")]
pub use wire::{WireMember, WireType, wire_output, wire_shape};
