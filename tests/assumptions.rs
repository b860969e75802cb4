//! Every open point that can be given another value: a small network whose verdict rests on it says
//! so, and comes out otherwise with the other value.

use std::collections::BTreeSet;
use std::fs;
use vpc_reach::answer::{Answer, QueryAnswer};
use vpc_reach::models;
use vpc_reach::network::{BlockMode, Coverage, EndpointType, InterfaceRole, Kind, Network, Scope};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

/// Two private subnets and a public one; `api` asks, `db` answers; `far` is in a VPC of its own.
const NETWORK: &str = "\
vpcs: { app: { cidr: 10.0.0.0/16 }, spoke: { cidr: 10.1.0.0/16 } }
subnets:
  a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a, route_table: private }
  b: { vpc: app, cidr: 10.0.2.0/24, az: us-east-1b, route_table: private }
  public: { vpc: app, cidr: 10.0.9.0/24, az: us-east-1a, route_table: public }
  far: { vpc: spoke, cidr: 10.1.1.0/24, az: us-east-1a, route_table: far }
internet_gateways: { igw: { vpc: app } }
nat_gateways: { nat: { subnet: public } }
peerings: { pcx: { vpcs: [app, spoke] } }
route_tables:
  private: { vpc: app, routes: { 0.0.0.0/0: nat, 10.1.0.0/16: pcx } }
  public: { vpc: app, routes: { 0.0.0.0/0: igw } }
  far: { vpc: spoke, routes: { 10.0.0.0/16: pcx } }
security_groups:
  app: { vpc: app }
  db: { vpc: app, ingress: [{ from: app }] }
  far: { vpc: spoke, ingress: [{ from: 0.0.0.0/0 }] }
instances:
  api: { subnet: a, address: 10.0.1.10, security_groups: [app] }
  db: { subnet: b, address: 10.0.2.20, security_groups: [db] }
  far: { subnet: far, address: 10.1.1.10, security_groups: [far] }
";

