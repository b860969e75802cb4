//! The main job, stage by stage: load saved AWS CLI output, complete and lower it, answer one query;
//! and what is asked of a network that is loaded already: what if, for one query and for all pairs, and
//! the part that an answer needs.

mod made;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::audit::{By, Ports, Question};
use vpc_reach::compare::{Given, pair_changes};
use vpc_reach::header::{Family, Protocol};
use vpc_reach::query::World;
use vpc_reach::read::describe;
use vpc_reach::read::scenario::Overlay;
use vpc_reach::slice::slice;

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 3] = [(1, 10), (10, 100), (100, 100)];

fn stages(criterion: &mut Criterion) {
    for (vpcs, interfaces) in SIZES {
        let documents = made::fleet(vpcs, interfaces, 7);
        let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
        let loaded = describe::read(&documents).expect("what is generated is read");
        let world = World::new(loaded.network.clone());
        let size = format!(
            "{vpcs} VPCs, {} interfaces, {} KiB, {} places, {} passages",
            vpcs * interfaces,
            bytes / 1024,
            world.graph.places.node_count(),
            world.graph.places.edge_count()
        );

        let mut load = criterion.benchmark_group("load");
        load.throughput(Throughput::Bytes(bytes as u64));
        load.bench_function(BenchmarkId::from_parameter(&size), |bencher| {
            bencher.iter(|| describe::read(black_box(&documents)));
        });
        load.finish();

        let mut lower = criterion.benchmark_group("complete and lower");
        lower.bench_function(BenchmarkId::from_parameter(&size), |bencher| {
            bencher.iter_batched(|| loaded.network.clone(), World::new, BatchSize::LargeInput);
        });
        lower.finish();

        let mut query = criterion.benchmark_group("one query");
        let own = if vpcs == 1 { "prod-0" } else { "hub" };
        let texts =
            [format!("{own}-app-0 -> ecr.dkr"), format!("{own}-front -> service/{own}-app-0")];
        for text in &texts {
            let asked: Query = text.parse().expect("the query is well-formed");
            let answer = world.ask(&asked).expect("the query names what is there");
            assert_eq!(answer.verdict, Verdict::Reachable, "{text}");
            query.bench_function(BenchmarkId::new(text, &size), |bencher| {
                bencher.iter(|| world.ask(black_box(&asked)));
            });
        }
        query.finish();

        // One rule more, asked of what is loaded, against reading it all again.
        let asked: Query = texts[0].parse().expect("the query is well-formed");
        let group = loaded.network.security_groups.keys().next().expect("there is a group");
        let rule = format!(
            "security_groups: {{ {group}: {{ egress: {{ +: {{ to: 192.0.2.1/32, port: 9 }} }} }} }}"
        );
        let overlay = Overlay::read("rule.yaml", &rule).expect("the overlay is well-formed");
        let changed = || {
            let edited = overlay.apply(&loaded.network).expect("AWS would take it");
            world.edited(&loaded.network, edited).ask(&asked)
        };
        let again = || {
            let read = describe::read(&documents).expect("it has been read before");
            World::new(read.network).ask(&asked)
        };
        let mut what_if = criterion.benchmark_group("what if, one query");
        what_if.bench_function(BenchmarkId::new("on what is loaded", &size), |bencher| {
            bencher.iter(|| black_box(changed()));
        });
        what_if.bench_function(BenchmarkId::new("loaded again", &size), |bencher| {
            bencher.iter(|| black_box(again()));
        });
        what_if.finish();
        let (changed, again) = (least(changed), least(again));
        let ratio = again.as_secs_f64() / changed.as_secs_f64();
        println!(
            "what if: {changed:?} on what is loaded, {again:?} loaded again: {ratio:.1} times"
        );

        // Which pairs of interfaces that rule opens, on the ports that it can touch.
        let edited = overlay.apply(&loaded.network).expect("AWS would take it");
        let after = world.edited(&loaded.network, edited.clone());
        let question = Question {
            protocol: Protocol::Tcp,
            family: Family::V4,
            ports: Ports::Every,
            by: By::Vpc,
            walks: 20_000,
        };
        let mut pairs = criterion.benchmark_group("what if, all pairs");
        pairs.sample_size(10);
        pairs.bench_function(BenchmarkId::from_parameter(&size), |bencher| {
            let before = Given { network: &loaded.network, world: &world };
            let after = Given { network: &edited, world: &after };
            bencher.iter(|| pair_changes(black_box(before), after, &question));
        });
        pairs.finish();

        let mut sliced = criterion.benchmark_group("slice");
        sliced.sample_size(10);
        sliced.bench_function(BenchmarkId::from_parameter(&size), |bencher| {
            bencher.iter(|| slice(black_box(&loaded.network), &asked));
        });
        sliced.finish();
    }
}

/// The shortest of a few runs.
fn least<T>(run: impl Fn() -> T) -> Duration {
    let once = || {
        let start = Instant::now();
        black_box(run());
        start.elapsed()
    };
    (0..5).map(|_| once()).min().unwrap_or_default()
}

criterion_group!(benches, stages);
criterion_main!(benches);
