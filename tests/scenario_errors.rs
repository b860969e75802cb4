//! Whatever is wrong with a scenario file, its author gets one clear message, the place, and a
//! hint.

use vpc_reach::network::Network;
use vpc_reach::read::{ReadError, scenario};

fn read(text: &str) -> Result<Network, ReadError> {
    let mut base = |_: &str| -> Result<Network, ReadError> { Ok(Network::stated()) };
    scenario::read("reach.yaml", text, &mut base).map(|loaded| loaded.network)
}

/// Asserts the message, the place as `line:column`, and the hint.
#[track_caller]
fn refused(text: &str, message: &str, place: &str, hint: &str) {
    let error = read(text).expect_err("this should not be readable");
    assert_eq!(error.message, message);
    assert_eq!(error.hint.as_deref(), Some(hint), "{message}");
    let at = error.at.expect("a place");
    assert_eq!(at.to_string(), format!("reach.yaml:{place}"), "{message}");
    assert_eq!(error.text.as_deref(), Some(text), "the text goes with the error");
}

const APP: &str = "vpcs: { app: { cidr: 10.0.0.0/16 } }\n";

/// A scenario that begins with the VPC `app`.
#[track_caller]
fn refused_in_app(rest: &str, message: &str, place: &str, hint: &str) {
    refused(&format!("{APP}{rest}"), message, place, hint);
}

#[test]
fn text_that_is_not_yaml() {
    refused(
        "vpcs:\n  app: { cidr: 10.0.0.0/16\n",
        "this is not YAML: unclosed bracket '{'",
        "2:8",
        "close it, or quote the value that it is part of",
    );
    refused(
        "vpcs:\n\tapp: 1",
        "this is not YAML: tabs disallowed within this context (block indentation)",
        "2:2",
        "indent with spaces",
    );
    refused(
        "vpcs: app: 10.0.0.0/16",
        "this is not YAML: mapping values are not allowed in this context",
        "1:10",
        "quote a value that holds `: `",
    );
    refused(
        "vpcs: *app",
        "this alias refers to an anchor that is not defined",
        "1:7",
        "quote a value that begins with `*`",
    );
}

