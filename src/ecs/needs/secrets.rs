//! Secrets, parameters and files that are fetched before a container is created.

use super::list::{Context, Frame, List, Place};
use super::{Platform, Stage, Weight};
use crate::answer::Missing;
use crate::network::{Container, left_open};

pub(super) fn needs(list: &mut List, context: &Context<'_>, container: &Container) {
    // TSK-02: Fargate's own interface fetches them.
    if context.platform == Platform::OldFargate {
        return;
    }
    for text in &container.secrets {
        secret(list, context, Stage::Secret, text, "ssm");
    }
    if let Some(text) = &container.repository_credentials {
        // SEC-03, RUN-01: on instances, they come before everything else.
        let stage = if context.platform.is_fargate() { Stage::Secret } else { Stage::Credentials };
        secret(list, context, stage, text, "secretsmanager");
    }
    for file in &container.environment_files {
        let why = format!("environment file {file}");
        bucket(list, context, &why, "ENV-01");
    }
    // LOG-07: the agent fetches the log router's configuration.
    let option = |name: &str| container.firelens.as_ref().and_then(|it| it.options.get(name));
    let from_bucket = |kind: &String| kind == "s3" || left_open(kind).is_some();
    if option("config-file-type").is_some_and(from_bucket) && !context.platform.is_fargate() {
        let file = option("config-file-value").map_or("", String::as_str);
        bucket(list, context, &format!("log router configuration {file}"), "LOG-07");
    }
}

/// ENV-01: a bucket's name does not tell its Region; the host's own is asked first for it.
fn bucket(list: &mut List, context: &Context<'_>, why: &str, rule: &'static str) {
    let frame =
        Frame::new(Stage::EnvironmentFile, context.fetcher(), Weight::StartCritical, rule, why);
    let point = "ENVIRONMENT_FILE_IN_TASK_REGION";
    let frame = frame.assuming(context, point);
    if context.holds(point) {
        return list.service(frame, "s3", Place::default());
    }
    let fact = format!("the Region of the bucket of {why} ({point})");
    list.open(frame, "s3", Missing { fact, command: None });
}

/// SEC-01, SEC-02: an ARN says service and Region; a bare name is in the task's own.
pub(super) fn secret(
    list: &mut List,
    context: &Context<'_>,
    stage: Stage,
    text: &str,
    otherwise: &'static str,
) {
    let (name, region) = match text.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, service, region, ..] => (*service, Some((*region).to_owned())),
        _ => match opened(text) {
            Some(Opened::Secret) => ("secretsmanager", None),
            Some(Opened::Either(name)) if otherwise == "ssm" => {
                let fact = format!(
                    "what {name} comes to: a secret of Secrets Manager, or a parameter of SSM"
                );
                let frame =
                    Frame::new(stage, context.fetcher(), Weight::StartCritical, "SEC-01", text);
                return list.open(frame, "secret", Missing { fact, command: None });
            }
            Some(Opened::Either(_)) | None => (otherwise, None),
        },
    };
    let (word, rule) = match name {
        "secretsmanager" => ("secret", "SEC-01"),
        "ssm" => ("parameter", "SEC-02"),
        other => {
            let fact = format!("how {text} is fetched: {other} is neither Secrets Manager nor SSM");
            return list.unknown("secret", &fact, None, "SEC-01");
        }
    };
    let why = format!("{word} {text}");
    let frame = Frame::new(stage, context.fetcher(), Weight::StartCritical, rule, why);
    let frame = match region {
        None if left_open(text).is_some() => frame.assuming(context, "OPEN_SECRET_IN_TASK_REGION"),
        _ => frame,
    };
    list.service(frame, name, Place::in_region(region));
}

/// What begins with something that only a deployment tells.
enum Opened<'t> {
    /// Only secrets have a key, a stage and a version behind their ARN (SEC-01).
    Secret,
    /// A secret or a parameter.
    Either(&'t str),
}

fn opened(text: &str) -> Option<Opened<'_>> {
    let name = left_open(text).filter(|_| text.starts_with("${"))?;
    let (_, last) = text.rsplit_once('}')?;
    Some(match last.matches(':').count() {
        3 => Opened::Secret,
        _ => Opened::Either(name),
    })
}
