//! What only a deployment tells: unknown, by name, and never taken for something else.

use super::{loaded, of_stack};
use vpc_reach::answer::Verdict;
use vpc_reach::check::{Check, check};
use vpc_reach::query::World;

/// A service in one private subnet with endpoints for everything but the internet and SSM.
const PRIVATE: &str = r#"
Parameters:
  ImageUrl: { Type: String }
  Arn: { Type: String }
  Subnets: { Type: "List<AWS::EC2::Subnet::Id>" }
  Port: { Type: Number }
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true } }
  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  InTable: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref A, RouteTableId: !Ref Table } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc, SecurityGroupIngress: [{ IpProtocol: "-1", CidrIp: 10.0.0.0/16 }] } }
  Api: { Type: AWS::EC2::VPCEndpoint, Properties: { VpcEndpointType: Interface, ServiceName: com.amazonaws.us-east-1.ecr.api, VpcId: !Ref Vpc, PrivateDnsEnabled: true, SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group] } }
  Dkr: { Type: AWS::EC2::VPCEndpoint, Properties: { VpcEndpointType: Interface, ServiceName: com.amazonaws.us-east-1.ecr.dkr, VpcId: !Ref Vpc, PrivateDnsEnabled: true, SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group] } }
  Logs: { Type: AWS::EC2::VPCEndpoint, Properties: { VpcEndpointType: Interface, ServiceName: com.amazonaws.us-east-1.logs, VpcId: !Ref Vpc, PrivateDnsEnabled: true, SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group] } }
  Secrets: { Type: AWS::EC2::VPCEndpoint, Properties: { VpcEndpointType: Interface, ServiceName: com.amazonaws.us-east-1.secretsmanager, VpcId: !Ref Vpc, PrivateDnsEnabled: true, SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group] } }
  S3: { Type: AWS::EC2::VPCEndpoint, Properties: { ServiceName: com.amazonaws.us-east-1.s3, VpcId: !Ref Vpc, RouteTableIds: [!Ref Table] } }
  Secret: { Type: AWS::SecretsManager::Secret }
  Attachment: { Type: AWS::SecretsManager::SecretTargetAttachment, Properties: { SecretId: !Ref Secret, TargetId: db, TargetType: "AWS::RDS::DBInstance" } }
  Database: { Type: AWS::RDS::DBInstance, Properties: { ManageMasterUserPassword: true } }
  Stored: { Type: AWS::SSM::Parameter, Properties: { Type: String, Value: x } }
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      ContainerDefinitions:
        - Name: app
          Image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1
  Service:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Definition
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref A], SecurityGroups: [!Ref Group] } }
"#;

const IMAGE: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1";

fn checked(from: &str, to: &str) -> Check {
    let text = PRIVATE.replacen(from, to, 1);
    assert_ne!(text, PRIVATE, "{from}");
    check(&World::new(loaded("stack.yaml", &text).unwrap().network), &[])
}

fn missing(check: &Check) -> Vec<String> {
    let flows = check.services.iter().flat_map(|service| &service.flows);
    let facts = flows.flat_map(|flow| {
        let answers = flow.answers.iter().flat_map(|answer| &answer.missing);
        flow.missing.iter().chain(answers)
    });
    facts.map(|missing| missing.fact.clone()).collect()
}

// IMG-01: what is not told is not Docker Hub.
#[test]
fn an_image_of_a_parameter_has_no_registry_yet() {
    for image in [
        "!Ref ImageUrl",
        "!Sub \"${ImageUrl}:latest\"",
        "!ImportValue images",
        "\"{{resolve:ssm:/app/image}}\"",
    ] {
        let check = checked(IMAGE, image);
        assert_eq!(of_stack(&check), [("image", Verdict::Unknown)], "{image}");
        assert!(missing(&check)[0].contains("from which registry"), "{image}");
    }
    let check = checked(IMAGE, "!Ref ImageUrl");
    assert!(missing(&check)[0].contains("ImageUrl"));
    // What is open in it need not matter.
    let check = checked(IMAGE, "!Sub \"${Arn}.dkr.ecr.us-east-1.amazonaws.com/app:1\"");
    let wanted = ["ecr.api", "ecr.dkr", "s3"].map(|what| (what, Verdict::Reachable));
    assert_eq!(of_stack(&check), wanted);
}