#[test]
fn text_that_is_no_scenario() {
    let begin = "a section is like `vpcs: { app: { cidr: 10.0.0.0/16 } }`";
    refused(
        "lorem ipsum",
        "a scenario must be a mapping of sections, and here is a single value",
        "1:1",
        begin,
    );
    refused(
        "- a\n- b\n",
        "a scenario must be a mapping of sections, and here is a list",
        "1:1",
        begin,
    );
    refused("{\"Vpcs\": []}", "a scenario has no key `Vpcs`", "1:2", "did you mean `vpcs`?");
    let error = read("# nothing\n").unwrap_err();
    assert_eq!(error.message, "this scenario is empty");
    assert_eq!(error.at.unwrap().to_string(), "reach.yaml");
    let error = read("\u{0}\u{1}\u{fffd}\u{2}").unwrap_err();
    assert!(error.message.starts_with("this is not YAML"), "{}", error.message);
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow() {
    for text in [format!("{}1{}", "[".repeat(9000), "]".repeat(9000)), "{a: ".repeat(9000)] {
        let error = read(&text).unwrap_err();
        assert!(error.at.is_some(), "{}", error.message);
    }
}

#[test]
fn unknown_keys_are_refused_with_a_suggestion() {
    refused(
        "vpcs:\n  app: { cdir: 10.0.0.0/16 }\n",
        "VPC `app` has no key `cdir`",
        "2:10",
        "did you mean `cidr`?",
    );
    refused_in_app(
        "security_groups:\n  task:\n    vpc: app\n    ingress:\n      - { form: 10.0.0.0/16 }\n",
        "ingress rule 1 of security group `task` has no key `form`",
        "6:11",
        "did you mean `from`?",
    );
    refused_in_app(
        "internet_gateways: { igw: { zzz: app } }",
        "internet gateway `igw` has no key `zzz`",
        "2:29",
        "its keys are vpc, state",
    );
}

#[test]
fn keys_stated_twice_are_refused_at_the_second() {
    refused_in_app(
        "internet_gateways: { igw: { vpc: app } }\nroute_tables:\n  public:\n    vpc: app\n    \
         routes:\n      0.0.0.0/0: igw\n      0.0.0.0/0: igw\n",
        "`0.0.0.0/0` is stated twice",
        "8:7",
        "keep one of the two: within one mapping, each key stands once",
    );
    refused(
        "vpcs:\n  app: { cidr: 10.0.0.0/16 }\n  app: { cidr: 10.1.0.0/16 }\n",
        "`app` is stated twice",
        "3:3",
        "keep one of the two: within one mapping, each key stands once",
    );
}

#[test]
fn keys_left_out_or_empty_are_named() {
    refused("vpcs:\n  app: {}\n", "VPC `app` has no `cidr`", "2:3", "add `cidr: …`");
    refused(
        "vpcs:\n  app:\n    cidr:\n",
        "`cidr` of VPC `app` is empty",
        "3:5",
        "write a value after the colon (`[]` for none), or leave the line out",
    );
}

#[test]
fn names_that_mean_nothing_are_refused_where_they_stand() {
    refused_in_app(
        "subnets: { a: { vpc: apq, cidr: 10.0.1.0/24 } }",
        "there is no VPC `apq`",
        "2:22",
        "did you mean `app`?",
    );
    refused_in_app(
        "route_tables: { private: { vpc: app, routes: { 0.0.0.0/0: nat-a } } }",
        "there is no route target `nat-a`",
        "2:59",
        "there is none at all",
    );
    refused_in_app(
        "security_groups:\n  task: { vpc: app, ingress: [{ from: tsak, port: 80 }] }\n",
        "there is no security group or prefix list `tsak`",
        "3:39",
        "did you mean `task`?",
    );
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }\n\
         services: { web: { subnets: [a], task_definition: web } }\n\
         task_definitions: { wbe: { containers: { app: {} } } }\n",
        "there is no task definition `web`",
        "3:51",
        "did you mean `wbe`?",
    );
    refused_in_app(
        "endpoints: { dkr: { vpc: app, service: ecr.dkkr } }",
        "`ecr.dkkr` is no known service",
        "2:40",
        "did you mean `ecr.dkr`?",
    );
    refused_in_app(
        "nat_gateways: { a: {} }\nremove: [vpc/apk]",
        "NAT gateway `a` has no `subnet`",
        "2:17",
        "add `subnet: …`",
    );
    refused_in_app("remove: [vpc/apk]", "there is no VPC `apk`", "2:10", "did you mean `app`?");
}

