//! Private hosted zones: what all templates put in is what they hold.

use super::{loaded, verdict};
use vpc_reach::answer::Verdict;
use vpc_reach::query::World;

const ZONE: &str = r#"
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true } }
  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: g, VpcId: !Ref Vpc, SecurityGroupIngress: [{ IpProtocol: "-1", CidrIp: 10.0.0.0/16 }] } }
  Api: { Type: AWS::EC2::VPCEndpoint, Properties: { VpcEndpointType: Interface, ServiceName: com.amazonaws.us-east-1.ecr.api, VpcId: !Ref Vpc, PrivateDnsEnabled: false, SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group] } }
  Balancer: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: { Scheme: internal, Subnets: [!Ref A], SecurityGroups: [!Ref Group] } }
  Listener: { Type: AWS::ElasticLoadBalancingV2::Listener, Properties: { LoadBalancerArn: !Ref Balancer, Port: 443, Protocol: HTTPS, DefaultActions: [{ Type: fixed-response, FixedResponseConfig: { StatusCode: 404 } }] } }
  Zone: { Type: AWS::Route53::HostedZone, Properties: { Name: us-east-1.amazonaws.com., VPCs: [{ VPCId: !Ref Vpc, VPCRegion: us-east-1 }] } }
  ToApi:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: api.ecr.us-east-1.amazonaws.com.
      Type: A
      AliasTarget:
        HostedZoneId: Z1
        DNSName: !Select [1, !Split [":", !Select [0, !GetAtt Api.DnsEntries]]]
  More:
    Type: AWS::Route53::RecordSetGroup
    Properties:
      HostedZoneName: us-east-1.amazonaws.com.
      RecordSets:
        - { Name: logs.us-east-1.amazonaws.com, Type: A, TTL: "60", ResourceRecords: [10.0.0.9] }
        - { Name: kms.us-east-1.amazonaws.com, Type: CNAME, TTL: "60", ResourceRecords: [!ImportValue kms] }
        - { Name: sts.us-east-1.amazonaws.com, Type: A, AliasTarget: { HostedZoneId: Z2, DNSName: !Join ["", ["dualstack.", !GetAtt Balancer.DNSName]] } }
  Service: { Type: AWS::ECS::Service, Properties: { LaunchType: FARGATE, NetworkConfiguration: { AwsvpcConfiguration: { Subnets: [!Ref A], SecurityGroups: [!Ref Group] } } } }
"#;

// DN-05, DN-06
#[test]
fn a_zone_of_a_template_holds_what_templates_put_in() {
    let stack = loaded("stack.yaml", ZONE).unwrap();
    let world = World::new(stack.network.clone());
    let asked = |query: &str| {
        let answer = world.ask(&query.parse().unwrap()).unwrap();
        let code = answer.answers[0].blockers.first().map(|one| one.code.to_string());
        (answer.verdict, code)
    };
    assert_eq!(asked("Service -> ecr.api"), (Verdict::Reachable, None));
    assert_eq!(asked("Service -> sts"), (Verdict::Reachable, None));
    let nothing = Some("PHZ_NO_SUCH_NAME".to_owned());
    assert_eq!(asked("Service -> secretsmanager"), (Verdict::Blocked, nothing));
    // An import that no template here exports.
    assert_eq!(asked("Service -> kms").0, Verdict::Unknown);
    let logs = world.ask(&"Service -> logs".parse().unwrap()).unwrap();
    assert_eq!(logs.answers[0].destination.addresses, "10.0.0.9");
}

// DN-06
#[test]
fn what_zones_hold_that_templates_do_not_make_or_fill_is_not_known() {
    let zone = "Zone: { Type: AWS::Route53::HostedZone, Properties: { Name: us-east-1.amazonaws.com., VPCs: [{ VPCId: !Ref Vpc, VPCRegion: us-east-1 }] } }";
    let cloud_map = "Zone: { Type: AWS::ServiceDiscovery::PrivateDnsNamespace, Properties: { Name: us-east-1.amazonaws.com, Vpc: !Ref Vpc } }";
    let stack = loaded("stack.yaml", &ZONE.replace(zone, cloud_map)).unwrap();
    assert_eq!(verdict(&stack, "Service -> secretsmanager"), Verdict::Unknown);
    let unsettled = ZONE.replace("VPCId: !Ref Vpc,", "VPCId: !ImportValue vpc,");
    let stack = loaded("stack.yaml", &unsettled).unwrap();
    assert_eq!(verdict(&stack, "Service -> secretsmanager"), Verdict::Unknown);
    let elsewhere = ZONE.replace("HostedZoneId: !Ref Zone", "HostedZoneId: Z0123456789");
    let stack = loaded("stack.yaml", &elsewhere).unwrap();
    let note = "not followed in templates: AWS::Route53::RecordSet in hosted zones that no template makes (1)";
    assert!(stack.notes.iter().any(|own| own == note), "{:?}", stack.notes);
}
