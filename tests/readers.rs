//! No reader panics, whatever it is given: what it is known to read, and that with bytes changed.
//!
//! `REACH_FUZZ_SECONDS` sets how long each reader is tried; `tests/fuzz/run` tries them with
//! libFuzzer.

#[path = "fuzz/readers.rs"]
mod readers;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A generator that needs no seed of the day.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit.max(1) as u64)).unwrap()
    }
}

/// What a reader is known to read.
fn seeds(reader: &str) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let collect = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/collect");
    let done = Command::new(collect).arg(reader).arg(folder.path()).status().unwrap();
    assert!(done.success(), "the seeds of {reader} cannot be collected");
    let mut files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// One seed with some of it changed, cut out, doubled, or put in from another.
fn changed(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let end = (at + 1 + numbers.below(24)).min(bytes.len());
        match numbers.below(5) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(numbers.below(256)).unwrap(),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let other = &seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len());
                let to = (from + numbers.below(64)).min(other.len());
                bytes.splice(at..at, other[from..to].iter().copied());
            }
            _ => bytes.truncate(end),
        }
    }
    bytes
}

#[test]
fn no_reader_panics() {
    let seconds = std::env::var("REACH_FUZZ_SECONDS").ok();
    let seconds = seconds.map_or(1, |text| text.parse().expect("a number of seconds"));
    for (reader, _) in readers::READERS {
        let seeds = seeds(reader);
        assert!(!seeds.is_empty(), "no seeds for {reader}");
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        let mut tried = 0_u32;
        while tried == 0 || Instant::now() < end {
            readers::read(reader, &changed(&seeds, &mut numbers));
            tried += 1;
        }
        println!("{tried:>8}  {reader}");
    }
}