#[test]
fn bad_values_are_refused_where_they_stand() {
    let block = "a block is an address and a prefix length, like 10.0.1.0/24";
    refused("vpcs: { a: { cidr: 10.0.0/16 } }", "`10.0.0/16` is no CIDR block", "1:20", block);
    refused(
        "vpcs: { a: { cidr: 10.0.3.0/16 } }",
        "`10.0.3.0/16` has address bits after its prefix",
        "1:20",
        "write 10.0.0.0/16 for the block, or 10.0.3.0/32 for the one address",
    );
    let port = "a port is a number from 1 to 65535; rules also take ranges like \"8000-8010\", and \
                `all`";
    let group = |rule: &str| {
        format!(
            "{APP}security_groups: {{ g: {{ vpc: app, ingress: [{{ from: 10.0.0.0/8, {rule} }}] }} }}"
        )
    };
    refused(&group("port: 70000"), "`70000` is no port", "2:71", port);
    refused(&group("port: http"), "`http` is no port", "2:71", port);
    refused(
        &group("port: 90-80"),
        "the range `90-80` ends before it begins",
        "2:71",
        "write \"80-90\"",
    );
    refused(
        &group("port: 80, protocol: icmp"),
        "icmp has no ports",
        "2:71",
        "leave `port` out, or say `protocol: tcp` or `protocol: udp`",
    );
    refused(
        &group("protocol: tpc"),
        "`protocol` of ingress rule 1 of security group `g` cannot be `tpc`",
        "2:75",
        "did you mean `tcp`?",
    );
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: eu-west-1a } }",
        "`eu-west-1a` is no zone of us-east-1",
        "2:50",
        "a zone is called us-east-1a, or by its id, like use1-az1",
    );
    refused(
        "vpcs: { a: { cidr: 10.0.0.0/16, enable_dns_support: maybe } }",
        "`enable_dns_support` of VPC `a` cannot be `maybe`",
        "1:53",
        "write true or false",
    );
    refused(
        "account: 1234567890\n",
        "`1234567890` is no account id: an id has 12 digits",
        "1:10",
        "an id keeps its leading zeros, in quotes: account: \"001234567890\"",
    );
    refused_in_app(
        "network_acls: { a: { vpc: app, ingress: [{ rule: 40000, allow: 0.0.0.0/0 }] } }",
        "`40000` is no rule number",
        "2:50",
        "a rule number is from 1 to 32766; the lowest that matches decides",
    );
    refused_in_app(
        "task_definitions: { web: { containers: { app: { port: 80, listens: localhost } } } }",
        "`localhost` is no address to listen on",
        "2:68",
        "write the address that the program binds for it, such as 127.0.0.1",
    );
}

#[test]
fn bad_expectations_are_refused_where_they_stand() {
    refused(
        "expect:\n  - web -> ecr.dkr: reachible\n",
        "`reachible` is no verdict",
        "2:21",
        "did you mean `reachable`?",
    );
    refused(
        "expect:\n  - web ecr.dkr: reachable\n",
        "a query is `SOURCE -> DESTINATION`, and `web ecr.dkr` has no `->`",
        "2:5",
        "a query is like `web -> ecr.dkr` or `web -> db:5432`",
    );
    refused(
        "expect: [web -> ecr.dkr]",
        "an expectation is one query and one verdict",
        "1:10",
        "write `- web -> ecr.dkr: reachable`, or `- only front -> web:8080`",
    );
}

#[test]
fn blocks_that_overlap_or_lie_outside_are_refused() {
    refused_in_app(
        "subnets:\n  b: { vpc: app, cidr: 10.0.1.0/24 }\n  a: { vpc: app, cidr: 10.0.0.0/23 }\n",
        "subnet `a` (10.0.0.0/23) overlaps subnet `b` (10.0.1.0/24)",
        "4:3",
        "give each subnet a block of its own",
    );
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.1.0.0/24 } }",
        "subnet `a` (10.1.0.0/24) lies outside its VPC `app`",
        "2:12",
        "the VPC has 10.0.0.0/16: choose a block within it",
    );
    refused(
        "vpcs: { a: { cidrs: [10.0.0.0/16, 10.0.1.0/24] } }",
        "two blocks of VPC `a` overlap: 10.0.0.0/16 and 10.0.1.0/24",
        "1:9",
        "give the VPC blocks that lie apart",
    );
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.0.1.0/29 } }",
        "subnet `a` has the block 10.0.1.0/29, and AWS allows /16 to /28",
        "2:12",
        "choose a prefix length from 16 to 28",
    );
    // The first in the file is told first.
    refused_in_app(
        "subnets:\n  b: { vpc: app, cidr: 10.2.0.0/24 }\n  a: { vpc: app, cidr: 10.1.0.0/24 }\n",
        "subnet `b` (10.2.0.0/24) lies outside its VPC `app`",
        "3:3",
        "the VPC has 10.0.0.0/16: choose a block within it",
    );
}

