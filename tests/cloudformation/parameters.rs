//! Parameters and conditions: what is not said decides nothing, and can be said.

use super::{loaded, loaded_with, of_stack, verdict};
use vpc_reach::answer::Verdict;
use vpc_reach::check::check;
use vpc_reach::query::World;

/// A public subnet whose way out, and whose address, are matters of parameters without defaults.
const PUBLIC: &str = r#"
Parameters:
  Way: { Type: String, AllowedValues: [open, closed] }
  Image: { Type: String, Default: "111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1" }
Conditions:
  IsOpen: !Equals [!Ref Way, open]
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
  Gateway: { Type: AWS::EC2::InternetGateway }
  Attached: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  Out: { Type: AWS::EC2::Route, Condition: IsOpen, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway } }
  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24 } }
  InTable: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref A, RouteTableId: !Ref Table } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc } }
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties: { RequiresCompatibilities: [FARGATE], NetworkMode: awsvpc, ContainerDefinitions: [{ Name: app, Image: !Ref Image }] }
  Service:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Definition
      NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref A], SecurityGroups: [!Ref Group], AssignPublicIp: ENABLED } }
"#;

#[test]
fn a_parameter_is_given_and_decides() {
    for (way, wanted) in [("open", Verdict::Reachable), ("closed", Verdict::Blocked)] {
        let stack = loaded_with("stack.yaml", PUBLIC, &[("Way", way)]).unwrap();
        assert_eq!(verdict(&stack, "Service -> ecr.dkr"), wanted, "{way}");
        assert!(!stack.notes.iter().any(|note| note.contains("Way")), "{:?}", stack.notes);
    }
}

#[test]
fn what_a_condition_makes_is_not_taken_to_be_there_or_not() {
    let error = loaded("stack.yaml", PUBLIC).unwrap_err();
    assert_eq!(
        error.message,
        "whether `Out` is made is only known once deployed: condition IsOpen"
    );
    assert_eq!(error.at.unwrap().line, Some(12));
    assert!(error.hint.unwrap().contains("--parameter NAME=VALUE"));
    // What changes no network may be there or not.
    let text = PUBLIC.replace("Condition: IsOpen, ", "");
    let with = format!("{text}  Queue: {{ Type: AWS::SQS::Queue, Condition: IsOpen }}\n");
    let stack = loaded("stack.yaml", &with).unwrap();
    assert_eq!(verdict(&stack, "Service -> ecr.dkr"), Verdict::Reachable);
}

#[test]
fn a_value_that_a_condition_picks_is_unknown_where_its_choices_differ() {
    let text = PUBLIC.replace("Condition: IsOpen, ", "");
    let picked = |other: &str| {
        let image = format!("Image: !If [IsOpen, !Ref Image, {other}]");
        loaded("stack.yaml", &text.replace("Image: !Ref Image", &image)).unwrap()
    };
    let stack = picked("!Ref Image");
    assert_eq!(verdict(&stack, "Service -> ecr.dkr"), Verdict::Reachable);
    assert_eq!(of_stack(&check(&World::new(stack.network), &[]))[0].0, "ecr.api");
    let stack = picked("\"nginx:1\"");
    let check = check(&World::new(stack.network), &[]);
    assert_eq!(of_stack(&check), [("image", Verdict::Unknown)]);
}

/// Rules and containers of which is not known whether they are there cannot be left out.
#[test]
fn a_part_that_a_condition_picks_must_be_told() {
    let text = PUBLIC.replace("Condition: IsOpen, ", "");
    let rule = "{ IpProtocol: \"-1\", CidrIp: 0.0.0.0/0 }";
    let parts = [
        ("GroupDescription: g,", format!("GroupDescription: g, SecurityGroupEgress: [!If [IsOpen, {rule}, !Ref \"AWS::NoValue\"]],"), "Group"),
        ("GroupDescription: g,", format!("GroupDescription: g, SecurityGroupEgress: !If [IsOpen, [{rule}], []],"), "Group"),
        ("ContainerDefinitions: [", "ContainerDefinitions: [!If [IsOpen, { Name: side, Image: nginx }, !Ref \"AWS::NoValue\"], ".to_owned(), "Definition"),
    ];
    for (from, to, whose) in parts {
        let text = text.replace(from, &to);
        let error = loaded("stack.yaml", &text).unwrap_err();
        assert_eq!(
            error.message,
            format!("what `{whose}` has is only known once deployed: condition IsOpen")
        );
        assert!(error.hint.unwrap().contains("--parameter NAME=VALUE"));
        loaded_with("stack.yaml", &text, &[("Way", "open")]).unwrap();
    }
    // A role's policy is none of the network's.
    let role = "  Role: { Type: AWS::IAM::Role, Properties: { Policies: [!If [IsOpen, { PolicyName: a }, !Ref \"AWS::NoValue\"]] } }\n";
    let stack = loaded("stack.yaml", &format!("{text}{role}")).unwrap();
    assert_eq!(verdict(&stack, "Service -> ecr.dkr"), Verdict::Reachable);
}

#[test]
fn a_parameter_that_is_not_there_or_may_not_have_the_value_is_refused() {
    let refused = |parameters: &[(&str, &str)], text: &str| {
        let error = loaded_with("stack.yaml", text, parameters).unwrap_err();
        (error.message, error.hint.unwrap())
    };
    let (message, hint) = refused(&[("Wya", "open")], PUBLIC);
    assert_eq!(message, "no template here has a parameter `Wya`");
    assert_eq!(hint, "did you mean `Way`?");
    let (message, hint) = refused(&[("Way", "ajar")], PUBLIC);
    assert_eq!(message, "parameter `Way` may not be `ajar`");
    assert_eq!(hint, "its allowed values: open, closed");
    let (message, hint) = refused(&[("Way", "open")], "vpcs: { app: { cidr: 10.0.0.0/16 } }");
    assert_eq!(message, "the input has no parameter `Way`");
    assert_eq!(hint, "only CloudFormation templates have parameters");
}

#[test]
fn a_list_is_given_with_commas() {
    let text = PUBLIC
        .replace("Condition: IsOpen, ", "")
        .replace("  Way:", "  Places: { Type: \"List<AWS::EC2::Subnet::Id>\" }\n  Way:")
        .replace("Subnets: [!Ref A]", "Subnets: !Ref Places");
    let given = [("Places", "subnet-0aaaaaaaaaaaaaaa1, subnet-0aaaaaaaaaaaaaaa2")];
    let stack = loaded_with("stack.yaml", &text, &given).unwrap();
    let service = stack.network.services.values().next().unwrap();
    assert_eq!(service.subnets.len(), 2);
}