// SEC-01, SEC-02: an SSM parameter would be out of reach here.
#[test]
fn a_secret_is_known_by_what_a_reference_gives() {
    for (text, what, verdict) in [
        ("!Sub \"${Secret}:password::\"", "secretsmanager", Verdict::Reachable),
        ("!Ref Secret", "secretsmanager", Verdict::Reachable),
        ("!Sub \"${Attachment}:password::\"", "secretsmanager", Verdict::Reachable),
        ("!GetAtt Database.MasterUserSecret.SecretArn", "secretsmanager", Verdict::Reachable),
        ("!Sub \"${Arn}:password::\"", "secretsmanager", Verdict::Reachable),
        ("!Join ['', [!ImportValue db, ':password::']]", "secretsmanager", Verdict::Reachable),
        ("!Ref Arn", "secret", Verdict::Unknown),
        ("!Ref Stored", "ssm", Verdict::Blocked),
        ("!GetAtt Stored.Arn", "ssm", Verdict::Blocked),
        ("!Sub \"/app/${Arn}\"", "ssm", Verdict::Blocked),
    ] {
        let with = format!("{IMAGE}\n          Secrets: [{{ Name: P, ValueFrom: {text} }}]");
        let check = checked(IMAGE, &with);
        assert!(of_stack(&check).contains(&(what, verdict)), "{text}: {:?}", of_stack(&check));
    }
}

// LOG-01, VOL-01, LOG-06
#[test]
fn what_else_a_task_needs_is_unknown_where_a_parameter_says_it() {
    for (more, what) in [
        ("LogConfiguration: { LogDriver: awslogs, Options: { awslogs-region: !Ref Arn } }", "logs"),
        (
            "LogConfiguration: { LogDriver: splunk, Options: { splunk-url: !Sub \"https://${Arn}\" } }",
            "host",
        ),
    ] {
        let check = checked(IMAGE, &format!("{IMAGE}\n          {more}"));
        assert!(of_stack(&check).contains(&(what, Verdict::Unknown)), "{:?}", of_stack(&check));
        assert!(missing(&check).iter().any(|fact| fact.contains("what Arn comes to")));
    }
    let volume = "NetworkMode: awsvpc\n      Volumes: [{ Name: d, EFSVolumeConfiguration: { FilesystemId: !Ref Arn } }]";
    let check = checked("NetworkMode: awsvpc", volume);
    assert!(of_stack(&check).contains(&("efs", Verdict::Unknown)), "{:?}", of_stack(&check));
}

// PLC-01: tasks may be in any of a service's subnets.
#[test]
fn subnets_of_a_list_parameter_are_unknown_by_its_name() {
    let subnets = "Subnets: [!Ref A]";
    for (other, name) in [
        ("Subnets: !Ref Subnets", "Subnets"),
        ("Subnets: [!Ref A, !ImportValue other]", "import other"),
        ("Subnets: !Split [',', !ImportValue net]", "import net"),
        ("Subnets: [!Select [1, !Ref Subnets]]", "item 1 of Subnets"),
    ] {
        let check = checked(subnets, other);
        for (what, verdict) in of_stack(&check) {
            assert_eq!(verdict, Verdict::Unknown, "{other}: {what}");
        }
        let facts = missing(&check);
        assert!(facts.iter().all(|fact| fact.contains(&format!("what {name} comes to"))));
    }
    // SG-17: what a group of no template lets out, nobody knows.
    let check = checked("SecurityGroups: [!Ref Group] } }", "SecurityGroups: !Ref Subnets } }");
    assert_eq!(of_stack(&check)[0], ("ecr.api", Verdict::Unknown));
}

// SG-02
#[test]
fn a_rule_whose_port_only_a_deployment_tells_is_unknown() {
    let check = checked(
        "{ IpProtocol: \"-1\", CidrIp: 10.0.0.0/16 }",
        "{ IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 10.0.0.0/16 }",
    );
    assert_eq!(of_stack(&check)[0], ("ecr.api", Verdict::Unknown));
}

#[test]
fn what_decides_too_much_must_be_told() {
    let text =
        PRIVATE.replace("Subnets: [!Ref A],", "Subnets: [!Ref A], AssignPublicIp: !Ref Arn,");
    let error = loaded("stack.yaml", &text).unwrap_err();
    assert_eq!(
        error.message,
        "the `AssignPublicIp` of `Service` is only known once deployed: ${Arn}"
    );
    assert!(error.hint.unwrap().contains("--parameter NAME=VALUE"));
}

#[test]
fn advice_for_a_template_is_no_aws_command() {
    let check = checked("Subnets: [!Ref A]", "Subnets: [subnet-0aaaaaaaaaaaaaaa1]");
    let facts = missing(&check);
    assert!(
        facts[0].starts_with("subnet subnet-0aaaaaaaaaaaaaaa1, one of those of service Service"),
        "{facts:?}"
    );
    assert!(facts[0].contains("add the template that makes it"), "{facts:?}");
    let flows = &check.services[0].flows;
    let commands = flows.iter().flat_map(|flow| &flow.answers).flat_map(|one| &one.missing);
    assert!(commands.map(|missing| &missing.command).all(Option::is_none));
}
