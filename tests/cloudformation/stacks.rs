//! Several stacks: logical ids are those of one stack alone.

use super::{of_stack, verdict};
use std::fs;
use tempfile::TempDir;
use vpc_reach::answer::Verdict;
use vpc_reach::check::check;
use vpc_reach::query::World;
use vpc_reach::read::load;

/// A service behind a NAT gateway, of which `{route}` says where the private subnet leads.
fn stack(route: &str) -> String {
    let text = r#"
Parameters: { Block: { Type: String, Default: 10.0.0.0/16 } }
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: !Ref Block, EnableDnsHostnames: true } }
  Igw: { Type: AWS::EC2::InternetGateway }
  Attach: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw } }
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !GetAZs ""] } }
  Private: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [0, !GetAZs ""] } }
  PublicTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  PublicRoute: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw } }
  InPublic: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { RouteTableId: !Ref PublicTable, SubnetId: !Ref Public } }
  PrivateTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  InPrivate: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { RouteTableId: !Ref PrivateTable, SubnetId: !Ref Private } }
  PrivateRoute: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref PrivateTable, {route} } }
  Nat: { Type: AWS::EC2::NatGateway, Properties: { SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId } }
  Address: { Type: AWS::EC2::EIP }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc } }
  Cluster: { Type: AWS::ECS::Cluster }
  Definition: { Type: AWS::ECS::TaskDefinition, Properties: { NetworkMode: awsvpc, RequiresCompatibilities: [FARGATE], ContainerDefinitions: [{ Name: app, Image: "ghcr.io/org/app:1" }] } }
  Web: { Type: AWS::ECS::Service, Properties: { Cluster: !Ref Cluster, LaunchType: FARGATE, TaskDefinition: !Ref Definition, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref Private], SecurityGroups: [!Ref Group] } } } }
"#;
    text.replace("{route}", route)
}

const THROUGH: &str = "DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat";
const NOWHERE: &str = "DestinationCidrBlock: 10.99.0.0/16, NatGatewayId: !Ref Nat";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn two_stacks_of_the_same_logical_ids_are_two_networks() {
    let folder = folder(&[("Dev.yaml", &stack(THROUGH)), ("Prod.yaml", &stack(NOWHERE))]);
    let stacks = load(folder.path().to_str().unwrap()).unwrap();
    assert_eq!(stacks.network.vpcs.len(), 2);
    assert_eq!(verdict(&stacks, "Dev/Web -> ghcr.io"), Verdict::Reachable);
    assert_eq!(verdict(&stacks, "Prod/Web -> ghcr.io"), Verdict::Blocked);
    let addresses: Vec<_> =
        stacks.network.nat_gateways.values().flat_map(|one| &one.addresses).collect();
    assert_ne!(addresses[0], addresses[1]);
    let world = World::new(stacks.network);
    let error = world.ask(&"Web -> ghcr.io".parse().unwrap()).unwrap_err();
    assert_eq!(error.candidates, ["service/Dev/Web", "service/Prod/Web"]);
    assert!(world.ask(&"service/Prod/Web -> ghcr.io".parse().unwrap()).is_ok());
    let check = check(&world, &[]);
    let services: Vec<&str> = check.services.iter().map(|one| one.service.label()).collect();
    assert_eq!(services, ["Dev/Web", "Prod/Web"]);
    let mut verdicts = of_stack(&check);
    verdicts.retain(|(what, _)| *what == "ghcr.io");
    assert_eq!(verdicts, [("ghcr.io", Verdict::Reachable), ("ghcr.io", Verdict::Blocked)]);
}

#[test]
fn ids_of_one_stack_alone_stay_as_they_are() {
    let other = "Resources: { Only: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: vpc-1 } }, Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: vpc-1 } } }";
    let folder = folder(&[("dev/app.yaml", &stack(THROUGH)), ("prod/app.yaml", other)]);
    let stacks = load(folder.path().to_str().unwrap()).unwrap();
    let groups = &stacks.network.security_groups;
    assert!(stacks.network.services.contains_key("Web") && groups.contains_key("Only"));
    assert!(groups.contains_key("dev-app/Group") && groups.contains_key("prod-app/Group"));
    assert_eq!(verdict(&stacks, "Web -> ghcr.io"), Verdict::Reachable);
}

// The list that the AWS CDK keeps of its stacks says where each is deployed, and what it is called.
#[test]
fn each_stack_is_in_its_own_account_and_region() {
    let list = |environment: &str, name: &str| {
        format!(
            r#"{{"artifacts": {{"App0A1B": {{"type": "aws:cloudformation:stack", "environment": "{environment}",
            "properties": {{"templateFile": "App0A1B.template.json", "stackName": "{name}"}}}}}}}}"#
        )
    };
    let folder = folder(&[
        ("assembly-Dev/manifest.json", &list("aws://111122223333/eu-west-1", "Dev-App")),
        ("assembly-Dev/App0A1B.template.json", &stack(THROUGH)),
        ("assembly-Prod/manifest.json", &list("aws://444455556666/us-west-2", "Prod-App")),
        ("assembly-Prod/App0A1B.template.json", &stack(NOWHERE)),
    ]);
    let stacks = load(folder.path().to_str().unwrap()).unwrap();
    let scope = |vpc: &str| {
        let scope = &stacks.network.vpcs[vpc].about.scope;
        (scope.account.clone().unwrap().to_string(), scope.region.clone().unwrap().to_string())
    };
    assert_eq!(scope("Dev-App/Vpc"), ("111122223333".to_owned(), "eu-west-1".to_owned()));
    assert_eq!(scope("Prod-App/Vpc"), ("444455556666".to_owned(), "us-west-2".to_owned()));
    let zone = &stacks.network.subnets["Prod-App/Private"].zone;
    assert_eq!(zone.name.as_deref(), Some("us-west-2a"));
    assert_eq!(verdict(&stacks, "Dev-App/Web -> ghcr.io"), Verdict::Reachable);
    assert_eq!(verdict(&stacks, "Prod-App/Web -> ghcr.io"), Verdict::Blocked);
    // One template alone: the list lies beside it.
    let one = folder.path().join("assembly-Prod/App0A1B.template.json");
    let alone = load(one.to_str().unwrap()).unwrap();
    let scope = &alone.network.vpcs["Vpc"].about.scope;
    assert_eq!(scope.region.as_deref(), Some("us-west-2"));
}