/// A network in which a point matters.
struct Case {
    name: &'static str,
    value: &'static str,
    /// What stands otherwise in [`NETWORK`].
    changes: &'static [(&'static str, &'static str)],
    /// What stands in it besides.
    more: &'static str,
    /// What a scenario does not state.
    edit: fn(&mut Network),
    query: &'static str,
    /// The verdict by default, and with the other value.
    verdicts: [&'static str; 2],
}

const NOTHING: fn(&mut Network) = |_| {};

/// An endpoint for logs beside `api`, for everybody.
const LOGS: &str = "endpoints: { logs: { service: logs, subnets: [a], security_groups: [db] } }\n";

const CASES: &[Case] = &[
    // RT-14
    Case {
        name: "APPLIANCE_FORWARDS_UNCHANGED",
        value: "false",
        changes: &[
            (
                "{ 0.0.0.0/0: nat, ",
                "{ 0.0.0.0/0: nat, 10.0.2.0/24: instance/wall, 10.0.1.0/24: instance/wall, ",
            ),
            (
                "instances:\n",
                "instances:\n  wall: { subnet: public, address: 10.0.9.9, security_groups: [wall], source_dest_check: false }\n",
            ),
            (
                "security_groups:\n",
                "security_groups:\n  wall: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] }\n",
            ),
            ("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]"),
        ],
        more: "",
        edit: NOTHING,
        query: "api -> db:5432",
        verdicts: ["reachable", "unknown"],
    },
    // BP-01
    Case {
        name: "BLOCK_PUBLIC_ACCESS_OFF_WHEN_NOT_CAPTURED",
        value: "false",
        changes: &[],
        more: "",
        edit: |network| network.coverage = without(Kind::BlockPublicAccess),
        query: "api -> internet",
        verdicts: ["reachable", "unknown"],
    },
    // BP-05
    Case {
        name: "BPA_STATE_NOT_AUTHORITATIVE",
        value: "false",
        changes: &[],
        more: "public_access_blocks: { all: { mode: block-bidirectional } }\n",
        edit: |network| {
            for subnet in network.subnets.values_mut() {
                subnet.public_access = Some(BlockMode::Off);
            }
        },
        query: "api -> internet",
        verdicts: ["blocked", "reachable"],
    },
    // DN-04
    Case {
        name: "CN_GOV_NAMES_AS_TABLE",
        value: "false",
        changes: &[
            ("us-east-1", "cn-north-1"),
            ("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]"),
        ],
        more: "region: cn-north-1\nendpoints: { logs: { service: logs, subnets: [a], security_groups: [db] } }\n",
        edit: NOTHING,
        query: "api -> logs",
        verdicts: ["reachable", "unknown"],
    },
    // DN-01
    Case {
        name: "DHCP_OPTIONS_DEFAULT_IS_AMAZON_DNS",
        value: "false",
        changes: &[],
        more: LOGS,
        edit: |network| {
            network.coverage = without(Kind::DhcpOptions);
            network.vpcs.values_mut().for_each(|vpc| vpc.dhcp_options = None);
        },
        query: "api -> logs",
        verdicts: ["reachable", "unknown"],
    },
    // DN-02
    Case {
        name: "DNS_OFF_IS_TIMEOUT",
        value: "false",
        changes: &[("cidr: 10.0.0.0/16 }", "cidr: 10.0.0.0/16, enable_dns_support: false }")],
        more: LOGS,
        edit: NOTHING,
        query: "api -> logs",
        verdicts: ["blocked", "blocked"],
    },
    // EC-01
    Case {
        name: "ENFORCE_NON_443_UNKNOWN",
        value: "false",
        changes: &[],
        more: LOGS,
        edit: |network| {
            network.vpcs.values_mut().for_each(|vpc| vpc.encryption_enforced = true);
        },
        query: "api -> eni/planned/logs@a:587",
        verdicts: ["unknown", "blocked"],
    },
    // GE-03
    Case {
        name: "GE_POST_NAT_USES_ENDPOINT",
        value: "false",
        changes: &[],
        more: "endpoints: { s3: { service: s3, type: gateway, vpc: app, route_tables: [public] } }\n",
        edit: NOTHING,
        query: "api -> s3",
        verdicts: ["reachable", "blocked"],
    },
    // GL-03
    Case {
        name: "GWLB_APPLIANCE_PASSES",
        value: "true",
        changes: &[
            ("{ 0.0.0.0/0: nat, ", "{ 0.0.0.0/0: nat, 10.0.2.0/24: wall, 10.0.1.0/24: wall, "),
            ("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]"),
        ],
        more: "endpoints: { wall: { type: gateway_load_balancer, subnets: [public] } }\n",
        edit: NOTHING,
        query: "api -> db:5432",
        verdicts: ["unknown", "reachable"],
    },
    // DN-04
    Case {
        name: "HIDDEN_ZONE_IS_PHZ",
        value: "false",
        changes: &[],
        more: "endpoints: { logs: { service: logs, subnets: [a], security_groups: [db] } }\n\
               resolver_rules: { aws: { domain: amazonaws.com, vpcs: [app], targets: [10.9.0.53] } }\n",
        edit: NOTHING,
        query: "api -> logs",
        verdicts: ["reachable", "unknown"],
    },
    // IMG-13
    Case {
        name: "HOST_HAS_PUBLIC_ADDRESSES",
        value: "false",
        changes: &[],
        more: "",
        edit: NOTHING,
        query: "api -> example.com:443",
        verdicts: ["reachable", "unknown"],
    },
    // DN-04
    Case {
        name: "NO_RESOLVER_RULES_WHEN_NOT_CAPTURED",
        value: "false",
        changes: &[],
        more: LOGS,
        edit: |network| network.coverage = without(Kind::ResolverRule),
        query: "api -> s3",
        verdicts: ["reachable", "unknown"],
    },
    // DN-05
    Case {
        name: "PHZ_OTHER_TYPE_IS_NODATA",
        value: "false",
        changes: &[],
        more: "hosted_zones: { corp.internal: { vpcs: [app], records: { db: { TXT: hello } } } }\n",
        edit: NOTHING,
        query: "api -> db.corp.internal:5432",
        verdicts: ["blocked", "blocked"],
    },
    // PW-05
    Case {
        name: "NAT_IN_CLIENT_SUBNET_SKIPS_NACL",
        value: "false",
        changes: &[
            ("cidr: 10.0.0.0/16 }", "cidr: 10.0.0.0/16, ipv6_cidr: 2600:1f18:0:100::/56 }"),
            (
                "public: { vpc: app, cidr: 10.0.9.0/24,",
                "public: { vpc: app, cidr: 10.0.9.0/24, ipv6_cidr: 2600:1f18:0:109::/64, network_acl: edge,",
            ),
            ("{ 0.0.0.0/0: igw }", "{ 0.0.0.0/0: igw, 64:ff9b::/96: nat }"),
            (
                "security_groups:\n",
                "security_groups:\n  six: { vpc: app, egress: [{ to: \"::/0\" }] }\n",
            ),
            (
                "instances:\n",
                "instances:\n  six: { subnet: public, address: 10.0.9.9, ipv6_address: 2600:1f18:0:109::9, security_groups: [six] }\n",
            ),
        ],
        more: "network_acls: { edge: { vpc: app, ingress: [{ rule: 1, allow: 0.0.0.0/0 }], egress: [{ rule: 1, allow: 0.0.0.0/0 }] } }\n",
        edit: NOTHING,
        query: "six -> [64:ff9b::c000:201]:443",
        verdicts: ["reachable", "blocked"],
    },
    // NG-16
    Case {
        name: "PUBLIC_FORWARDER_IS_NAT_INSTANCE",
        value: "false",
        changes: &[
            ("{ 0.0.0.0/0: nat, ", "{ 0.0.0.0/0: instance/wall, "),
            (
                "instances:\n",
                "instances:\n  wall: { subnet: public, public_ip: true, security_groups: [wall], source_dest_check: false }\n",
            ),
            (
                "security_groups:\n",
                "security_groups:\n  wall: { vpc: app, ingress: [{ from: 10.0.0.0/16 }] }\n",
            ),
        ],
        more: "",
        edit: NOTHING,
        query: "api -> internet",
        verdicts: ["reachable", "blocked"],
    },
    // NG-15
    Case {
        name: "REGIONAL_NAT_HAS_NO_NACL",
        value: "false",
        changes: &[("nat: { subnet: public }", "nat: { vpc: app }")],
        more: "",
        edit: NOTHING,
        query: "api -> internet",
        verdicts: ["reachable", "unknown"],
    },
    // NG-15
    Case {
        name: "REGIONAL_NAT_NEEDS_VPC_EXCLUSION",
        value: "false",
        changes: &[("nat: { subnet: public }", "nat: { vpc: app }")],
        more: "public_access_blocks: { all: { mode: block-bidirectional } }\n\
               public_access_exclusions: { one: { subnet: a } }\n",
        edit: NOTHING,
        query: "api -> internet",
        verdicts: ["blocked", "reachable"],
    },
    // RT-19
    Case {
        name: "RS_VS_PROPAGATED_INDETERMINATE",
        value: "false",
        changes: &[(
            "{ 0.0.0.0/0: nat, ",
            "{ 0.0.0.0/0: nat, 198.51.100.0/24: [{ target: nat, origin: advertised }, \
             { target: igw, origin: propagated }], ",
        )],
        more: "",
        edit: NOTHING,
        query: "api -> 198.51.100.7:443",
        verdicts: ["intermittent", "reachable"],
    },
    // RT-11
    Case {
        name: "RT_FILTERED_IS_ABSENT",
        value: "false",
        changes: &[(
            "{ 0.0.0.0/0: nat, ",
            "{ 0.0.0.0/0: nat, 198.51.100.0/24: { target: igw, state: filtered }, ",
        )],
        more: "",
        edit: NOTHING,
        query: "api -> 198.51.100.7:443",
        verdicts: ["reachable", "blocked"],
    },
    // SG-09
    Case {
        name: "SG_REF_MATCHES_DELEGATED_PREFIX",
        value: "false",
        changes: &[(
            "address: 10.0.1.10, security_groups",
            "address: 10.0.1.10, prefixes: [10.0.1.32/28], security_groups",
        )],
        more: "",
        edit: NOTHING,
        query: "10.0.1.33 -> db:5432",
        verdicts: ["reachable", "blocked"],
    },
    // DN-06
    Case {
        name: "TGW_DNS_SUPPORT_HOSTNAMES_ONLY",
        value: "false",
        changes: &[],
        more: "endpoints: { logs: { service: logs, subnets: [far], security_groups: [far] } }\n\
               transit_gateways: { hub: {} }\n\
               transit_gateway_attachments:\n  \
                 app: { transit_gateway: hub, vpc: app, subnets: [b] }\n  \
                 spoke: { transit_gateway: hub, vpc: spoke, subnets: [far] }\n",
        edit: NOTHING,
        query: "api -> logs",
        verdicts: ["reachable", "unknown"],
    },
    // VP-02
    Case {
        name: "CLIENT_VPN_SNAT",
        value: "false",
        changes: &[("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]")],
        more: "interfaces: { vpn: { subnet: a, role: client-vpn, security_groups: [app] } }\n",
        edit: NOTHING,
        query: "eni/vpn -> db:5432",
        verdicts: ["reachable", "unknown"],
    },
    // PW-17
    Case {
        name: "GUEST_POLICY_ROUTING",
        value: "false",
        changes: &[(
            "  db: { subnet: b, address: 10.0.2.20, security_groups: [db] }\n",
            "  host: { interfaces: [first, db] }\n",
        )],
        more: "interfaces:\n  \
                 first: { subnet: public, instance: host, security_groups: [db] }\n  \
                 db: { subnet: b, address: 10.0.2.20, instance: host, security_groups: [db] }\n",
        edit: NOTHING,
        query: "api -> 10.0.2.20:5432",
        verdicts: ["reachable", "blocked"],
    },
    // PW-11
    Case {
        name: "ROUTER_SENDS_NO_ICMP",
        value: "false",
        changes: &[("{ 0.0.0.0/0: nat, ", "{ ")],
        more: "",
        edit: NOTHING,
        query: "api -> internet",
        verdicts: ["blocked", "blocked"],
    },
    // AP-02
    Case {
        name: "UNKNOWN_FIELDS_NO_EFFECT",
        value: "false",
        changes: &[(
            "pcx: { vpcs: [app, spoke] }",
            "pcx: { vpcs: [app, spoke], undocumented: [MultipathResilienceStatus] }",
        )],
        more: "",
        edit: NOTHING,
        query: "api -> far:443",
        verdicts: ["reachable", "unknown"],
    },
    // DN-16
    Case {
        name: "WRONG_ENDPOINT_TLS_MISMATCH",
        value: "false",
        changes: &[("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]")],
        more: "endpoints: { ssm: { service: ssm, subnets: [a], security_groups: [db], private_dns: false } }\n\
               hosted_zones: { logs.us-east-1.amazonaws.com: { vpcs: [app], records: { \"@\": endpoint/ssm } } }\n",
        edit: NOTHING,
        query: "api -> logs",
        verdicts: ["reachable", "reachable"],
    },
    // IE-01
    Case {
        name: "VPCE_TUNNEL_UNKNOWN",
        value: "false",
        changes: &[("ingress: [{ from: app }]", "ingress: [{ from: 10.0.0.0/16 }]")],
        more: LOGS,
        edit: |network| {
            let logs = network.vpc_endpoints.get_mut("logs").unwrap();
            logs.endpoint_type = EndpointType::Other("Tunnel".to_owned());
            logs.interfaces = ["db".into()].into();
            network.interfaces.get_mut("db").unwrap().role = InterfaceRole::Endpoint;
        },
        query: "api -> logs",
        verdicts: ["unknown", "reachable"],
    },
    // IE-01
    Case {
        name: "VPCE_PARTIAL_USABLE",
        value: "false",
        changes: &[],
        more: "endpoints: { s3: { service: s3, type: gateway, vpc: app, route_tables: [private], state: Partial } }\n",
        edit: NOTHING,
        query: "api -> s3",
        verdicts: ["reachable", "blocked"],
    },
    // IE-02
    Case {
        name: "VPCE_SG_REF_OVER_PEERING",
        value: "true",
        changes: &[("ingress: [{ from: 0.0.0.0/0 }]", "ingress: [{ from: app }]")],
        more: "endpoints: { logs: { service: logs, subnets: [far], security_groups: [far] } }\n",
        edit: NOTHING,
        query: "api -> eni/planned/logs@far:443",
        verdicts: ["unknown", "reachable"],
    },
    Case {
        name: "VPCE_SG_REF_OVER_PEERING",
        value: "false",
        changes: &[("ingress: [{ from: 0.0.0.0/0 }]", "ingress: [{ from: app }]")],
        more: "endpoints: { logs: { service: logs, subnets: [far], security_groups: [far] } }\n",
        edit: NOTHING,
        query: "api -> eni/planned/logs@far:443",
        verdicts: ["unknown", "blocked"],
    },
];

/// Points that other networks rest on, and where those are.
const ELSEWHERE: [(&str, &str); 36] = [
    ("APPMESH_DIALS_LOOPBACK", "tests/proxies.rs"),
    ("ASPNETCORE_URLS_WINS", "tests/starts/open_points.rs"),
    ("BT_UNVERIFIED_DEFAULT", "tests/starts/open_points.rs"),
    ("CROSS_ZONE_OFF_STILL_CHECKS", "tests/balancers/settings.rs"),
    ("DOCKER_NFS_FROM_INSTANCE", "tests/starts/open_points.rs"),
    ("DOCKER_UNPRIVILEGED_PORTS", "tests/starts/open_points.rs"),
    ("DYNAMIC_HOST_PORTS_ARE_THE_KERNELS", "tests/balancers/hosts.rs"),
    ("EC2_TASK_IPV6_NEEDS_SETTING", "tests/ipv6.rs"),
    ("ECR_ENDPOINT_HAS_DUAL_STACK_NAME", "tests/starts/open_points.rs"),
    ("ECS_AGENT_NAMES_FOLLOW_ENDPOINT", "tests/starts/open_points.rs"),
    ("ENVIRONMENT_FILE_IN_TASK_REGION", "tests/starts/open_points.rs"),
    ("NLB_ATTRIBUTES_ARE_DEFAULTS_WHEN_NOT_CAPTURED", "tests/balancers/settings.rs"),
    ("FARGATE_IGNORES_MAP_PUBLIC_IP", "tests/starts/open_points.rs"),
    ("FARGATE_LOW_PORT_NEEDS_ROOT", "tests/starts/open_points.rs"),
    ("FARGATE_PLATFORM_IGNORES_CONTAINER_PROXY", "tests/starts/open_points.rs"),
    ("FARGATE_SPLUNK_VALIDATED_AT_START", "tests/starts/open_points.rs"),
    ("GUARDDUTY_NOT_START_CRITICAL", "tests/starts/open_points.rs"),
    ("HOST_MODE_REJECTS_IP_TARGETS", "tests/balancers/hosts.rs"),
    ("IMAGE_ENTRYPOINT_RUNS_COMMAND", "tests/starts/open_points.rs"),
    ("INSTANCE_IS_COLD", "tests/starts/open_points.rs"),
    ("LAUNCH_TYPE_ABSENT_IS_EC2", "tests/starts/open_points.rs"),
    ("LOG_GELF_SYSLOG_TCP_CRITICAL", "tests/starts/open_points.rs"),
    ("LOG_MODE_DEFAULT_IS_NON_BLOCKING", "tests/starts/open_points.rs"),
    ("MI_EFS_FROM_TASK_ENI", "tests/starts/open_points.rs"),
    ("NAT64_MEETS_ACL_AS_IPV6", "tests/random/ipv6.rs"),
    ("NLB_REPLY_IGNORES_ROUTE_TABLE", "tests/balancers/network_balancer.rs"),
    ("PORT_RANGE_AS_DYNAMIC", "tests/balancers/hosts.rs"),
    ("RETURN_TO_SENDER_INTER_REGION", "tests/interpret_rules/peerings.rs"),
    ("S3_INTERFACE_EP_SERVES_LAYERS", "tests/starts/open_points.rs"),
    ("SC_PROXY_START_CRITICAL", "tests/starts/open_points.rs"),
    ("SC_RELAY_INTERFACE", "tests/starts/open_points.rs"),
    ("SG_REF_MATCHES_IPV6", "tests/ipv6.rs"),
    ("TGW_HAIRPIN", "tests/interpret_rules/transit.rs"),
    ("WILDCARD_V6_DEFAULT_IS_DUAL", "tests/starts/open_points.rs"),
    ("WILDCARD_V6_INFERRED", "tests/starts/open_points.rs"),
    ("XRAY_DAEMON_HOST", "tests/starts/open_points.rs"),
];

/// A capture that holds everything but one kind of thing.
fn without(kind: Kind) -> Coverage {
    let mut coverage = Coverage::default();
    for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
        coverage.add(&Scope::default(), other);
    }
    coverage
}

