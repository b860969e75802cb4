//! Load balancers in `reach check`: which of their nodes reach which targets, what their settings
//! bring about, and what they will say.

#[path = "balancers/health.rs"]
mod health;
#[path = "balancers/hosts.rs"]
mod hosts;
#[path = "balancers/network.rs"]
mod network;
#[path = "balancers/network_balancer.rs"]
mod network_balancer;
#[path = "balancers/settings.rs"]
mod settings;
#[path = "balancers/ways.rs"]
mod ways;
