//! What a container's start needs: secrets, files, logs.

use super::draft::Draft;
use super::node::{Fields, Node};
use super::value::choice;
use crate::network::{
    FileSystemId, Firelens, Kind, LogConfiguration, StatedNeed, Volume, VolumeSource,
};
use crate::read::ReadError;
use std::collections::BTreeMap;

/// The keys of a container that say what its start needs.
pub(super) struct Needs {
    pub secrets: Vec<String>,
    pub repository_credentials: Option<String>,
    pub environment_files: Vec<String>,
    pub log: Option<LogConfiguration>,
    pub firelens: Option<Firelens>,
}

/// The log drivers that ECS takes.
const DRIVERS: [&str; 9] = [
    "awslogs",
    "awsfirelens",
    "splunk",
    "fluentd",
    "gelf",
    "json-file",
    "journald",
    "syslog",
    "logentries",
];

pub(super) fn read(draft: &Draft, fields: &Fields<'_>) -> Result<Needs, ReadError> {
    // A capture keeps what AWS says.
    let any = draft.names.open;
    let source = |node: &Node, what: &str, services: &[&str], example: &str| match any {
        true => node.text(what).map(str::to_owned),
        false => source(node, what, services, example),
    };
    let texts = |key: &str, services: &[&str], example: &str| -> Result<Vec<String>, ReadError> {
        let nodes = fields.list(key)?;
        nodes.iter().map(|node| source(node, &fields.name(key), services, example)).collect()
    };
    let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:web/db";
    let credentials = fields.get("repository_credentials");
    Ok(Needs {
        secrets: texts("secrets", &["secretsmanager", "ssm"], secret)?,
        repository_credentials: credentials
            .map(|node| {
                let what = fields.name("repository_credentials");
                source(node, &what, &["secretsmanager"], secret)
            })
            .transpose()?,
        environment_files: texts("environment_files", &["s3"], "arn:aws:s3:::bucket/web.env")?,
        log: log(draft, fields)?,
        firelens: firelens(fields)?,
    })
}

/// A name, or the ARN of something of one of the services (SEC-01, SEC-02, ENV-01).
fn source(node: &Node, what: &str, services: &[&str], example: &str) -> Result<String, ReadError> {
    let text = node.text(what)?;
    let mut parts = text.split(':');
    let (first, service) = (parts.next(), parts.nth(1));
    let fits = first != Some("arn") || service.is_some_and(|one| services.contains(&one));
    // Only parameters and secrets go by bare names.
    let named = first == Some("arn") || !services.contains(&"s3");
    match fits && named && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => {
            let message = format!("{what} must be in {}: not `{text}`", services.join(" or "));
            Err(ReadError::at(&node.at, message).hint(format!("write its ARN, like {example}")))
        }
    }
}

/// `log: awslogs` or `log: { driver: awslogs, region: us-west-2 }`.
fn log(draft: &Draft, fields: &Fields<'_>) -> Result<Option<LogConfiguration>, ReadError> {
    let Some(node) = fields.get("log") else { return Ok(None) };
    let mut words = DRIVERS.map(|driver| (driver, driver)).to_vec();
    if let (Ok(word), true) = (node.text(""), draft.names.open) {
        words.push((word, word));
    }
    if node.text("").is_ok() {
        let driver = choice(fields, "log", &words, "awslogs")?.to_owned();
        return Ok(Some(LogConfiguration { driver, options: BTreeMap::new() }));
    }
    let known = ["driver", "region", "endpoint", "mode", "options"];
    let log = Fields::of(node, fields.name("log"), &node.at, &known)?;
    let driver = choice(&log, "driver", &words, "awslogs")?;
    let mut options = options(&log)?;
    for (key, option) in
        [("region", "awslogs-region"), ("endpoint", "awslogs-endpoint"), ("mode", "mode")]
    {
        if let Some(text) = log.text(key)? {
            options.insert(option.to_owned(), text.to_owned());
        }
    }
    Ok(Some(LogConfiguration { driver: driver.to_owned(), options }))
}

/// `options: { splunk-url: "https://…" }`, by AWS's own names.
fn options(fields: &Fields<'_>) -> Result<BTreeMap<String, String>, ReadError> {
    let Some(node) = fields.get("options") else { return Ok(BTreeMap::new()) };
    let what = fields.name("options");
    let entries = node.entries(&what)?.iter();
    entries.map(|(key, node)| Ok((key.text.clone(), node.text(&what)?.to_owned()))).collect()
}

/// `firelens: { options: { config-file-type: s3 } }`
fn firelens(fields: &Fields<'_>) -> Result<Option<Firelens>, ReadError> {
    let Some(node) = fields.get("firelens") else { return Ok(None) };
    let firelens = Fields::of(node, fields.name("firelens"), &node.at, &["options"])?;
    Ok(Some(Firelens { options: options(&firelens)? }))
}

/// `needs: [db:5432, "https://api.example.com"]`
pub(super) fn stated(fields: &Fields<'_>) -> Result<Vec<StatedNeed>, ReadError> {
    let what = fields.name("needs");
    let read = |node: &Node| {
        let place = node.text(&what)?.trim().to_owned();
        match place.is_empty() {
            false => Ok(StatedNeed { place, at: Some(node.at.clone()) }),
            true => Err(ReadError::at(&node.at, format!("{what} has an empty item"))
                .hint("write a place, as behind the arrow of a query: db:5432")),
        }
    };
    fields.list("needs")?.iter().map(read).collect()
}

/// `volumes: { data: { efs: files } }`
pub(super) fn volumes(draft: &Draft, fields: &Fields<'_>) -> Result<Vec<Volume>, ReadError> {
    let Some(node) = fields.get("volumes") else { return Ok(Vec::new()) };
    let mut volumes = Vec::new();
    for (key, node) in node.entries(&fields.name("volumes"))? {
        let what = format!("volume `{}`", key.text);
        let known = ["efs", "fsx_windows", "credentials", "docker_driver", "options"];
        let volume = Fields::of(node, what, &key.at, &known)?;
        let text = |key| volume.text(key).map(|text| text.map(str::to_owned));
        let source = match (text("fsx_windows")?, text("docker_driver")?) {
            (Some(file_system), None) => {
                VolumeSource::FsxWindows { file_system, credentials: text("credentials")? }
            }
            (None, Some(driver)) => VolumeSource::Docker { driver, options: options(&volume)? },
            _ => {
                let efs = volume.need("efs")?;
                let id: FileSystemId =
                    draft.names.need(Kind::FileSystem, efs, &volume.name("efs"))?;
                VolumeSource::Efs { file_system: id.to_string() }
            }
        };
        volumes.push(Volume { name: key.text.clone(), source });
    }
    Ok(volumes)
}

/// `LATEST`, or a version in three numbers.
pub(super) fn platform_version(fields: &Fields<'_>) -> Result<Option<String>, ReadError> {
    let Some(node) = fields.get("platform_version") else { return Ok(None) };
    let what = fields.name("platform_version");
    let text = node.text(&what)?;
    let numbers: Vec<_> = text.split('.').map(str::parse::<u8>).collect();
    match text == "LATEST" || numbers.len() == 3 && numbers.iter().all(Result::is_ok) {
        true => Ok(Some(text.to_owned())),
        false => Err(ReadError::at(&node.at, format!("{what} cannot be `{text}`"))
            .hint("write LATEST, or a version like 1.4.0")),
    }
}