fn network(case: &Case) -> Network {
    let mut text = NETWORK.to_owned();
    for (before, after) in case.changes {
        assert!(text.contains(before), "{}: {before}", case.name);
        text = text.replace(before, after);
    }
    text += case.more;
    let loaded = scenario::read("test.yaml", &text, &mut |base| panic!("no base {base}"));
    let loaded = loaded.unwrap_or_else(|error| panic!("{}: {error:?}\n{text}", case.name));
    let mut network = loaded.network;
    (case.edit)(&mut network);
    network
}

/// What a reader sees of an answer, but for its assumptions.
fn shown(answer: &QueryAnswer) -> String {
    let of = |one: &Answer| format!("{:?} {:?} {:?}", one.blockers, one.findings, one.missing);
    let all: Vec<String> = answer.answers.iter().map(of).collect();
    format!("{} {all:?}", answer.verdict)
}

/// Whether the answer says that it rests on a value of an open point.
fn says(answer: &QueryAnswer, name: &str, value: &str) -> bool {
    answer.answers.iter().any(|one| {
        let assumed = one.assumptions.iter().any(|one| one.name == name && one.value == value);
        // Where nothing is assumed, the missing fact names the point.
        let missing = one.missing.iter().any(|missing| missing.fact.contains(name));
        assumed || missing
    })
}

