//! Every reader of the library behind one door: bytes in, and whatever they are, no panic.
//!
//! What can be read is taken on: lowered, checked and asked, as a command would.

use std::path::PathBuf;
use std::sync::LazyLock;
use vpc_reach::answer::{Expectation, Query};
use vpc_reach::check::check;
use vpc_reach::diagnose::{self, Held};
use vpc_reach::doctor;
use vpc_reach::edit::observe;
use vpc_reach::network::Network;
use vpc_reach::query::World;
use vpc_reach::read::describe::{self, Document};
use vpc_reach::read::{ReadError, evidence, load, manifest, scenario};

/// A reader by its name.
type Reader = (&'static str, fn(&[u8], &str));

/// The readers: what each is called, and what it does with bytes and with the text they hold.
pub const READERS: [Reader; 9] = [
    ("scenario", |_, text| {
        if let Ok(loaded) = scenario::read("reach.yaml", text, &mut no_base) {
            take_on(loaded.network, &loaded.expectations);
        }
    }),
    ("describe", |_, text| {
        if let Ok(loaded) = describe::read(&[Document::new("describe-vpcs.json", text)]) {
            take_on(loaded.network, &[]);
        }
    }),
    ("archive", |bytes, _| {
        for ending in ["tar", "tar.zst"] {
            saved(ending, bytes);
        }
    }),
    ("manifest", |_, text| drop(manifest::read("manifest.json", text))),
    ("sockets", |_, text| listens(text)),
    ("startup_log", |_, text| listens(text)),
    ("template", |bytes, _| {
        for ending in ["json", "yaml"] {
            saved(ending, bytes);
        }
    }),
    ("query", |_, text| {
        if let Ok(query) = text.parse::<Query>() {
            drop(NETWORK.ask(&query));
        }
    }),
    ("symptom", |_, text| {
        let Ok(symptoms) = diagnose::read(text) else { return };
        let held = Held { world: &NETWORK, check: &check(&NETWORK, &[]), service: None };
        for symptom in symptoms.iter().take(8) {
            drop(diagnose::diagnose(symptom, None));
            drop(diagnose::diagnose(symptom, Some(&held)));
        }
    }),
];

/// A small network to ask of and to hold things against.
const SCENARIO: &str = include_str!("../../scenarios/app-on-loopback.yaml");

static NETWORK: LazyLock<World> = LazyLock::new(|| World::new(network()));

fn network() -> Network {
    scenario::read("reach.yaml", SCENARIO, &mut no_base).map_or_else(
        |error| panic!("the scenario cannot be read: {error:?}"),
        |loaded| loaded.network,
    )
}

/// Scenarios that start from another file do not get one.
fn no_base(_: &str) -> Result<Network, ReadError> {
    load("no-such-base.yaml").map(|loaded| loaded.network)
}

/// Hands bytes to a reader.
pub fn read(name: &str, bytes: &[u8]) {
    let found = READERS.iter().find(|(known, _)| *known == name);
    let (_, reader) = found.unwrap_or_else(|| panic!("there is no reader {name}"));
    reader(bytes, &String::from_utf8_lossy(bytes));
}

/// What is done with a network that could be read.
fn take_on(network: Network, expectations: &[Expectation]) {
    drop(doctor::lacks(&network));
    let world = World::new(network);
    drop(check(&world, expectations));
}

/// Reads bytes as a file of that ending.
fn saved(ending: &str, bytes: &[u8]) {
    let file: PathBuf =
        std::env::temp_dir().join(format!("reach-fuzz-{}.{ending}", std::process::id()));
    if std::fs::write(&file, bytes).is_ok()
        && let Ok(loaded) = load(&file.to_string_lossy())
    {
        take_on(loaded.network, &loaded.expectations);
    }
}

/// What listens, seen in the only service of [`NETWORK`].
fn listens(text: &str) {
    let Ok(dump) = evidence::read("ss.txt", text) else { return };
    let mut network = network();
    for seen in std::iter::once(dump.listening).chain(dump.log) {
        drop(observe(&mut network, "web", seen));
    }
    drop(check(&World::new(network), &[]));
}
