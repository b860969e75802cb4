//! The main job, stage by stage: load saved AWS CLI output, complete and lower it, answer one query.

mod seeded;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use vpc_reach::answer::{Query, Verdict};
use vpc_reach::query::World;
use vpc_reach::read::describe;

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 3] = [(1, 10), (10, 100), (100, 100)];

fn stages(criterion: &mut Criterion) {
    for (vpcs, interfaces) in SIZES {
        let documents = seeded::capture(vpcs, interfaces, 7);
        let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
        let loaded = describe::read(&documents).expect("the seeded capture is well-formed");
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
        for text in ["web-0 -> ecr.dkr", "front-0 -> web-0"] {
            let asked: Query = text.parse().expect("the query is well-formed");
            let answer = world.ask(&asked).expect("the query names what is there");
            assert_eq!(answer.verdict, Verdict::Reachable, "{text}");
            query.bench_function(BenchmarkId::new(text, &size), |bencher| {
                bencher.iter(|| world.ask(black_box(&asked)));
            });
        }
        query.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
