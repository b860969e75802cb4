//! Loading: saved AWS CLI output to a network, beside serde_json, which only parses the same bytes;
//! and the second start, from what the first one kept.
//!
//! `REACH_BENCH_FOLDER=DIR cargo bench --bench load` measures a folder of one's own, too, up to the
//! compiled graph: once, in processes of their own, with the memory that each took.

mod made;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};
use vpc_reach::complete::complete;
use vpc_reach::graph::Graph;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{Cache, Loaded, Parameters, Reading, load_with};

/// VPCs and interfaces per VPC.
const SIZES: [(u32, u32); 2] = [(10, 100), (100, 100)];

/// What tells a process that it is to read a folder in one of the ways, and report.
const CHILD: &str = "REACH_BENCH_CHILD";

fn in_memory(criterion: &mut Criterion) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for (vpcs, interfaces) in SIZES {
        let documents = made::fleet(vpcs, interfaces, 7);
        let bytes: usize = documents.iter().map(|document| document.text.len()).sum();
        let size = format!("{vpcs} VPCs, {} interfaces, {} KiB", vpcs * interfaces, bytes / 1024);
        let mut group = criterion.benchmark_group("load");
        group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("reach, 1 thread", &size), |bencher| {
            bencher.iter(|| describe::read_with(black_box(&documents), 1));
        });
        group.bench_function(
            BenchmarkId::new(format!("reach, {cores} threads"), &size),
            |bencher| bencher.iter(|| describe::read_with(black_box(&documents), cores)),
        );
        group.bench_function(BenchmarkId::new("serde_json::Value, 1 thread", &size), |bencher| {
            bencher.iter(|| documents.iter().for_each(parse));
        });
        group.finish();
    }
}

fn parse(document: &Document) {
    drop(black_box(serde_json::from_str::<serde_json::Value>(&document.text)));
}

fn second_start(criterion: &mut Criterion) {
    for (vpcs, interfaces) in SIZES {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut bytes = 0;
        for document in made::fleet(vpcs, interfaces, 7) {
            let path = folder.path().join("input").join(&document.file);
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("there is room");
            fs::write(path, &document.text).expect("there is room");
            bytes += document.text.len();
        }
        let input = folder.path().join("input");
        // Later, so that the files are old enough to be told apart by their times.
        let later = SystemTime::now() + Duration::from_secs(10);
        let cache = Cache::new(folder.path().join("cache"), "bench", later).from_bytes(0);
        let read = |cache: Option<&Cache>| {
            let reading = Reading { cache, ..Reading::default() };
            loaded(&input, &reading)
        };
        assert!(read(Some(&cache)).network == read(Some(&cache)).network, "it is kept");
        let size = format!("{vpcs} VPCs, {} interfaces, {} KiB", vpcs * interfaces, bytes / 1024);
        let mut group = criterion.benchmark_group("start");
        group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("first, from the files", &size), |bencher| {
            bencher.iter(|| read(None));
        });
        group.bench_function(BenchmarkId::new("second, from the cache", &size), |bencher| {
            bencher.iter(|| read(Some(&cache)));
        });
        group.finish();
    }
}

fn loaded(input: &Path, reading: &Reading<'_>) -> Loaded {
    let path = input.to_str().expect("the path is text");
    load_with(path, &Parameters::new(), reading).expect("it is read")
}

/// A folder of one's own, in each way once, each in a process of its own.
fn own_folder(_: &mut Criterion) {
    let Some(folder) = env::var_os("REACH_BENCH_FOLDER").map(PathBuf::from) else { return };
    let home = tempfile::tempdir().expect("there is room for a folder");
    println!(
        "{}: {} MB in {} files",
        folder.display(),
        size(&folder).0 / 1_000_000,
        size(&folder).1
    );
    for way in
        ["1 thread", "all threads", "first, kept", "second, from the cache", "serde_json::Value"]
    {
        let output = Command::new(env::current_exe().expect("this program has a path"))
            .env(CHILD, way)
            .env("REACH_BENCH_CACHE", home.path().join("cache"))
            .output()
            .expect("this program starts again");
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Reads the folder in one way, compiles it, and says how long that took and the memory that it took.
fn child(way: &str) {
    let folder = PathBuf::from(env::var_os("REACH_BENCH_FOLDER").expect("it is handed down"));
    let home = env::var_os("REACH_BENCH_CACHE").expect("it is handed down");
    let cache = Cache::new(home, "bench", SystemTime::now()).from_bytes(0);
    let megabytes = size(&folder).0 as f64 / 1e6;
    let start = Instant::now();
    let reading = match way {
        "1 thread" => Reading { threads: 1, ..Reading::default() },
        "all threads" => Reading::default(),
        "first, kept" | "second, from the cache" => {
            Reading { cache: Some(&cache), ..Reading::default() }
        }
        _ => {
            each_file(&folder, &mut |file| {
                let text = fs::read_to_string(file).unwrap_or_default();
                parse(&Document::new("", &text));
            });
            let took = start.elapsed();
            let speed = megabytes / took.as_secs_f64();
            println!("  {way}: {took:.2?}, {speed:.0} MB/s, at most {} MB", memory("VmHWM:"));
            return;
        }
    };
    let network = loaded(&folder, &reading).network;
    let read = start.elapsed();
    let complete = complete(network);
    let completed = start.elapsed();
    let before = memory("VmRSS:");
    let graph = Graph::new(&complete);
    let took = start.elapsed();
    let grown = memory("VmRSS:").saturating_sub(before);
    let interfaces = graph.interfaces.len();
    println!(
        "  {way}: {took:.2?} (read {read:.2?}, complete {:.2?}, lower {:.2?}), {:.0} MB/s, at most \
         {} MB; the network takes {before} MB, the graph of {interfaces} interfaces {grown} MB \
         more: {} bytes each",
        completed - read,
        took - completed,
        megabytes / took.as_secs_f64(),
        memory("VmHWM:"),
        grown * 1_000_000 / interfaces.max(1),
    );
    // No time is spent on giving back what ends with the process.
    std::mem::forget((complete, graph));
}

/// A figure of this process's memory in MB, where the system tells.
fn memory(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kilobytes = line.trim().trim_end_matches(" kB").parse::<usize>();
    kilobytes.unwrap_or_default() * 1024 / 1_000_000
}

fn size(folder: &Path) -> (u64, usize) {
    let (mut bytes, mut count) = (0, 0);
    each_file(folder, &mut |file| {
        bytes += fs::metadata(file).map_or(0, |metadata| metadata.len());
        count += 1;
    });
    (bytes, count)
}

fn each_file(folder: &Path, found: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => each_file(&path, found),
            false => found(&path),
        }
    }
}

fn begin(_: &mut Criterion) {
    if let Ok(way) = env::var(CHILD) {
        child(&way);
        std::process::exit(0);
    }
}

criterion_group!(benches, begin, own_folder, in_memory, second_start);
criterion_main!(benches);
