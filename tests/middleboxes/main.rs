//! Appliances, NAT instances, gateway route tables and firewalls: what a person asks, and what they
//! are told.

mod firewalls;
mod hosts;

use vpc_reach::answer::{Answer, Direction, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::scenario;

fn ask_with(text: &str, query: &str, assumptions: &[(&str, &str)]) -> Answer {
    let loaded = scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}"));
    let mut network =
        loaded.unwrap_or_else(|error| panic!("{error} {:?}\n{text}", error.at)).network;
    for (name, value) in assumptions {
        network.assumptions.set(name, value).unwrap();
    }
    let mut answer = World::new(network).ask(&query.parse().unwrap()).unwrap();
    answer.answers.remove(0)
}

fn ask(text: &str, query: &str) -> Answer {
    ask_with(text, query, &[])
}

/// Verdict, and of the first blocker its way, code and resource.
fn first(answer: &Answer) -> (Verdict, Option<(Direction, &str, &str)>) {
    let first = answer.blockers.first();
    (answer.verdict, first.map(|one| (one.direction, &*one.code.0, one.resource.label())))
}

fn blocked(text: &str, query: &str, direction: Direction, code: &str, resource: &str) {
    let answer = ask(text, query);
    assert_eq!(
        first(&answer),
        (Verdict::Blocked, Some((direction, code, resource))),
        "{answer:#?}"
    );
}

fn reachable(text: &str, query: &str) -> Answer {
    let answer = ask(text, query);
    assert_eq!(answer.verdict, Verdict::Reachable, "{answer:#?}");
    answer
}

fn unknown(text: &str, query: &str, fact: &str) {
    let answer = ask(text, query);
    assert_eq!(answer.verdict, Verdict::Unknown, "{answer:#?}");
    assert!(answer.missing[0].fact.contains(fact), "{:?}", answer.missing);
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

fn refusal(text: &str) -> String {
    let error = scenario::read("reach.yaml", text, &mut |base| panic!("no base {base}"));
    error.unwrap_err().message
}
