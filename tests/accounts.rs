//! Several accounts in one network: shared subnets, prefix lists and endpoints, and what each
//! account's own view leaves out.

use std::fs;
use tempfile::TempDir;
use vpc_reach::answer::{Answer, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::{self, Loaded, scenario};

/// Saved answers of two accounts: the owner of a VPC with a shared subnet, an endpoint for logs
/// and a customer prefix list, and the participant that runs a task in the subnet.
const OWNER: &str = "111111111111";
const PARTICIPANT: &str = "222222222222";

struct Saved(TempDir);

impl Saved {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn save(&self, account: &str, call: &str, text: &str) -> &Self {
        let folder = self.0.path().join(account).join("us-east-1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{call}.json")), text).unwrap();
        self
    }

    /// What both accounts are told of the VPC, each with its own names of zones (SH-01).
    fn both(&self, account: &str, owner: &str, name: &str, zone: &str) -> &Self {
        let tags = format!(r#""Tags": [{{"Key": "Name", "Value": "{name}"}}]"#);
        let tags = if name.is_empty() { r#""Tags": []"#.to_owned() } else { tags };
        self.save(
            account,
            "describe-vpcs",
            &format!(
                r#"{{"Vpcs": [{{"VpcId": "vpc-1", "OwnerId": "{owner}", "CidrBlock": "10.0.0.0/16", {tags}}}]}}"#
            ),
        )
        .save(
            account,
            "describe-subnets",
            &format!(
                r#"{{"Subnets": [{{"SubnetId": "subnet-1", "VpcId": "vpc-1", "OwnerId": "{owner}",
                    "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "{zone}",
                    "AvailabilityZoneId": "use1-az1", {tags}}}]}}"#
            ),
        )
        .save(
            account,
            "describe-route-tables",
            &format!(
                r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "OwnerId": "{owner}",
                    "Associations": [{{"Main": true, "RouteTableId": "rtb-1"}}],
                    "Routes": [{{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}}],
                    {tags}}}]}}"#
            ),
        )
        .save(
            account,
            "describe-network-acls",
            &format!(
                r#"{{"NetworkAcls": [{{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": "{owner}",
                    "IsDefault": true, "Associations": [{{"SubnetId": "subnet-1", "NetworkAclId": "acl-1"}}],
                    "Entries": [
                      {{"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": true, "CidrBlock": "0.0.0.0/0"}},
                      {{"RuleNumber": 100, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "CidrBlock": "0.0.0.0/0"}}]}}]}}"#
            ),
        )
    }

    /// What only the owner is told: the endpoint, and its VPC's attributes and resolver rules.
    fn owners(&self, owner: &str) -> &Self {
        self.attributes(owner).save(
            owner,
            "describe-vpc-endpoints",
            &format!(
                r#"{{"VpcEndpoints": [{{"VpcEndpointId": "vpce-1", "VpcEndpointType": "Interface",
                    "ServiceName": "com.amazonaws.us-east-1.logs", "VpcId": "vpc-1", "State": "available",
                    "SubnetIds": ["subnet-1"], "NetworkInterfaceIds": ["eni-e"], "OwnerId": "{owner}",
                    "Groups": [{{"GroupId": "sg-e", "GroupName": "endpoints"}}], "PrivateDnsEnabled": true,
                    "DnsEntries": [{{"DnsName": "logs.us-east-1.amazonaws.com"}}]}}]}}"#
            ),
        )
        .save(
            owner,
            "describe-security-groups",
            &format!(
                r#"{{"SecurityGroups": [{{"GroupId": "sg-e", "GroupName": "endpoints", "VpcId": "vpc-1", "OwnerId": "{owner}",
                    "IpPermissions": [{{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443,
                        "PrefixListIds": [{{"PrefixListId": "pl-1"}}]}}],
                    "IpPermissionsEgress": []}}]}}"#
            ),
        )
        .save(
            owner,
            "describe-managed-prefix-lists",
            &format!(
                r#"{{"PrefixLists": [{{"PrefixListId": "pl-1", "PrefixListName": "tasks", "OwnerId": "{owner}"}}]}}"#
            ),
        )
        .save(owner, "get-managed-prefix-list-entries.pl-1", r#"{"Entries": [{"Cidr": "10.0.1.0/28"}]}"#)
        .save(owner, "list-resolver-rules", r#"{"ResolverRules": []}"#)
        .save(owner, "list-resolver-rule-associations", r#"{"ResolverRuleAssociations": []}"#)
        .save(owner, "list-hosted-zones", r#"{"HostedZones": []}"#)
        .save(
            owner,
            "describe-network-interfaces",
            &format!(
                r#"{{"NetworkInterfaces": [{}, {}]}}"#,
                interface("eni-e", owner, "10.0.1.20", "sg-e", "vpc_endpoint"),
                interface("eni-t", "", "10.0.1.10", "sg-t", "interface")
            ),
        )
    }

    fn attributes(&self, account: &str) -> &Self {
        let names = [
            ("enableDnsSupport", "EnableDnsSupport"),
            ("enableDnsHostnames", "EnableDnsHostnames"),
        ];
        for (attribute, key) in names {
            let text = format!(r#"{{"VpcId": "vpc-1", "{key}": {{"Value": true}}}}"#);
            self.save(account, &format!("describe-vpc-attribute.vpc-1.{attribute}"), &text);
        }
        self
    }

    /// What the participant is told: its own task and group, and no endpoint of the owner's.
    fn participants(&self, participant: &str) -> &Self {
        self.save(participant, "describe-vpc-endpoints", r#"{"VpcEndpoints": []}"#)
            .save(participant, "list-resolver-rules", r#"{"ResolverRules": []}"#)
            .save(participant, "list-hosted-zones", r#"{"HostedZones": []}"#)
            .save(participant, "describe-managed-prefix-lists", r#"{"PrefixLists": []}"#)
            .save(
                participant,
                "describe-security-groups",
                &format!(
                    r#"{{"SecurityGroups": [{{"GroupId": "sg-t", "GroupName": "task", "VpcId": "vpc-1", "OwnerId": "{participant}",
                        "IpPermissions": [], "IpPermissionsEgress": [{{"IpProtocol": "-1", "IpRanges": [{{"CidrIp": "0.0.0.0/0"}}]}}]}}]}}"#
                ),
            )
            .save(
                participant,
                "describe-network-interfaces",
                &format!(
                    r#"{{"NetworkInterfaces": [{}]}}"#,
                    interface("eni-t", participant, "10.0.1.10", "sg-t", "interface")
                ),
            )
    }

    fn load(&self) -> Loaded {
        read::load(self.0.path().to_str().unwrap()).unwrap()
    }

    fn ask(&self, query: &str) -> Answer {
        ask(self.load(), query)
    }
}

fn interface(id: &str, owner: &str, address: &str, group: &str, kind: &str) -> String {
    format!(
        r#"{{"NetworkInterfaceId": "{id}", "OwnerId": "{owner}", "VpcId": "vpc-1", "SubnetId": "subnet-1",
            "InterfaceType": "{kind}", "Status": "in-use", "PrivateIpAddress": "{address}",
            "PrivateIpAddresses": [{{"Primary": true, "PrivateIpAddress": "{address}"}}],
            "Groups": [{{"GroupId": "{group}", "GroupName": "x"}}]}}"#
    )
}

