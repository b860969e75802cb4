//! What a disagreement prints is a scenario file: it can be read back, and it is the same network.

mod random;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use random::{CODES, RARE, case, to_scenario};
use vpc_reach::network::Coverage;
use vpc_reach::read::scenario;

const CASES: usize = 400;

#[test]
fn a_printed_network_reads_back_with_the_same_parts() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (cases, mut read, mut unread) = (case(), 0, Vec::new());
    for _ in 0..CASES {
        let case = cases.new_tree(&mut runner).unwrap().current();
        // A capture may name what it does not hold; a scenario may not.
        if case.network.coverage != Coverage::Stated {
            continue;
        }
        let text = to_scenario(&case.network);
        match scenario::read("printed.yaml", &text, &mut |base| panic!("no base {base}")) {
            Ok(loaded) => {
                let printed = &case.network;
                assert_eq!(loaded.network.subnets.len(), printed.subnets.len(), "{text}");
                assert_eq!(loaded.network.nat_gateways.len(), printed.nat_gateways.len(), "{text}");
                assert_eq!(
                    loaded
                        .network
                        .security_groups
                        .keys()
                        .filter(|id| printed.security_groups.contains_key(*id))
                        .count(),
                    printed.security_groups.len(),
                    "{text}"
                );
                read += 1;
            }
            Err(error) => unread.push(error.message),
        }
    }
    // Ids that point nowhere are drawn on purpose, and a scenario must not have them.
    unread.retain(|message| {
        !message.starts_with("there is no ")
            && message != "`pl-gone` is no destination"
            // A subnet's table as a gateway's own.
            && !message.contains(" cannot have a route for ")
    });
    assert!(unread.is_empty(), "{unread:#?}");
    assert!(
        read > CASES / 2,
        "only {read} of {CASES} read back; {} codes",
        CODES.len() + RARE.len()
    );
}
