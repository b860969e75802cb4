//! Resources in any order, and properties as templates call them.

use super::{loaded, of_stack, verdict};
use vpc_reach::answer::Verdict;
use vpc_reach::check::check;
use vpc_reach::query::World;

const RESOURCES: [&str; 6] = [
    "  Balancer: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: { Subnets: [!Ref A] } }",
    "  Listener: { Type: AWS::ElasticLoadBalancingV2::Listener, Properties: { LoadBalancerArn: !Ref Balancer, Port: 80, Protocol: HTTP, DefaultActions: [{ Type: fixed-response, FixedResponseConfig: { StatusCode: 404 } }] } }",
    "  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }",
    "  Other: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.1.0.0/16 } }",
    "  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a } }",
    "  Elsewhere: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Other, CidrBlock: 10.1.0.0/24, AvailabilityZone: us-east-1a } }",
];

// LBC-01, SG-17: the group of a balancer that names none is the default one of its VPC.
#[test]
fn a_load_balancer_may_stand_before_its_subnets() {
    let mut lines = RESOURCES;
    for _ in 0..2 {
        let stack = loaded("stack.yaml", &format!("Resources:\n{}\n", lines.join("\n"))).unwrap();
        let balancer = &stack.network.load_balancers["Balancer"];
        assert_eq!(balancer.vpc.as_str(), "Vpc");
        let groups: Vec<&str> = balancer.groups.iter().map(|id| id.as_str()).collect();
        assert_eq!(groups, ["Vpc-default-group"]);
        assert_eq!(verdict(&stack, "internet -> Balancer:80"), Verdict::Blocked);
        lines.reverse();
    }
}

// VOL-01: CloudFormation says `FilesystemId`, the ECS API `fileSystemId`.
#[test]
fn a_volume_of_a_template_leads_to_its_file_system() {
    let text = r#"
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true } }
  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc, SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 2049, ToPort: 2049, CidrIp: 10.0.0.0/16 }] } }
  Files: { Type: AWS::EFS::FileSystem }
  Mount: { Type: AWS::EFS::MountTarget, Properties: { FileSystemId: !Ref Files, SubnetId: !Ref A, SecurityGroups: [!Ref Group] } }
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Volumes: [{ Name: d, EFSVolumeConfiguration: { FilesystemId: !Ref Files, TransitEncryption: ENABLED, AuthorizationConfig: { IAM: ENABLED } } }]
      ContainerDefinitions: [{ Name: app, Image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1 }]
  Service: { Type: AWS::ECS::Service, Properties: { LaunchType: FARGATE, TaskDefinition: !Ref Definition, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref A], SecurityGroups: [!Ref Group] } } } }
"#;
    let efs = |text: &str| {
        let stack = loaded("stack.yaml", text).unwrap();
        let check = check(&World::new(stack.network), &[]);
        of_stack(&check).into_iter().find(|(what, _)| *what == "efs Files").unwrap().1
    };
    assert_eq!(efs(text), Verdict::Reachable);
    assert_eq!(
        efs(&text
            .replace("FromPort: 2049", "FromPort: 2048")
            .replace("ToPort: 2049", "ToPort: 2048")),
        Verdict::Blocked
    );
}