fn ask(loaded: Loaded, query: &str) -> Answer {
    let answer = World::new(loaded.network).ask(&query.parse().unwrap()).unwrap();
    answer.answers.into_iter().next().unwrap()
}

fn stated(text: &str, query: &str) -> Answer {
    ask(scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap(), query)
}

/// SH-02, IE-13: a participant is not told of the owner's endpoints, so that none is seen says
/// nothing, and neither is the public path taken for granted.
#[test]
fn a_participants_view_alone_does_not_say_which_endpoints_there_are() {
    let saved = Saved::new();
    saved.both(PARTICIPANT, OWNER, "", "us-east-1b").participants(PARTICIPANT);
    saved.attributes(PARTICIPANT);
    let answer = saved.ask("eni-t -> logs");
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    let facts: Vec<&str> = answer.missing.iter().map(|one| &*one.fact).collect();
    assert!(facts.iter().any(|fact| fact.contains("endpoints of vpc")), "{facts:?}");
}

/// SH-02, IE-13: with the owner's answers beside them, the owner's endpoint serves the task, and
/// the owner's prefix list admits it (RT-04's expansion, in a group).
#[test]
fn with_the_owners_view_the_participants_task_uses_the_owners_endpoint() {
    let saved = Saved::new();
    saved.both(PARTICIPANT, OWNER, "", "us-east-1b").participants(PARTICIPANT);
    saved.both(OWNER, OWNER, "shared", "us-east-1a").owners(OWNER);
    let answer = saved.ask("eni-t -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    // The list's entries are the owner's to tell: without them nothing is known of the rule.
    fs::remove_file(
        saved.0.path().join(OWNER).join("us-east-1/get-managed-prefix-list-entries.pl-1.json"),
    )
    .unwrap();
    assert_eq!(saved.ask("eni-t -> logs").verdict, Verdict::Unknown);
}

/// SH-01, SH-02: one thing under one id, as its owner sees it, whichever account's folder is read
/// last; zones by their ids.
#[test]
fn two_views_of_a_shared_subnet_are_one_subnet_as_the_owner_sees_it() {
    for (owner, participant) in [(OWNER, PARTICIPANT), (PARTICIPANT, OWNER)] {
        let saved = Saved::new();
        saved.both(participant, owner, "", "us-east-1b").participants(participant);
        saved.both(owner, owner, "shared", "us-east-1a").owners(owner);
        let network = saved.load().network;
        assert_eq!(
            (network.vpcs.len(), network.subnets.len(), network.route_tables.len()),
            (1, 1, 1)
        );
        let subnet = &network.subnets["subnet-1"];
        assert_eq!(subnet.about.name.as_deref(), Some("shared"));
        assert_eq!(subnet.about.scope.account.as_deref(), Some(owner));
        assert_eq!(subnet.zone.id.as_deref(), Some("use1-az1"));
        assert_eq!(subnet.zone.name.as_deref(), Some("us-east-1a"));
        assert_eq!(network.route_tables["rtb-1"].about.name.as_deref(), Some("shared"));
        // The task is the participant's, also where the owner lists it without saying so.
        let task = &network.interfaces["eni-t"];
        assert_eq!(task.about.scope.account.as_deref(), Some(participant));
        assert_eq!(ask(saved.load(), "eni-t -> logs").verdict, Verdict::Reachable);
    }
}

/// SH-01: the VPC is one, so that a group of another account can be referred to; TG-01 compares
/// zones by their ids.
#[test]
fn accounts_of_groups_and_interfaces_do_not_part_a_vpc() {
    let text = "\
account: \"111122223333\"
vpcs: { shared: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: shared, cidr: 10.0.1.0/24, az: use1-az1 } }
security_groups:
  owner: { vpc: shared, ingress: [{ from: participant, port: 80 }] }
  participant: { vpc: shared, account: \"444455556666\" }
interfaces:
  api: { subnet: a, security_groups: [owner] }
  task: { subnet: a, security_groups: [participant], account: \"444455556666\" }
";
    assert_eq!(stated(text, "task -> api:80").verdict, Verdict::Reachable);
    assert_eq!(stated(text, "api -> task:80").verdict, Verdict::Blocked);
    let loaded = scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap();
    let owner = |id: &str| loaded.network.interfaces[id].about.scope.account.clone();
    assert_eq!(owner("task").as_deref(), Some("444455556666"));
    assert_eq!(owner("api").as_deref(), Some("111122223333"));
}

/// TG-01, SH-01: `us-east-1a` of two accounts may be two zones. Where only names are known of one
/// and only ids of the other, whether the zones are one is not known.
#[test]
fn zones_are_compared_by_their_ids() {
    let text = |task: &str| {
        format!(
            "vpcs: {{ app: {{ cidr: 10.0.0.0/16 }}, data: {{ cidr: 10.1.0.0/16 }} }}\n\
             subnets:\n\
             \x20 task: {{ vpc: app, cidr: 10.0.1.0/24, az: {task}, route_table: out }}\n\
             \x20 door: {{ vpc: app, cidr: 10.0.2.0/24, az: use1-az1, route_table: out }}\n\
             \x20 data: {{ vpc: data, cidr: 10.1.1.0/24, az: use1-az1, route_table: back }}\n\
             transit_gateways: {{ hub: {{}} }}\n\
             transit_gateway_attachments:\n\
             \x20 app: {{ transit_gateway: hub, subnets: [door] }}\n\
             \x20 data: {{ transit_gateway: hub, subnets: [data] }}\n\
             route_tables:\n\
             \x20 out: {{ vpc: app, routes: {{ 10.1.0.0/16: hub }} }}\n\
             \x20 back: {{ vpc: data, routes: {{ 10.0.0.0/16: hub }} }}\n\
             security_groups: {{ g: {{ vpc: app }}, db: {{ vpc: data, ingress: [{{ from: 10.0.0.0/16, port: 80 }}] }} }}\n\
             interfaces:\n\
             \x20 task: {{ subnet: task, security_groups: [g] }}\n\
             \x20 db: {{ subnet: data, security_groups: [db] }}\n"
        )
    };
    assert_eq!(stated(&text("use1-az1"), "task -> db:80").verdict, Verdict::Reachable);
    let other = stated(&text("use1-az2"), "task -> db:80");
    assert_eq!(&*other.blockers[0].code.0, "TGW_ROUTE_AZ_RESTRICTION");
    // TG-14: of a Local Zone it is not the id of its own that counts.
    let by_name = stated(&text("us-east-1a"), "task -> db:80");
    assert_ne!(by_name.verdict, Verdict::Blocked, "a name and an id may be one zone: {by_name:#?}");
}

const HUB: &str = "\
vpcs:
  app: { cidr: 10.1.0.0/16, account: \"444455556666\" }
  hub: { cidr: 10.0.0.0/16, account: \"111122223333\" }
peerings: { joined: { vpcs: [app, hub] } }
subnets:
  task: { vpc: app, cidr: 10.1.1.0/24, route_table: app }
  ends: { vpc: hub, cidr: 10.0.1.0/24, route_table: hub }
route_tables:
  app: { vpc: app, routes: { 10.0.0.0/16: joined } }
  hub: { vpc: hub, routes: { 10.1.0.0/16: joined } }
security_groups:
  task: { vpc: app }
  ends: { vpc: hub, ingress: [{ from: ALLOWED, port: 443 }] }
endpoints: { logs: { service: logs, subnets: [ends], security_groups: [ends], private_dns: DNS } }
hosted_zones: { logs.us-east-1.amazonaws.com: { vpcs: [ZONE], records: { '@': endpoint/logs } } }
interfaces: { task: { subnet: task, security_groups: [task] } }
";

fn hub(zone: &str, allowed: &str) -> String {
    HUB.replace("ZONE", zone).replace("ALLOWED", allowed).replace("DNS", "false")
}

/// DN-16, IE-04: the zone is the other account's, and the endpoint too.
#[test]
fn a_zone_that_another_account_associates_leads_to_its_endpoint_over_peering() {
    let answer = stated(&hub("app", "10.1.0.0/16"), "task -> logs");
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    // IE-02, IE-04: its group has to admit the other VPC's addresses.
    let closed = stated(&hub("app", "10.0.0.0/16"), "task -> logs");
    assert_eq!(closed.verdict, Verdict::Blocked);
    assert_eq!(&*closed.blockers[0].code.0, "ENI_SG_RULES_MISMATCH");
}

/// DN-06: a zone of the hub's, and the hidden one of its endpoint (IE-06), are not seen over peering.
#[test]
fn names_of_the_hub_alone_are_public_ones_in_the_spoke() {
    let by_zone = stated(&hub("hub", "10.1.0.0/16"), "task -> logs");
    assert_eq!(by_zone.verdict, Verdict::Blocked, "{by_zone:#?}");
    assert_eq!(&*by_zone.blockers[0].code.0, "NO_ROUTE_TO_DESTINATION");
    let zone = HUB.lines().filter(|line| !line.starts_with("hosted_zones")).collect::<Vec<_>>();
    let hidden = zone.join("\n").replace("ALLOWED", "10.1.0.0/16").replace("DNS", "true");
    assert_eq!(stated(&hidden, "task -> logs").verdict, Verdict::Blocked);
}

/// IE-07: the endpoint's own name is public, and the same in every VPC.
#[test]
fn the_name_of_the_endpoint_itself_works_in_every_vpc() {
    let saved = Saved::new();
    saved.both(OWNER, OWNER, "shared", "us-east-1a").owners(OWNER);
    let path = saved.0.path().join(OWNER).join("us-east-1/describe-vpc-endpoints.json");
    let own = "vpce-1-abcd1234.logs.us-east-1.vpce.amazonaws.com";
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace(r#""DnsEntries": ["#, &format!(r#""DnsEntries": [{{"DnsName": "{own}"}}, "#));
    fs::write(&path, text).unwrap();
    saved.participants(PARTICIPANT).both(PARTICIPANT, OWNER, "", "us-east-1b");
    let answer = saved.ask(&format!("eni-t -> {own}"));
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
}

/// A route table with a customer prefix list and another route.
fn routes(routes: &str) -> String {
    format!(
        "\
vpcs: {{ app: {{ cidr: 10.0.0.0/16 }}, one: {{ cidr: 10.1.0.0/16 }}, two: {{ cidr: 10.2.0.0/16 }} }}
peerings: {{ to-one: {{ vpcs: [app, one] }}, to-two: {{ vpcs: [app, two] }} }}
prefix_lists:
  ones: {{ entries: [10.1.0.0/16] }}
  again: {{ entries: [10.1.0.0/16, 10.9.0.0/16] }}
subnets:
  task: {{ vpc: app, cidr: 10.0.1.0/24, route_table: out }}
  host: {{ vpc: one, cidr: 10.1.1.0/24, route_table: back }}
route_tables:
  out: {{ vpc: app, routes: {{ {routes} }} }}
  back: {{ vpc: one, routes: {{ 10.0.0.0/16: to-one }} }}
security_groups:
  task: {{ vpc: app }}
  host: {{ vpc: one, ingress: [{{ from: 10.0.0.0/16, port: 80 }}] }}
interfaces:
  task: {{ subnet: task, security_groups: [task] }}
  host: {{ subnet: host, security_groups: [host] }}
"
    )
}

#[test]
fn routes_by_customer_prefix_lists_rank_as_aws_ranks_them() {
    for (routes_text, verdict, rule) in [
        ("ones: to-one", Verdict::Reachable, "RT-04: every entry is a route"),
        ("ones: to-one, 10.1.1.0/24: to-two", Verdict::Blocked, "RT-04: a longer route goes first"),
        ("ones: to-one, 10.0.0.0/8: to-two", Verdict::Reachable, "RT-04: a shorter one does not"),
        ("ones: to-two, 10.1.0.0/16: to-one", Verdict::Reachable, "RT-05: a static one goes first"),
        ("ones: to-one, 10.1.0.0/16: to-two", Verdict::Blocked, "RT-05: a static one goes first"),
        ("ones: to-one, again: to-one", Verdict::Reachable, "RT-06: the lists agree"),
        ("ones: to-one, again: to-two", Verdict::Intermittent, "RT-06: AWS takes either list"),
    ] {
        let answer = stated(&routes(routes_text), "task -> host:80");
        assert_eq!(answer.verdict, verdict, "{rule}: {answer:#?}");
    }
}

/// PLC-06: a task's `group` names a service of its own cluster, and other accounts may have clusters
/// and services of the same names.
#[test]
fn a_task_is_of_its_own_accounts_service() {
    let saved = Saved::new();
    saved.both(OWNER, OWNER, "", "us-east-1a").owners(OWNER);
    saved.both(PARTICIPANT, OWNER, "", "us-east-1b").participants(PARTICIPANT);
    let arn = |account: &str, what: &str| format!("arn:aws:ecs:us-east-1:{account}:{what}");
    for account in [OWNER, PARTICIPANT] {
        let cluster = arn(account, "cluster/main");
        let service = arn(account, "service/main/web");
        let task = arn(account, "task/main/0123");
        saved
            .save(
                account,
                "describe-services",
                &format!(
                    r#"{{"services": [{{"serviceArn": "{service}", "serviceName": "web",
                        "clusterArn": "{cluster}", "status": "ACTIVE", "launchType": "FARGATE"}}]}}"#
                ),
            )
            .save(
                account,
                "describe-tasks",
                &format!(
                    r#"{{"tasks": [{{"taskArn": "{task}", "clusterArn": "{cluster}", "group": "service:web",
                        "lastStatus": "RUNNING", "launchType": "FARGATE"}}]}}"#
                ),
            );
    }
    let network = saved.load().network;
    assert_eq!((network.services.len(), network.tasks.len()), (2, 2));
    for account in [OWNER, PARTICIPANT] {
        let service = network.services.get(arn(account, "service/main/web").as_str()).unwrap();
        let tasks: Vec<&str> = network.tasks_of(service).map(|task| task.id.as_str()).collect();
        assert_eq!(tasks, [arn(account, "task/main/0123")]);
        let task = network.tasks.get(tasks[0]).unwrap();
        assert_eq!(network.service_of(task).map(|one| &one.id), Some(&service.id));
    }
}
