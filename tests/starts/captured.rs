//! What only a capture states: sidecars that run, proxies, launch types that are left out.

use super::network::*;
use vpc_reach::check::{Check, check};
use vpc_reach::network::{
    LaunchType, Network, OperatingSystem, Proxy, TaskContainer, Volume, VolumeSource,
};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

const FARGATE: &str = "subnets: [isolated], security_groups: [open]";

/// A check of the base and these sections, once they are changed.
fn changed(sections: &[&str], change: impl Fn(&mut Network)) -> Check {
    let text = format!("{BASE}{}", sections.concat());
    let mut network = scenario::read("reach.yaml", &text, &mut |_| panic!()).unwrap().network;
    change(&mut network);
    check(&World::new(network), &[])
}

// INP-01
#[test]
fn without_launch_type_and_provider_a_service_runs_on_ec2_by_assumption() {
    let node = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";
    let keys = "subnets: [private], security_groups: [open], cluster: prod";
    let unstated = |cluster: &str| {
        changed(&[node, cluster, &service(keys), &definition("", "")], |network| {
            let service = network.services.get_mut("web").unwrap();
            service.launch_type = LaunchType::Other("not stated".to_owned());
        })
    };
    let check = unstated("");
    assert_eq!(sources(&check, "ecr.dkr"), ["instance/node-1"]);
    assert!(text(&check).contains("LAUNCH_TYPE_ABSENT_IS_EC2"), "{}", text(&check));
    let check = unstated("clusters: { prod: { default_capacity_providers: [FARGATE] } }\n");
    assert_eq!(sources(&check, "ecr.dkr"), ["service/web"]);
    assert!(!text(&check).contains("LAUNCH_TYPE_ABSENT_IS_EC2"));
}

// SVC-04: a container that no definition has.
#[test]
fn a_container_that_guardduty_adds_has_needs_of_its_own() {
    let task = "tasks: { one: { service: web, subnet: isolated, address: 10.0.1.20 } }\n";
    let with = |name: &str| {
        changed(&[&service(FARGATE), &definition("", ""), task], |network| {
            let task = network.tasks.get_mut("one").unwrap();
            let name = name.to_owned();
            task.containers.push(TaskContainer { name, ..TaskContainer::default() });
        })
    };
    let added = with("aws-guardduty-agent-1a2b");
    assert!(flows(&added).contains(&"guardduty-data blocked".to_owned()), "{:?}", flows(&added));
    assert!(text(&added).contains("GUARDDUTY_NOT_START_CRITICAL"), "{}", text(&added));
    for own in ["app", "ecs-service-connect-0a1b"] {
        assert!(!flows(&with(own)).iter().any(|flow| flow.starts_with("guardduty")), "{own}");
    }
}

// SVC-03
#[test]
fn an_app_mesh_proxy_needs_its_management() {
    let check = changed(&[&service(FARGATE), &definition("", "")], |network| {
        let definition = network.task_definitions.get_mut("web").unwrap();
        definition.proxy = Some(Proxy { proxy_type: "APPMESH".to_owned(), ..Proxy::default() });
    });
    let found = flows(&check);
    assert!(found.contains(&"appmesh-envoy-management blocked".to_owned()), "{found:?}");
}

// VOL-02, TSK-04: what is needed and cannot be asked for is open.
#[test]
fn volumes_whose_hosts_nothing_tells_leave_the_start_open() {
    let node = "
instances: { node-1: { subnet: private, address: 10.0.2.10, security_groups: [open] } }
container_instances: { node-1: {} }
";
    let with = |source: VolumeSource| {
        let ec2 = "launch_type: EC2, subnets: [private], security_groups: [open]";
        changed(&[node, &service(ec2), &definition("", "")], |network| {
            let definition = network.task_definitions.get_mut("web").unwrap();
            definition.volumes.push(Volume { name: "data".to_owned(), source: source.clone() });
        })
    };
    let fsx = VolumeSource::FsxWindows { file_system: "fs-1".to_owned(), credentials: None };
    assert!(flows(&with(fsx)).contains(&"fsx unknown".to_owned()));
    let driver = "rexray".to_owned();
    let docker = with(VolumeSource::Docker { driver, options: Default::default() });
    assert!(flows(&docker).contains(&"volume unknown".to_owned()), "{:?}", flows(&docker));
    let options = [("type", "nfs"), ("o", "addr=10.0.2.99,rw")];
    let options = options.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let nfs = with(VolumeSource::Docker { driver: "local".to_owned(), options });
    assert_eq!(sources(&nfs, "10.0.2.99:2049"), ["instance/node-1"]);
}

// TSK-10
#[test]
fn windows_base_layers_may_come_from_elsewhere() {
    let check = changed(&[&service(FARGATE), &definition("", "")], |network| {
        let definition = network.task_definitions.get_mut("web").unwrap();
        definition.operating_system = Some(OperatingSystem::Windows);
    });
    assert!(flows(&check).contains(&"base layers unknown".to_owned()), "{:?}", flows(&check));
}

// TSK-12
#[test]
fn a_proxy_in_a_container_does_not_change_what_fargate_fetches() {
    let check = changed(&[&service(FARGATE), &definition("", "")], |network| {
        let definition = network.task_definitions.get_mut("web").unwrap();
        let value = Some("http://10.0.9.9:3128".to_owned());
        definition.containers[0].environment.insert("HTTPS_PROXY".to_owned(), value);
    });
    assert!(flows(&check).contains(&"ecr.dkr blocked".to_owned()), "{:?}", flows(&check));
    assert!(text(&check).contains("FARGATE_PLATFORM_IGNORES_CONTAINER_PROXY"));
}
