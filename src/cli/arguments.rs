//! What can be written on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

const ABOUT: &str = "\
Proves, without touching AWS, whether a packet can get from one place in an AWS network to another,
and if not, what exactly stops it.";

const USAGE: &str =
    "reach [OPTIONS] 'SOURCE -> DESTINATION[:PORT]'   (quoted: shells take `>` for themselves)
       reach [OPTIONS] SOURCE DESTINATION[:PORT]
       reach [OPTIONS] COMMAND";

const EXAMPLES: &str = "\
Examples:
  reach 'task-eni -> ecr.dkr'            can the service's tasks pull their image?
  reach -f capture/ 'alb -> web:8080'    can the load balancer reach the container?
  reach check                            can every service start, and does every `expect` line hold?

A place is an ENI, task, service, instance, load balancer, subnet or VPC (by name, id or ARN,
with the kind in front where it helps: service/web), an account (account/111122223333), whatever
carries a tag (tag/env=prod), an AWS service (ecr.dkr, s3, logs), `internet`, an IP address, a CIDR or
a host name. `task-eni` stands for the tasks of the only service, `alb` for the only load balancer.
`only A -> B` asks of everybody but A.

The network is a YAML scenario that you write (README.md shows one), a folder of saved AWS CLI
output, or a CloudFormation template (cdk.out). It comes from -f, else from $REACH_FILE, else from reach.yaml in the current folder.";

const EXIT_CODES: &str = "\
Exit codes:
  0  reachable, or every service starts and is reached and every expectation is met
  1  blocked or intermittent, or an expectation not met
  2  wrong usage, or input that cannot be read
  3  nothing failed, but something is unknown";