#[test]
fn a_verdict_names_the_open_points_that_it_rests_on_and_turns_with_them() {
    let mut silent = Vec::new();
    for case in CASES {
        let Case { name, value, query, verdicts, .. } = case;
        let mut network = network(case);
        let ask =
            |network: &Network| World::new(network.clone()).ask(&query.parse().unwrap()).unwrap();
        let usual = ask(&network);
        let default = models::assumption(name).unwrap().default;
        network.assumptions.set(name, value).unwrap();
        let turned = ask(&network);
        let got = [usual.verdict.to_string(), turned.verdict.to_string()];
        assert_eq!(got, *verdicts, "{name}: {usual:#?}\n{turned:#?}");
        // What a client sees of a drop is told only where it is not as usual.
        assert!(
            *name == "ROUTER_SENDS_NO_ICMP" || says(&usual, name, default),
            "{name} = {default}: {usual:#?}"
        );
        if !says(&turned, name, value) {
            silent.push(*name);
        }
        assert_ne!(shown(&usual), shown(&turned), "{name} changes nothing");
    }
    assert!(silent.is_empty(), "not named where they have their other value: {silent:?}");
}

#[test]
fn every_value_that_an_open_point_may_be_given_is_tried() {
    let tried: BTreeSet<(&str, &str)> = CASES.iter().map(|case| (case.name, case.value)).collect();
    let all = models::assumptions().iter().flat_map(|entry| {
        let others = entry.values().into_iter().skip(1);
        others.map(|value| (entry.name, value))
    });
    let elsewhere = |(name, value): &(&str, &str)| {
        let files = ELSEWHERE.iter().filter(|(of, _)| of == name);
        let mut texts = files.map(|(_, file)| fs::read_to_string(file).unwrap());
        texts.any(|text| {
            let set = format!("set(\"{name}\", \"{value}\")");
            let row = [name, value].map(|word| text.contains(&format!("\"{word}\"")));
            text.contains(&set)
                || text.contains(&format!("{name}: {value} "))
                || row == [true, true]
        })
    };
    let missing: Vec<_> = all.filter(|one| !tried.contains(one) && !elsewhere(one)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What has no other value says why; what has one is no exception.
#[test]
fn an_open_point_that_cannot_be_turned_says_why() {
    for entry in models::assumptions() {
        let turns = entry.values().len() > 1;
        let why = entry.only_default();
        assert!(why.is_none_or(|why| why.len() > 20), "{}: {why:?}", entry.name);
        assert_eq!(why.is_none(), turns, "{}", entry.name);
    }
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/models/assumption_values.tsv"));
    for row in text.unwrap().lines().filter(|row| !row.starts_with('#')) {
        let name = row.split('\t').next().unwrap();
        assert!(models::assumption(name).is_some(), "there is no {name}");
    }
}
