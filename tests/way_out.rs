//! Where packets leave a VPC: what a person asks, and what they are told.

#[path = "way_out/boundaries.rs"]
mod boundaries;
#[path = "way_out/limits.rs"]
mod limits;
#[path = "way_out/pings.rs"]
mod pings;
#[path = "way_out/public_access.rs"]
mod public_access;
#[path = "way_out/regional.rs"]
mod regional;

use vpc_reach::answer::{Answer, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::{Loaded, scenario};

fn scenario(text: &str) -> Loaded {
    scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}")).unwrap()
}

fn refusal(text: &str) -> (String, String) {
    let error = scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}"));
    let error = error.unwrap_err();
    (error.message, error.hint.unwrap_or_default())
}

fn ask(text: &str, query: &str) -> Answer {
    ask_of(scenario(text).network, query)
}

fn ask_of(network: vpc_reach::network::Network, query: &str) -> Answer {
    let mut answer = World::new(network).ask(&query.parse().unwrap()).unwrap();
    answer.answers.remove(0)
}

/// The verdict, and the first blocker's code where there is one.
fn fate(text: &str, query: &str) -> (Verdict, String) {
    let answer = ask(text, query);
    let code = answer.blockers.first().map(|one| one.code.to_string()).unwrap_or_default();
    (answer.verdict, code)
}
