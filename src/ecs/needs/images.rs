//! Images: registries, logins and layers (DN-13).

use super::super::image::{Family, Source, source};
use super::list::{Context, Frame, List, Place};
use super::{Asked, Platform, Stage, Weight};
use crate::answer::Missing;
use crate::models::dns_suffix;
use crate::network::{Container, OperatingSystem, left_open};

pub(super) fn needs(list: &mut List, context: &Context<'_>, container: &Container) {
    let Some(image) = &container.image else {
        let fact = format!("the image of container {}", container.name);
        return list.unknown("image", &fact, None, "IMG-01");
    };
    let why = format!("image {image}");
    let frame = |stage, rule| {
        let frame = Frame::new(stage, context.fetcher(), Weight::StartCritical, rule, why.clone());
        // TSK-11
        match context.platform.is_fargate() {
            true => frame,
            false => {
                frame.resting(context, "INSTANCE_IS_COLD", |frame| frame.weighing(Weight::Possible))
            }
        }
    };
    match source(image) {
        Source::Ecr { host, region, family } => {
            // IMG-03: login, registry and layers, all in the image's Region.
            let layers =
                format!("prod-{region}-starport-layer-bucket.s3.{region}.{}", dns_suffix(&region));
            let at = |host: Option<String>| Place { region: Some(region.clone()), host };
            // IMG-02, IMG-04: the names of the FIPS endpoints are others.
            let (login, registry) = match family {
                Family::Fips => ("ecr-fips.api", "ecr-fips.dkr"),
                Family::Usual | Family::DualStack => ("ecr.api", "ecr.dkr"),
            };
            if context.platform != Platform::OldFargate {
                list.service(frame(Stage::Login, "IMG-03"), login, at(None));
            }
            let pull = match family {
                Family::DualStack => frame(Stage::Image, "IMG-02")
                    .assuming(context, "ECR_ENDPOINT_HAS_DUAL_STACK_NAME"),
                Family::Usual | Family::Fips => frame(Stage::Image, "IMG-03"),
            };
            let own_name = "ECR_ENDPOINT_HAS_DUAL_STACK_NAME";
            match family == Family::DualStack && !context.holds(own_name) {
                true => {
                    let fact = format!("whether an ECR endpoint answers for {host} ({own_name})");
                    list.open(pull, registry, Missing { fact, command: None });
                }
                false => list.service(pull, registry, at(Some(host))),
            }
            list.service(frame(Stage::Image, "IMG-03"), "s3", at(Some(layers)));
        }
        Source::Public(registry) => {
            let rule = match registry.name {
                "public.ecr.aws" => "IMG-11",
                "docker.io" => "IMG-12",
                _ => "IMG-13",
            };
            list.add(frame(Stage::Image, rule), Asked::Registry(registry));
        }
        Source::Open => {
            let fact = format!(
                "what {} comes to, which says from which registry the image of container {} is",
                left_open(image).unwrap_or(image),
                container.name
            );
            list.open(frame(Stage::Image, "IMG-01"), "image", Missing { fact, command: None });
        }
        Source::Other { host, port } => {
            let asked = Asked::Host { host, port, udp: false };
            list.add(frame(Stage::Image, "IMG-13"), asked);
        }
    }
    foreign_layers(list, context);
}

/// TSK-10: base layers of Windows images may have to come from Microsoft's hosts.
fn foreign_layers(list: &mut List, context: &Context<'_>) {
    let system = context.definition.and_then(|one| one.operating_system);
    if system != Some(OperatingSystem::Windows) {
        return;
    }
    let why = "Windows base layers that the registry does not hold";
    let frame = Frame::new(Stage::Image, context.fetcher(), Weight::Possible, "TSK-10", why);
    let fact = "whether the image's Windows base layers are foreign layers, which come from Microsoft's hosts over the internet whatever endpoints there are";
    list.open(frame, "base layers", Missing { fact: fact.to_owned(), command: None });
}
