//! Volumes over the network.

use super::list::{Context, Frame, List};
use super::secrets::secret;
use super::{Asked, Platform, Sender, Stage, Weight};
use crate::answer::Missing;
use crate::network::{TaskDefinition, VolumeSource, left_open};

pub(super) fn needs(list: &mut List, context: &Context<'_>, definition: &TaskDefinition) {
    for volume in &definition.volumes {
        match &volume.source {
            VolumeSource::Efs { file_system } => efs(list, context, file_system),
            VolumeSource::FsxWindows { file_system, credentials } => {
                fsx(list, context, file_system);
                if let Some(text) = credentials {
                    secret(list, context, Stage::Secret, text, "ssm");
                }
            }
            VolumeSource::Docker { driver, options } => {
                docker(list, context, &volume.name, driver, options.get("o"), options.get("type"));
            }
        }
    }
}

/// VOL-01, TSK-04: mounted inside the task's own network where it has one.
fn efs(list: &mut List, context: &Context<'_>, file_system: &str) {
    let why = format!("EFS file system {file_system}");
    let frame = Frame::new(Stage::Volume, context.own, Weight::StartCritical, "VOL-01", why);
    let frame = match context.platform {
        Platform::ManagedInstances => {
            let turned = |frame| Frame { sender: Sender::Host, ..frame };
            frame.resting(context, "MI_EFS_FROM_TASK_ENI", turned)
        }
        Platform::Fargate => frame.assuming(context, "FARGATE_LATE_STAGE_ORDER"),
        Platform::OldFargate | Platform::Ec2 | Platform::External => frame,
    };
    list.add(frame, Asked::FileSystem(file_system.to_owned()));
}

/// VOL-02: the instance reaches the file system and its domain controllers.
fn fsx(list: &mut List, context: &Context<'_>, file_system: &str) {
    let why = format!("FSx file system {file_system}");
    let frame = Frame::new(Stage::Volume, Sender::Host, Weight::StartCritical, "VOL-02", why);
    let fact = format!(
        "the addresses of FSx file system {file_system} (SMB, tcp 445) and of its domain controllers"
    );
    let command = format!("aws fsx describe-file-systems --file-system-ids {file_system}");
    let frame = frame.assuming(context, "FSX_PORT_445");
    list.open(frame, "fsx", Missing { fact, command: Some(command) });
}

/// TSK-04: dockerd mounts these itself. A local driver without a network file system has no flow.
fn docker(
    list: &mut List,
    context: &Context<'_>,
    name: &str,
    driver: &str,
    mount: Option<&String>,
    kind: Option<&String>,
) {
    let nfs = kind.is_some_and(|kind| kind.starts_with("nfs"));
    let other = kind.is_some_and(|kind| kind == "cifs" || left_open(kind).is_some());
    if driver == "local" && !nfs && !other {
        return;
    }
    let why = format!("volume {name} of driver {driver}");
    let frame = Frame::new(Stage::Volume, context.fetcher(), Weight::StartCritical, "TSK-04", why);
    // `addr=10.0.0.5,rw`
    let address = mount.into_iter().flat_map(|text| text.split(','));
    let address = address.filter_map(|part| part.trim().strip_prefix("addr=")).next();
    match address.filter(|_| nfs) {
        Some(host) => list.add(
            frame.resting(context, "DOCKER_NFS_FROM_INSTANCE", |frame| Frame {
                sender: context.own,
                ..frame
            }),
            Asked::Host { host: host.to_owned(), port: 2_049, udp: false },
        ),
        None => {
            let fact = format!("which hosts the driver {driver} of volume {name} reaches");
            list.open(frame, "volume", Missing { fact, command: None });
        }
    }
}
