//! What a container listens on, inferred from its definition alone.

mod commands;
mod definitions;
mod keys;

/// A service behind a load balancer; `{port}` is what is registered.
const NETWORK: &str = "\
region: us-east-1
vpcs: { app: { cidr: 10.0.0.0/16 } }
subnets: { a: { vpc: app, cidr: 10.0.1.0/24, az: us-east-1a } }
security_groups:
  lb: { vpc: app }
  task: { vpc: app, ingress: [{ from: lb }] }
load_balancers:
  front: { subnets: [a], scheme: internal, security_groups: [lb], listeners: { 80: web } }
target_groups: { web: { vpc: app, port: {port} } }
services:
  web: { subnets: [a], security_groups: [task], task_definition: web, target_group: web, port: {port} }
task_definitions: { web: { containers: { app: { port: {port} } } } }
";
