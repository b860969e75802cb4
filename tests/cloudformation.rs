//! CloudFormation templates: what will be deployed, checked before it is.

#[path = "cloudformation/hosts.rs"]
mod hosts;
#[path = "cloudformation/names.rs"]
mod names;
#[path = "cloudformation/open.rs"]
mod open;
#[path = "cloudformation/order.rs"]
mod order;
#[path = "cloudformation/parameters.rs"]
mod parameters;
#[path = "cloudformation/stacks.rs"]
mod stacks;

use std::fs;
use std::path::Path;
use vpc_reach::answer::Verdict;
use vpc_reach::check::Check;
use vpc_reach::network::Kind;
use vpc_reach::query::World;
use vpc_reach::read::{Loaded, ReadError, Reading, load, load_with};

/// A private service with endpoints behind a load balancer, in YAML's short forms.
const PRIVATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Cidr: { Type: String, Default: 10.1.0.0/16 }
  Nat: { Type: String, Default: "no" }
Conditions:
  WithNat: !Equals [!Ref Nat, "yes"]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: { CidrBlock: !Ref Cidr, EnableDnsHostnames: true }
  Igw: { Type: AWS::EC2::InternetGateway }
  Attach:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw }
  PrivateA:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [0, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
  PublicA:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
  PublicTable:
    Type: AWS::EC2::RouteTable
    Properties: { VpcId: !Ref Vpc }
  PublicRoute:
    Type: AWS::EC2::Route
    Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw }
  PublicIn:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { RouteTableId: !Ref PublicTable, SubnetId: !Ref PublicA }
  PrivateTable:
    Type: AWS::EC2::RouteTable
    Properties: { VpcId: !Ref Vpc }
  PrivateIn:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { RouteTableId: !Ref PrivateTable, SubnetId: !Ref PrivateA }
  NatGateway:
    Type: AWS::EC2::NatGateway
    Condition: WithNat
    Properties: { SubnetId: !Ref PublicA, AllocationId: !GetAtt NatAddress.AllocationId }
  NatAddress:
    Type: AWS::EC2::EIP
    Condition: WithNat
  PrivateRoute:
    Type: AWS::EC2::Route
    Condition: WithNat
    Properties: { RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref NatGateway }
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: !Sub com.amazonaws.${AWS::Region}.s3
      RouteTableIds: [!Ref PrivateTable]
  EcrApi:
    Type: AWS::EC2::VPCEndpoint
    Properties: &interface
      VpcId: !Ref Vpc
      VpcEndpointType: Interface
      PrivateDnsEnabled: true
      ServiceName: !Sub com.amazonaws.${AWS::Region}.ecr.api
      SubnetIds: [!Ref PrivateA]
      SecurityGroupIds: [!Ref EndpointGroup]
  EndpointGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: endpoints
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - { IpProtocol: tcp, FromPort: 443, ToPort: "443", SourceSecurityGroupId: !GetAtt TaskGroup.GroupId }
  TaskGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: { GroupDescription: tasks, VpcId: !Ref Vpc }
  FromBalancer:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !GetAtt TaskGroup.GroupId
      IpProtocol: tcp
      FromPort: 8080
      ToPort: 8080
      SourceSecurityGroupId: !GetAtt BalancerGroup.GroupId
  BalancerGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: balancer
      VpcId: !Ref Vpc
      SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0 }]
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: { Subnets: [!Ref PublicA], SecurityGroups: [!Ref BalancerGroup] }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{ Type: fixed-response, FixedResponseConfig: { StatusCode: "404" } }]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 10
      Conditions: [{ Field: path-pattern, Values: [/api/*] }]
      Actions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: { VpcId: !Ref Vpc, Port: 80, Protocol: HTTP, TargetType: ip, HealthCheckPath: /healthz }
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Cpu: 256
      Memory: 512
      ContainerDefinitions:
        - Name: app
          Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/app:1
          PortMappings: [{ ContainerPort: "8080" }]
  Service:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Definition
      LoadBalancers: [{ ContainerName: app, ContainerPort: 8080, TargetGroupArn: !Ref Targets }]
      NetworkConfiguration:
        AwsvpcConfiguration: { Subnets: [!Ref PrivateA], SecurityGroups: [!GetAtt TaskGroup.GroupId] }
"#;

fn loaded(name: &str, text: &str) -> Result<Loaded, ReadError> {
    loaded_with(name, text, &[])
}

fn loaded_with(name: &str, text: &str, parameters: &[(&str, &str)]) -> Result<Loaded, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    load_with(path.to_str().unwrap(), &parameters.iter().map(owned).collect(), &Reading::default())
}

fn verdict(loaded: &Loaded, query: &str) -> Verdict {
    let world = World::new(loaded.network.clone());
    world.ask(&query.parse().unwrap()).unwrap().verdict
}

/// What the services of a check need, with the verdicts.
fn of_stack(check: &Check) -> Vec<(&str, Verdict)> {
    let flows = check.services.iter().flat_map(|service| &service.flows);
    flows.map(|flow| (flow.what.as_str(), flow.verdict)).collect()
}

#[test]
fn a_template_in_short_forms_is_asked_before_it_is_deployed() {
    // IE-01, GE-01, RT-12
    let stack = loaded("stack.yaml", PRIVATE).unwrap();
    assert_eq!(stack.network.subnets["PrivateA"].cidrs[0].to_string(), "10.1.0.0/24");
    assert_eq!(stack.network.subnets["PublicA"].cidrs[0].to_string(), "10.1.1.0/24");
    for (query, wanted) in [
        ("Service -> ecr.api", Verdict::Reachable),
        ("Service -> s3", Verdict::Reachable),
        ("Service -> ecr.dkr", Verdict::Blocked),
        ("alb -> Service", Verdict::Reachable),
        ("internet -> Balancer:80", Verdict::Reachable),
    ] {
        assert_eq!(verdict(&stack, query), wanted, "{query}");
    }
}

#[test]
fn a_condition_that_holds_makes_its_resources() {
    let with_nat = PRIVATE.replace("Default: \"no\"", "Default: \"yes\"");
    let stack = loaded("stack.yml", &with_nat).unwrap();
    assert_eq!(verdict(&stack, "Service -> ecr.dkr"), Verdict::Reachable);
}

#[test]
fn a_blocker_points_at_its_line_of_the_template() {
    let closed =
        PRIVATE.replace("SourceSecurityGroupId: !GetAtt TaskGroup.GroupId", "CidrIp: 192.0.2.1/32");
    let stack = loaded("stack.yaml", &closed).unwrap();
    let world = World::new(stack.network);
    let answer = world.ask(&"Service -> ecr.api".parse().unwrap()).unwrap();
    let blocker = &answer.answers[0].blockers[0];
    assert_eq!(blocker.resource.id, "EndpointGroup");
    let line = blocker.location.as_ref().unwrap().line.unwrap();
    let text = closed.lines().nth(line as usize - 1).unwrap();
    assert!(text.contains("EndpointGroup:"), "line {line}: {text}");
}

#[test]
fn what_one_template_exports_another_imports() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "network.template.json",
        r#"{"Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.2.0.0/16"}},
            "A": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.2.0.0/24", "AvailabilityZone": "eu-west-1a"}}},
        "Outputs": {"Subnet": {"Value": {"Ref": "A"}, "Export": {"Name": "network:subnet"}},
            "Vpc": {"Value": {"Ref": "Vpc"}, "Export": {"Name": "network:vpc"}}}}"#,
    );
    write(
        "app.template.json",
        r#"{"Resources": {
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g", "VpcId": {"Fn::ImportValue": "network:vpc"}}},
            "Service": {"Type": "AWS::ECS::Service", "Properties": {"LaunchType": "FARGATE", "NetworkConfiguration": {"AwsvpcConfiguration":
                {"Subnets": [{"Fn::ImportValue": "network:subnet"}], "SecurityGroups": [{"Fn::GetAtt": ["Group", "GroupId"]}]}}}}}}"#,
    );
    write(
        "manifest.json",
        r#"{"artifacts": {"app": {"type": "aws:cloudformation:stack", "environment": "aws://210987654321/eu-west-1"}}}"#,
    );
    let stacks = load(folder.path().to_str().unwrap()).unwrap();
    let vpc = &stacks.network.vpcs["Vpc"];
    assert_eq!(vpc.about.scope.region.as_deref(), Some("eu-west-1"));
    assert_eq!(vpc.about.scope.account.as_deref(), Some("210987654321"));
    assert_eq!(stacks.network.services["Service"].subnets[0].as_str(), "A");
    assert_eq!(verdict(&stacks, "Service -> s3"), Verdict::Blocked);
}

#[test]
fn what_only_a_deployment_tells_is_unknown_and_named() {
    let imported = PRIVATE.replace(
        "SecurityGroupIds: [!Ref EndpointGroup]",
        "SecurityGroupIds: [!ImportValue shared:endpoints]",
    );
    let stack = loaded("stack.yaml", &imported).unwrap();
    assert!(
        stack.notes.iter().any(|note| note.contains("import shared:endpoints")),
        "{:?}",
        stack.notes
    );
    assert_eq!(verdict(&stack, "Service -> ecr.api"), Verdict::Unknown);
}

#[test]
fn types_that_may_change_the_network_and_are_not_followed_are_noted() {
    let nested = PRIVATE.replace(
        "Resources:\n",
        "Resources:\n  More: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: https://example.com/t } }\n  Role: { Type: AWS::IAM::Role }\n",
    );
    let stack = loaded("stack.yaml", &nested).unwrap();
    let note = stack.notes.iter().find(|note| note.contains("not followed")).unwrap();
    assert!(note.ends_with("AWS::CloudFormation::Stack (1)"), "{note}");
}

#[test]
fn a_mistake_in_a_template_is_one_message_at_its_place() {
    for (from, to, message, line) in [
        (
            "VpcId: !Ref Vpc, InternetGatewayId",
            "VpcId: !Ref Vcp, InternetGatewayId",
            "there is no parameter or resource `Vcp`",
            15,
        ),
        (
            "!GetAtt Vpc.CidrBlock, 4, 8",
            "!GetAtt Vpz.CidrBlock, 4, 8",
            "there is no resource `Vpz`",
            20,
        ),
        (
            "Default: 10.1.0.0/16",
            "Description: block",
            "the `CidrBlock` of `Vpc` is only known once deployed: ${Cidr}",
            9,
        ),
        (
            "  Igw: { Type: AWS::EC2::InternetGateway }",
            "  Igw: { Typ: AWS::EC2::InternetGateway }",
            "resource `Igw` has no `Type`",
            12,
        ),
        ("Default: \"no\"", "Default: !Ref Nat", "parameter Nat refers to itself", 5),
    ] {
        let text = PRIVATE.replacen(from, to, 1);
        assert_ne!(text, PRIVATE, "{from}");
        let error = loaded("stack.yaml", &text).unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!(error.at.as_ref().and_then(|at| at.line), Some(line), "{message}");
        assert!(error.text.is_some(), "{message}");
    }
    let error = loaded("cut.yaml", &PRIVATE.replace("!Sub com", "[!Sub com")).unwrap_err();
    assert!(error.message.starts_with("this is neither JSON nor YAML"), "{}", error.message);
}

#[test]
fn a_deep_template_ends_in_a_message() {
    let deep = format!(
        "Resources: {{ A: {{ Type: AWS::EC2::VPC, Properties: {}1{} }} }}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let error = loaded("deep.yaml", &deep).unwrap_err();
    assert!(
        error.message.contains("nested") || error.message.contains("neither"),
        "{}",
        error.message
    );
}

// PLC-04, IG-02: the stack that the AWS CDK synthesises for a service in public subnets.
#[test]
fn an_outside_cdk_template_gives_the_verdicts_derived_by_hand() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/public-no-ip.template.json");
    if !path.is_file() {
        eprintln!("NOT RUN: there is no folder of outside templates beside the repository");
        return;
    }
    let stack = load(path.to_str().unwrap()).unwrap();
    let service = stack.network.resources().find(|(kind, ..)| *kind == Kind::Service).unwrap();
    assert!(service.1.starts_with("SvcService"));
    let world = World::new(stack.network.clone());
    for name in ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager"] {
        let answer = world.ask(&format!("task-eni -> {name}").parse().unwrap()).unwrap();
        assert_eq!((answer.verdict, answer.answers.len()), (Verdict::Blocked, 2), "{name}");
        let code = answer.answers[0].blockers[0].code.to_string();
        assert_eq!(code, "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS");
    }
    assert_eq!(verdict(&stack, "alb -> task-eni"), Verdict::Reachable);
}