/// PW-07
#[test]
fn addresses_that_no_interface_can_have_are_refused() {
    let subnet = "subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }\n";
    let with = |rest: &str| format!("{APP}{subnet}{rest}");
    refused(
        &with("interfaces: { db: { subnet: a, address: 10.0.2.9 } }"),
        "interface `db` has 10.0.2.9, outside its subnet `a`",
        "3:15",
        "the subnet has 10.0.1.0/24",
    );
    refused(
        &with("interfaces: { db: { subnet: a, address: 10.0.1.3 } }"),
        "interface `db` has 10.0.1.3, which AWS reserves in subnet `a`",
        "3:15",
        "of 10.0.1.0/24, the first four and the last address are reserved; 10.0.1.4 to 10.0.1.254 \
         is free to use",
    );
    refused(
        &with(
            "interfaces:\n  z: { subnet: a, address: 10.0.1.9 }\n  \
             b: { subnet: a, address: 10.0.1.9 }\n",
        ),
        "interface `b` has 10.0.1.9, which interface `z` has already",
        "5:3",
        "give each an address of its own",
    );
}

#[test]
fn what_belongs_to_another_vpc_is_refused() {
    let two = "vpcs: { app: { cidr: 10.0.0.0/16 }, hub: { cidr: 10.1.0.0/16 } }\n\
               subnets: { a: { vpc: app, cidr: 10.0.1.0/24, route_table: private } }\n";
    let both = "both must be in the same VPC";
    let with = |rest: &str| format!("{two}{rest}");
    refused(
        &with("route_tables: { private: { vpc: hub } }"),
        "route table `private` is in VPC `hub`, and its subnet `a` is in VPC `app`",
        "3:17",
        both,
    );
    let own_table = with("route_tables: { private: { vpc: app } }\n");
    refused(
        &format!("{own_table}network_acls: {{ x: {{ vpc: hub, subnets: [a] }} }}"),
        "network ACL `x` is in VPC `hub`, and its subnet `a` is in VPC `app`",
        "4:17",
        both,
    );
    refused(
        &format!(
            "{own_table}security_groups: {{ g: {{ vpc: hub }} }}\n\
             endpoints: {{ e: {{ service: logs, subnets: [a], security_groups: [g] }} }}"
        ),
        "endpoint `e` is in VPC `app`, and its security group `g` is in VPC `hub`",
        "5:14",
        both,
    );
    refused(
        &format!(
            "{two}route_tables:\n  private: {{ vpc: app }}\n  other:\n    vpc: hub\n    \
             routes: {{ 0.0.0.0/0: nat }}\nnat_gateways: {{ nat: {{ subnet: a }} }}\n"
        ),
        "route table `other` is in VPC `hub`, and its NAT gateway `nat` is in VPC `app`",
        "7:15",
        both,
    );
}

#[test]
fn what_a_vpc_or_subnet_has_once_is_not_stated_twice() {
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }\nnetwork_acls:\n  \
         one: { vpc: app, subnets: [a] }\n  two: { vpc: app, subnets: [a] }\n",
        "subnet `a` is in two network ACLs, `one` and `two`",
        "5:3",
        "a subnet has one network ACL",
    );
    refused_in_app(
        "route_tables:\n  one: { vpc: app, main: true }\n  two: { vpc: app, main: true }\n",
        "VPC `app` has two main route tables, `one` and `two`",
        "4:3",
        "say `main: true` of one of them",
    );
    refused_in_app(
        "internet_gateways:\n  one: { vpc: app }\n  two: { vpc: app }\n",
        "VPC `app` has two internet gateways, `one` and `two`",
        "4:3",
        "a VPC has one internet gateway",
    );
    refused_in_app(
        "network_acls:\n  a:\n    vpc: app\n    egress:\n      - { rule: 100, allow: 0.0.0.0/0 }\n      \
         - { rule: 100, deny: 10.0.0.0/8 }\n",
        "network ACL `a` has two egress entries with number 100",
        "7:9",
        "give each entry of one direction a number of its own",
    );
    refused_in_app(
        "endpoints: { s3: { vpc: app, service: s3, route_tables: [private] } }\nroute_tables:\n  \
         private:\n    vpc: app\n    routes: { s3: blackhole }\n",
        "route table `private` has two routes for pl-s3",
        "2:14",
        "the other is at line 6: keep one",
    );
    refused_in_app(
        "subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }\n\
         interfaces: { web: { subnet: a } }\ninstances: { web: { subnet: a } }\n",
        "two interfaces are called `web`",
        "4:14",
        "give this one or the first (line 3) another name",
    );
}

