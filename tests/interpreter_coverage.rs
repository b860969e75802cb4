//! The random networks exercise every outcome that the reference walk can give.

mod random;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use random::{CODES, RARE};
use std::collections::BTreeMap;
use vpc_reach::answer::{Direction, Outcome, Stop};
use vpc_reach::interpret::interpret;

const CASES: usize = 5_000;

fn name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Delivered => "delivered".to_owned(),
        Outcome::Unknown { .. } => "unknown".to_owned(),
        Outcome::Stopped(stop) => stop.code.to_string(),
    }
}

#[test]
fn random_networks_show_every_outcome() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases = random::case();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut packets = 0;
    let started = std::time::Instant::now();
    for _ in 0..CASES {
        let case = cases.new_tree(&mut runner).expect("a case can be drawn").current();
        packets += case.packets.len();
        for packet in &case.packets {
            let outcome = interpret(&case.network, &case.flow, packet).outcome;
            let count = counts.entry(name(&outcome)).or_default();
            count.0 += 1;
            if let Outcome::Stopped(Stop { direction: Direction::Return, .. }) = outcome {
                count.1 += 1;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{CASES} cases, {packets} packets, {:.0} cases/s", CASES as f64 / seconds);
    for (name, (count, back)) in &counts {
        let share = 100.0 * *count as f64 / packets as f64;
        println!("{share:6.2} %  {count:7}  {back:6} on the way back  {name}");
    }
    let share =
        |name: &str| counts.get(name).map_or(0.0, |(count, _)| *count as f64 / packets as f64);
    for code in CODES {
        assert!(share(code) >= 0.005, "{code}: {:.2} %", 100.0 * share(code));
    }
    assert!(RARE.iter().all(|code| share(code) > 0.0), "{RARE:?}");
    assert!(share("delivered") >= 0.2);
    assert!(share("unknown") >= 0.005);
    let known = counts.keys().all(|name| {
        CODES.contains(&name.as_str())
            || RARE.contains(&name.as_str())
            || ["delivered", "unknown"].contains(&name.as_str())
    });
    assert!(known, "an outcome that is not listed: {:?}", counts.keys());
}

/// A failure is reported as a scenario, so each must at least be one that can be parsed.
#[test]
fn random_networks_print_as_yaml() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[8; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let cases = random::case();
    for _ in 0..200 {
        let case = cases.new_tree(&mut runner).expect("a case can be drawn").current();
        let text = vpc_reach::read::scenario::write(&case.network);
        let read: Result<serde_json::Value, _> = serde_saphyr::from_str(&text);
        let subnets = read.map(|read| read["subnets"].as_object().map_or(0, serde_json::Map::len));
        assert_eq!(subnets.expect(&text), case.network.subnets.len(), "{text}");
    }
}
