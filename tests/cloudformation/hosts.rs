//! Services on EC2: the instances that Auto Scaling groups will start.

use super::{loaded, of_stack};
use vpc_reach::answer::Verdict;
use vpc_reach::check::check;
use vpc_reach::query::World;

/// Tasks in a private subnet without a way out, hosts in a public one.
const HOSTS: &str = r##"
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true } }
  Igw: { Type: AWS::EC2::InternetGateway }
  Attach: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw } }
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a, MapPublicIpOnLaunch: true } }
  Private: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw } }
  InTable: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { RouteTableId: !Ref Table, SubnetId: !Ref Public } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc } }
  Cluster: { Type: AWS::ECS::Cluster }
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        SecurityGroupIds: [!Ref Group]
        UserData: !Base64 { "Fn::Sub": "#!/bin/bash\necho ECS_CLUSTER=${Cluster} >> /etc/ecs/ecs.config" }
  Instances:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: { MinSize: 1, MaxSize: 3, VPCZoneIdentifier: [!Ref Public], LaunchTemplate: { LaunchTemplateId: !Ref Template, Version: !GetAtt Template.LatestVersionNumber } }
  Provider: { Type: AWS::ECS::CapacityProvider, Properties: { AutoScalingGroupProvider: { AutoScalingGroupArn: !Ref Instances } } }
  Providers: { Type: AWS::ECS::ClusterCapacityProviderAssociations, Properties: { Cluster: !Ref Cluster, CapacityProviders: [!Ref Provider], DefaultCapacityProviderStrategy: [] } }
  Definition: { Type: AWS::ECS::TaskDefinition, Properties: { NetworkMode: awsvpc, ContainerDefinitions: [{ Name: app, Image: "ghcr.io/org/app:1" }] } }
  Service: { Type: AWS::ECS::Service, Properties: { Cluster: !Ref Cluster, CapacityProviderStrategy: [{ CapacityProvider: !Ref Provider, Weight: 1 }], TaskDefinition: !Ref Definition, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref Private], SecurityGroups: [!Ref Group] } } } }
"##;

fn image(text: &str) -> Verdict {
    let check = check(&World::new(loaded("stack.yaml", text).unwrap().network), &[]);
    of_stack(&check).into_iter().find(|(what, _)| *what == "ghcr.io").unwrap().1
}

// TSK-03: images come by the instance's interface.
#[test]
fn an_auto_scaling_group_says_where_the_hosts_of_tasks_are() {
    assert_eq!(image(HOSTS), Verdict::Reachable);
    // IG-02
    let private = HOSTS.replace(", MapPublicIpOnLaunch: true", "");
    assert_eq!(image(&private), Verdict::Blocked);
    let stated = private.replace(
        "SecurityGroupIds: [!Ref Group]",
        "NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [!Ref Group] }]",
    );
    assert_eq!(image(&stated), Verdict::Reachable);
    let elsewhere =
        HOSTS.replace("VPCZoneIdentifier: [!Ref Public]", "VPCZoneIdentifier: [!Ref Private]");
    assert_eq!(image(&elsewhere), Verdict::Blocked);
    // Only the launch type, and the cluster's name.
    let by_name = HOSTS
        .replace(
            "CapacityProviderStrategy: [{ CapacityProvider: !Ref Provider, Weight: 1 }]",
            "LaunchType: EC2",
        )
        .replace(
            "Cluster: { Type: AWS::ECS::Cluster }",
            "Cluster: { Type: AWS::ECS::Cluster, Properties: { ClusterName: prod } }",
        )
        .replace("ECS_CLUSTER=${Cluster}", "ECS_CLUSTER=prod");
    assert_eq!(image(&by_name), Verdict::Reachable);
}

// TSK-03
#[test]
fn hosts_of_which_a_template_leaves_something_open_are_unknown() {
    for (from, to) in [
        ("VPCZoneIdentifier: [!Ref Public]", "VPCZoneIdentifier: [!ImportValue subnet]"),
        ("LaunchTemplateId: !Ref Template", "LaunchTemplateId: lt-0123456789abcdef0"),
        ("SecurityGroupIds: [!Ref Group]", "SecurityGroupIds: [!ImportValue group]"),
    ] {
        let text = HOSTS.replace(from, to);
        assert_ne!(text, HOSTS);
        assert_eq!(image(&text), Verdict::Unknown, "{to}");
    }
    let other = HOSTS.replace("ECS_CLUSTER=${Cluster}", "ECS_CLUSTER=other");
    assert_eq!(image(&other), Verdict::Unknown, "hosts of another cluster");
}