const TEMPLATE: &str = "\
{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "reach",
    version,
    about = ABOUT,
    override_usage = USAGE,
    before_help = EXAMPLES,
    after_help = EXIT_CODES,
    help_template = TEMPLATE,
    max_term_width = 100
)]
pub(super) struct Arguments {
    /// The query, in one word or several
    #[arg(value_name = "QUERY", hide = true)]
    pub words: Vec<String>,
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// A scenario, a folder of saved AWS CLI output, a CloudFormation template, or `-` for stdin
    /// [default: reach.yaml]
    #[arg(short, long, global = true, value_name = "FILE", env = "REACH_FILE")]
    #[arg(hide_env_values = true)]
    pub file: Option<String>,
    /// What listens in a service's tasks, as `ss -ltn`, `netstat -ltn`, `lsof -nP -iTCP` or
    /// `cat /proc/net/tcp /proc/net/tcp6` printed there (`-`: stdin); may be repeated
    #[arg(long, global = true, value_name = "SERVICE[/CONTAINER]=FILE")]
    pub evidence: Vec<String>,
    /// Give a parameter of CloudFormation templates a value (a list's items with commas between
    /// them); may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub parameter: Vec<String>,
    /// Give an assumption another value (`reach assumptions` lists them); may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub assume: Vec<String>,
    /// How to print the result
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// When to use colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Neither use nor keep what was read of large captures (README.md says where that is kept)
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// Print no notes, only results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check every ECS service (can it start, can its load balancer reach it) and every `expect` line
    Check {
        /// Accept what failed in an earlier check: fail for what is new, and say what is fixed.
        /// FILE is what `reach check --format json` printed then
        #[arg(long, value_name = "FILE")]
        baseline: Option<String>,
        /// Find the smallest sets of edits that make pass what fails, all of it and each alone, and
        /// break nothing else
        #[arg(long)]
        fix: bool,
        /// Write the first way of `--fix` to a file, for `reach what-if`
        #[arg(long, value_name = "FILE", requires = "fix")]
        write: Option<String>,
        /// Capture what AWS knows now and check that; nothing of it is kept
        #[arg(long)]
        live: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Change the network, and show which verdicts change, and which pairs of interfaces it opens and
    /// closes; the input stays as it is
    WhatIf {
        /// Files of changes in a scenario's own shape (`null` removes), names of the scenario's
        /// `what_if` blocks, and queries; without a query, everything is checked
        #[arg(value_name = "FILE|NAME|QUERY")]
        words: Vec<String>,
        #[command(flatten)]
        edits: Edits,
        #[command(flatten)]
        pairs: PairsWanted,
    },
    /// Find the smallest sets of edits that make a flow pass, or several at once, each proven
    Fix {
        /// The query; several, each in quotes
        #[arg(value_name = "QUERY", required = true)]
        words: Vec<String>,
        /// Write the first way to a file, for `reach what-if`
        #[arg(long, value_name = "FILE")]
        write: Option<String>,
    },
    /// Compare two networks: the resources and the verdicts that differ, which of those explain
    /// these, and which pairs of interfaces fare otherwise
    Diff {
        /// The first: a scenario, a snapshot or folder, a template
        #[arg(value_name = "A")]
        first: String,
        /// The second
        #[arg(value_name = "B")]
        second: String,
        /// Queries; without one, everything is checked
        #[arg(value_name = "QUERY")]
        queries: Vec<String>,
        #[command(flatten)]
        pairs: PairsWanted,
    },
    /// Say what a symptom means, and whether the network explains it
    Diagnose {
        /// A stopped task's reason, a service event, a target's health, an HTTP status, an
        /// access-log line; a file of such, or of `describe-tasks`, `describe-services` or
        /// `describe-target-health` as JSON; `-` for stdin
        #[arg(value_name = "SYMPTOM", required = true)]
        symptom: Vec<String>,
        /// The service that it is of, where it does not say so
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
    },
    /// Count who can reach whom: all pairs of interfaces, and what the internet reaches
    Audit(AuditWanted),
    /// List what the network lacks for full answers, with the AWS CLI command for each piece
    Doctor,
    /// Print the smallest part of the network that answers a query as the whole does, as a scenario
    /// to read, to edit and to hand on
    Slice {
        /// The query, in one word or several: 'web -> ecr.dkr'
        #[arg(value_name = "QUERY", required = true)]
        query: Vec<String>,
        /// Replace ids, names, accounts, public addresses, host names and images
        #[arg(long)]
        anonymize: bool,
        /// Write the scenario to a file
        #[arg(long, value_name = "FILE")]
        write: Option<String>,
    },
    /// Print what AWS CLI output, a snapshot or CloudFormation templates hold as a scenario, to read
    /// and to edit: reach import capture/ > reach.yaml
    Import {
        /// A folder, or files of one kind; `-` for stdin
        #[arg(value_name = "FILE", required = true)]
        files: Vec<String>,
    },
    /// Make up a network of any size, the same for a seed on every machine: to try reach on, to
    /// measure, to teach
    Generate(Generate),
    /// Capture live accounts and Regions, only reading, into a folder that `-f` takes
    Snapshot(Snapshot),
    /// Say what a code means and what to do about it; without a code, list them
    Explain {
        /// As an answer shows it: NO_ROUTE_TO_DESTINATION
        code: Option<String>,
    },
    /// List the open points of AWS's rules that a verdict may rest on
    Assumptions,
    /// Print the JSON Schema of `--format json`
    Schema {
        /// Of which command's answer
        #[arg(value_name = "DOCUMENT", default_value = "query")]
        document: Document,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Document {
    Query,
    Check,
    Diagnose,
    WhatIf,
    Diff,
    Fix,
}

/// What should be different.
#[derive(Args, Clone, Debug)]
pub(super) struct Edits {
    /// Change one field: security_groups.task.egress.0.port=443, route_tables.private.routes.0.0.0.0/0=nat-a;
    /// `+` appends to a list; without a value it goes back to its default
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Remove a resource: nat-gateway/nat-a
    #[arg(long, value_name = "KIND/NAME")]
    pub remove: Vec<String>,
    /// Add a resource: 'nat-gateway/nat-a={ subnet: public-a }'
    #[arg(long, value_name = "KIND/NAME=YAML")]
    pub add: Vec<String>,
    /// A file of changes
    #[arg(long, value_name = "FILE")]
    pub with: Vec<String>,
}

/// What is counted, and how.
#[derive(Args, Clone, Debug)]
pub(super) struct AuditWanted {
    /// The ports, each counted on its own
    #[arg(long, value_name = "PORT,…", default_value = "443", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Vec<u16>,
    /// Every port: each range of ports that no rule tells apart
    #[arg(long, conflicts_with = "port")]
    pub every_port: bool,
    /// UDP instead of TCP
    #[arg(long)]
    pub udp: bool,
    /// IPv6 instead of IPv4
    #[arg(long)]
    pub ipv6: bool,
    /// What the ends of pairs are grouped by
    #[arg(long, value_name = "WHAT", default_value = "vpc")]
    pub by: AuditBy,
    /// Print comma-separated values: one line per port and pair of groups
    #[arg(long)]
    pub csv: bool,
    /// How many pairs are walked one by one, at most, where counting does not suffice; the others
    /// count as unknown
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    pub walks: u64,
}

/// Which pairs of interfaces are counted before and after, and how.
#[derive(Args, Clone, Debug)]
pub(super) struct PairsWanted {
    /// Only these ports, instead of every one
    #[arg(long, help_heading = PAIRS, value_name = "PORT,…", value_delimiter = ',')]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Vec<u16>,
    /// UDP instead of TCP
    #[arg(long, help_heading = PAIRS)]
    pub udp: bool,
    /// IPv6 instead of IPv4
    #[arg(long, help_heading = PAIRS)]
    pub ipv6: bool,
    /// What the ends of pairs are grouped by
    #[arg(long, help_heading = PAIRS, value_name = "WHAT", default_value = "vpc")]
    pub by: PairsBy,
    /// How many pairs are walked one by one, at most, where counting does not suffice
    #[arg(long, help_heading = PAIRS, value_name = "NUMBER", default_value_t = 20_000)]
    pub walks: u64,
}

const PAIRS: &str = "Pairs of interfaces";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PairsBy {
    Vpc,
    Account,
    Subnet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuditBy {
    Vpc,
    Account,
    Subnet,
    /// Interfaces of one subnet with the same security groups
    Class,
}

/// What network is made up, and how it is written.
#[derive(Args, Clone, Debug)]
#[command(after_help = GENERATE_EXAMPLES)]
pub(super) struct Generate {
    /// What the network is like
    #[arg(long, help_heading = MADE_UP, value_name = "SHAPE", default_value = "fleet")]
    pub shape: Wrought,
    /// How many VPCs; the first is in an account of its own, then two in each
    #[arg(long, help_heading = MADE_UP, value_name = "NUMBER", default_value_t = 10)]
    pub vpcs: u32,
    /// How many network interfaces in each VPC, besides those of NAT and transit gateways
    #[arg(long, help_heading = MADE_UP, value_name = "NUMBER", default_value_t = 100)]
    pub interfaces: u32,
    /// What chance starts from
    #[arg(long, help_heading = MADE_UP, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Where to: a new or empty folder, or a file for a scenario (else it is printed)
    #[arg(short, long, help_heading = MADE_UP, value_name = "PATH")]
    pub out: Option<String>,
    /// What to write [default: scenario where PATH ends in .yaml, else describe]
    #[arg(long = "as", help_heading = MADE_UP, value_name = "WHAT")]
    pub written: Option<Written>,
}

const MADE_UP: &str = "The network";

const GENERATE_EXAMPLES: &str = "\
Examples:
  reach generate --out net                                  10 VPCs of 100 interfaces
  reach -f net audit                                        who can reach whom in it?
  reach generate --vpcs 1000 --interfaces 1000 --out big    a million interfaces, 2 GB
  reach generate --vpcs 3 --interfaces 6 --as scenario      a small one, to read";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Wrought {
    /// Spokes around a hub's transit gateway that keeps prod and dev apart; few groups for many
    Fleet,
    /// The same, with a group for each interface alone that admits one host
    NoReuse,
    /// The same, with IPv6 beside IPv4
    Ipv6,
    /// The same, with several VPCs having each block
    Overlap,
    /// A chain of peered transit gateways
    Deep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Written {
    /// What the AWS CLI would have saved: ACCOUNT/REGION/CALL.json
    Describe,
    /// A scenario, of at most 10,000 interfaces
    Scenario,
}

/// Which accounts and Regions are asked, and as whom. What is not said is as for any AWS tool.
#[derive(Args, Clone, Debug)]
pub(super) struct Source {
    /// A profile of the AWS configuration
    #[arg(long, value_name = "NAME", help_heading = "Live AWS")]
    pub profile: Option<String>,
    /// A Region, several times for several, or `all`
    #[arg(long, value_name = "REGION", help_heading = "Live AWS", value_delimiter = ',')]
    pub region: Vec<String>,
    /// A role to assume
    #[arg(long, value_name = "ARN", help_heading = "Live AWS")]
    #[arg(conflicts_with_all = ["role_name", "accounts", "organization"])]
    pub role_arn: Option<String>,
    /// The role to assume in every account but one's own
    #[arg(long, value_name = "NAME", help_heading = "Live AWS")]
    pub role_name: Option<String>,
    /// The accounts to ask
    #[arg(long, value_name = "ID,…", help_heading = "Live AWS", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Ask every active account of the organization
    #[arg(long, help_heading = "Live AWS", requires = "role_name")]
    pub organization: bool,
    /// What the roles want to be told
    #[arg(long, value_name = "ID", help_heading = "Live AWS")]
    pub external_id: Option<String>,
    /// Capture only what the answers about one ECS service need
    #[arg(long, value_name = "service/[CLUSTER/]NAME", help_heading = "Live AWS")]
    pub focus: Option<String>,
    /// How long one call may take
    #[arg(long, value_name = "SECONDS", default_value = "30", help_heading = "Live AWS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,
}

/// Options of `reach snapshot`.
#[derive(Args, Clone, Debug)]
pub(super) struct Snapshot {
    #[command(flatten)]
    pub source: Source,
    /// The folder to save to, or one file when it ends in .tar.zst
    #[arg(short, long, value_name = "PATH", default_value = "snapshot")]
    pub output: String,
    /// Go on with a capture that did not come to its end
    #[arg(long)]
    pub resume: bool,
    /// Print the IAM policy that the capture needs, and capture nothing
    #[arg(long, conflicts_with = "print_script")]
    pub print_policy: bool,
    /// Print a shell script of AWS CLI calls that saves the same, and capture nothing
    #[arg(long)]
    pub print_script: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}