#[test]
fn what_ecs_and_endpoints_do_not_take_is_refused() {
    let base = "subnets: { a: { vpc: app, cidr: 10.0.1.0/24 } }\n\
                target_groups: { web: { vpc: app, port: 80 } }\n\
                task_definitions: { web: { containers: { app: { ports: [8080, 9090] } } } }\n";
    // LBT-06
    refused_in_app(
        &format!(
            "{base}services: {{ web: {{ subnets: [a], task_definition: web, target_group: web, port: 80 }} }}"
        ),
        "container `app` has no port 80",
        "5:81",
        "it has [8080, 9090]; ECS refuses such a service",
    );
    refused_in_app(
        &format!(
            "{base}services: {{ web: {{ subnets: [a], task_definition: web, target_group: web }} }}"
        ),
        "service `web` does not say which port it registers",
        "5:70",
        "add `port:` here; container `app` has [8080, 9090]",
    );
    refused_in_app(
        "endpoints: { s3: { vpc: app, service: s3, private_dns: true } }",
        "endpoint `s3` is of type gateway, and has `private_dns`",
        "2:56",
        "remove `private_dns`, or say `type: interface`",
    );
    refused_in_app(
        "endpoints: { e: { vpc: app, service: logs } }\n\
         route_tables: { t: { vpc: app, routes: { 10.9.0.0/24: e } } }",
        "no route leads to interface endpoint `e`",
        "3:42",
        "an interface endpoint is reached by its addresses; only a gateway endpoint has a route",
    );
}

#[test]
fn an_error_in_the_base_keeps_its_own_place() {
    let broken = "vpcs: { app: { cidr: nowhere } }";
    let mut base = |path: &str| -> Result<Network, ReadError> {
        scenario::read(path, broken, &mut |_| Ok(Network::stated())).map(|loaded| loaded.network)
    };
    let error = scenario::read("reach.yaml", "base: prod.yaml\n", &mut base).unwrap_err();
    assert_eq!(error.at.unwrap().to_string(), "prod.yaml:1:22");
    assert_eq!(error.text.as_deref(), Some(broken));
}

#[test]
fn a_file_cut_short_anywhere_is_read_or_refused_with_a_message() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/task-egress-closed.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let mut refused = 0;
    for (end, _) in text.char_indices() {
        if let Err(error) = read(&text[..end]) {
            assert!(!error.message.is_empty() && error.at.is_some(), "cut at {end}");
            refused += 1;
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn what_a_start_needs_is_held_to_what_ecs_takes() {
    let container = |keys: &str| {
        format!("task_definitions: {{ web: {{ containers: {{ app: {{ {keys} }} }} }} }}")
    };
    let place = |keys: &str, key: &str| container(keys).find(key).unwrap() + 1;
    let arn = "write its ARN, like arn:aws:secretsmanager:us-east-1:111122223333:secret:web/db";
    let cases = [
        ("secret: [a]", "secret", "container `app` has no key `secret`", "did you mean `secrets`?"),
        (
            "log: awslog",
            "awslog",
            "`log` of container `app` cannot be `awslog`",
            "did you mean `awslogs`?",
        ),
        (
            "secrets: [\"arn:aws:s3:::bucket\"]",
            "\"arn",
            "`secrets` of container `app` must be in secretsmanager or ssm: not `arn:aws:s3:::bucket`",
            arn,
        ),
        (
            "environment_files: [web.env]",
            "web.env",
            "`environment_files` of container `app` must be in s3: not `web.env`",
            "write its ARN, like arn:aws:s3:::bucket/web.env",
        ),
    ];
    for (keys, at, message, hint) in cases {
        refused_in_app(&container(keys), message, &format!("2:{}", place(keys, at)), hint);
    }
}
