//! Large captures: read on several threads, and kept so that they are read once.

use assert_cmd::Command;
use proptest::prelude::*;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use vpc_reach::generate::{Folder, Order, Plan, Shape, write_describe};
use vpc_reach::read::{Cache, Loaded, Parameters, ReadError, Reading, load_with};

/// The folder that files are written into.
struct Disk<'p>(&'p Path);

impl Folder for Disk<'_> {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap())?;
        Ok(Box::new(BufWriter::new(File::create(path)?)))
    }
}

fn generate(folder: &Path, vpcs: u32, interfaces: u32) {
    let order = Order { shape: Shape::Fleet, vpcs, interfaces, seed: 5 };
    write_describe(&Plan::new(order).unwrap(), &mut Disk(folder)).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// As if a folder's files had been there for a while.
fn settle(folder: &Path) {
    let then = SystemTime::now() - Duration::from_secs(3600);
    for file in files(folder) {
        File::options().append(true).open(file).unwrap().set_modified(then).unwrap();
    }
}

/// A copy of a capture of the tests, whose files have been there for a while.
fn capture(name: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name);
    let to = TempDir::new().unwrap();
    for file in files(&from) {
        let copy = to.path().join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&file, copy).unwrap();
    }
    settle(to.path());
    to
}

fn load(folder: &Path, reading: &Reading<'_>) -> Result<Loaded, ReadError> {
    load_with(folder.to_str().unwrap(), &Parameters::new(), reading)
}

fn cache(folder: &Path) -> Cache {
    Cache::new(folder.join("cache"), "this build", SystemTime::now()).from_bytes(0)
}

/// A network as it is read with a cache, and whether files were read for it.
fn with(cache: &Cache, folder: &Path) -> (Loaded, bool) {
    let read = AtomicUsize::new(0);
    let told = |_, _| {
        read.fetch_add(1, Ordering::Relaxed);
    };
    let reading = Reading { threads: 2, cache: Some(cache), progress: Some(&told) };
    let loaded = load(folder, &reading).unwrap();
    (loaded, read.into_inner() > 0)
}

/// The one file that the cache holds.
fn kept(cache_folder: &Path) -> PathBuf {
    let all = files(&cache_folder.join("cache"));
    let [one] = all.as_slice() else { panic!("one file is kept: {all:?}") };
    one.clone()
}

#[track_caller]
fn assert_same(one: &Loaded, other: &Loaded) {
    assert!(one.network == other.network, "the networks differ");
    assert_eq!(one.notes, other.notes);
}

#[test]
fn several_accounts_are_read_alike_by_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), 24, 100);
    let size: u64 = files(folder.path()).iter().map(|it| fs::metadata(it).unwrap().len()).sum();
    assert!(size > 3 << 20, "there is enough for several threads");
    let read = |threads| load(folder.path(), &Reading { threads, ..Reading::default() }).unwrap();
    let alone = read(1);
    for threads in [2, 3, 16] {
        assert_same(&read(threads), &alone);
    }
}

#[test]
fn of_several_errors_the_first_is_told_by_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), 24, 100);
    let files = files(folder.path());
    let interfaces = files.iter().filter(|file| file.ends_with("describe-network-interfaces.json"));
    let broken: Vec<_> = interfaces.skip(4).step_by(3).collect();
    assert!(broken.len() > 1);
    for file in &broken {
        fs::write(file, "{\"NetworkInterfaces\": [{\"NetworkInterfaceId\": 7}]}").unwrap();
    }
    for threads in [1, 2, 7] {
        let reading = Reading { threads, ..Reading::default() };
        let at = load(folder.path(), &reading).unwrap_err().at.unwrap();
        assert_eq!(*at.file, *broken[0].to_str().unwrap());
    }
}

#[test]
fn beside_a_template_a_broken_file_does_not_matter() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.json"), "{\"Vpcs\": [").unwrap();
    let template = "{\"Resources\": {\"V\": {\"Type\": \"AWS::EC2::VPC\",
        \"Properties\": {\"CidrBlock\": \"10.0.0.0/16\"}}}}";
    fs::write(folder.path().join("b.template.json"), template).unwrap();
    let loaded = load(folder.path(), &Reading::default()).unwrap();
    assert!(loaded.network.planned);
    assert_eq!(loaded.network.vpcs.len(), 1);
}

fn captures() -> [TempDir; 3] {
    ["isolated-with-endpoints", "isolated-without-dkr", "nat-per-zone"].map(capture)
}

#[test]
fn what_is_kept_is_what_was_read() {
    let large = TempDir::new().unwrap();
    generate(large.path(), 6, 40);
    settle(large.path());
    for folder in captures().iter().chain([&large]) {
        let home = TempDir::new().unwrap();
        let plain = load(folder.path(), &Reading::default()).unwrap();
        let (first, read) = with(&cache(home.path()), folder.path());
        assert!(read);
        assert_same(&first, &plain);
        let (second, read) = with(&cache(home.path()), folder.path());
        assert!(!read, "the second time no file is read");
        assert_same(&second, &plain);
    }
}

#[test]
fn an_answer_from_the_cache_is_the_answer_byte_for_byte() {
    let fleet = TempDir::new().unwrap();
    generate(fleet.path(), 3, 12);
    settle(fleet.path());
    let commands: [&[&str]; 5] = [
        &["check"],
        &["check", "--format", "json"],
        &["subnet-0000000000000000a -> 10.0.1.9:443", "--format", "json"],
        &["audit"],
        &["audit", "--format", "json"],
    ];
    for folder in captures().iter().chain([&fleet]) {
        let home = TempDir::new().unwrap();
        let run = |arguments: &[&str], wanted: &str| {
            let output = Command::cargo_bin("reach")
                .unwrap()
                .args(["-f", folder.path().to_str().unwrap()])
                .args(arguments)
                .env("REACH_CACHE_DIR", home.path())
                .env("REACH_CACHE", wanted)
                .output()
                .unwrap();
            (output.status.code(), output.stdout, output.stderr)
        };
        for arguments in commands {
            let without = run(arguments, "off");
            assert_eq!(run(arguments, "all"), without, "{arguments:?}, kept");
            assert_eq!(files(home.path()).len(), 1, "it is kept");
            assert_eq!(run(arguments, "all"), without, "{arguments:?}, from the cache");
        }
    }
}

#[test]
fn small_input_and_input_that_was_changed_just_now_is_not_kept() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let small = Cache::new(home.path().join("cache"), "this build", SystemTime::now());
    with(&small, folder.path());
    assert!(!home.path().join("cache").exists(), "a few kilobytes are read at once");
    let file = files(folder.path()).remove(0);
    File::options().append(true).open(file).unwrap().set_modified(SystemTime::now()).unwrap();
    let (loaded, _) = with(&cache(home.path()), folder.path());
    assert!(!home.path().join("cache").exists(), "the next change might not show");
    assert!(loaded.notes.is_empty(), "{:?}", loaded.notes);
}

#[test]
fn a_template_is_not_kept() {
    let (home, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let template = "{\"Resources\": {\"V\": {\"Type\": \"AWS::EC2::VPC\",
        \"Properties\": {\"CidrBlock\": \"10.0.0.0/16\"}}}}";
    fs::write(folder.path().join("b.template.json"), template).unwrap();
    settle(folder.path());
    with(&cache(home.path()), folder.path());
    assert!(!home.path().join("cache").exists());
}

#[test]
fn changed_files_are_read_anew_with_a_note() {
    let (home, folder) = (TempDir::new().unwrap(), capture("isolated-with-endpoints"));
    with(&cache(home.path()), folder.path());
    let vpcs = files(folder.path()).into_iter().find(|it| it.ends_with("describe-vpcs.json"));
    let vpcs = vpcs.unwrap();
    let text = fs::read_to_string(&vpcs).unwrap();
    let then = fs::metadata(&vpcs).unwrap().modified().unwrap();
    let touch = |then: SystemTime| {
        File::options().append(true).open(&vpcs).unwrap().set_modified(then).unwrap();
    };
    let said = |what: &str| {
        let (loaded, read) = with(&cache(home.path()), folder.path());
        assert!(read, "{what}");
        let notes: Vec<_> = loaded.notes.iter().filter(|it| it.contains("out of date")).collect();
        assert_eq!(notes.len(), 1, "{what}: {:?}", loaded.notes);
        let (again, read) = with(&cache(home.path()), folder.path());
        assert!(!read, "{what}: what was read anew is kept");
        assert!(again.network == loaded.network);
    };
    fs::write(&vpcs, format!("{text}\n")).unwrap();
    touch(then);
    said("another size, the time set back");
    touch(then - Duration::from_nanos(1000));
    said("another time");
    let other = folder.path().join("describe-other.json");
    fs::write(&other, "{\"Vpcs\": []}").unwrap();
    settle(folder.path());
    said("one file more");
    fs::remove_file(other).unwrap();
    said("one file less");
}

#[cfg(unix)]
#[test]
fn another_file_of_the_same_size_and_time_is_read_anew() {
    let (home, folder) = (TempDir::new().unwrap(), capture("isolated-with-endpoints"));
    with(&cache(home.path()), folder.path());
    let file = files(folder.path()).into_iter().find(|it| it.ends_with("describe-vpcs.json"));
    let file = file.unwrap();
    let then = fs::metadata(&file).unwrap().modified().unwrap();
    let text = fs::read_to_string(&file).unwrap().replace("10.", "11.");
    fs::write(&file, text).unwrap();
    File::options().append(true).open(&file).unwrap().set_modified(then).unwrap();
    // What it says now cannot be: its subnets lie outside it.
    let cache = cache(home.path());
    let reading = Reading { cache: Some(&cache), ..Reading::default() };
    let error = load(folder.path(), &reading).unwrap_err();
    assert!(error.message.contains("lies outside its VPC"), "{error}");
}

/// Puts other bytes in the place of what is kept: it is read anew, with one note that says why.
#[track_caller]
fn is_read_anew(home: &Path, folder: &Path, plain: &Loaded, bytes: &[u8]) {
    let file = kept(home);
    let good = fs::read(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let (loaded, read) = with(&cache(home), folder);
    assert!(read, "it was trusted");
    assert!(loaded.network == plain.network);
    let [note] = &loaded.notes[plain.notes.len()..] else { panic!("{:?}", loaded.notes) };
    assert!(note.contains("is damaged") || note.contains("another version"), "{note}");
    assert_eq!(fs::read(file).unwrap(), good, "it is kept anew");
}

#[test]
fn any_flipped_byte_and_any_missing_byte_is_seen() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let (plain, _) = with(&cache(home.path()), folder.path());
    let good = fs::read(kept(home.path())).unwrap();
    let all = 0..good.len();
    for place in all.clone().take(900).chain(all.clone().step_by(61)) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x40;
        is_read_anew(home.path(), folder.path(), &plain, &bytes);
    }
    for length in all.step_by(173) {
        is_read_anew(home.path(), folder.path(), &plain, &good[..length]);
    }
    is_read_anew(home.path(), folder.path(), &plain, &[good.as_slice(), &[0]].concat());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_kept_nothing_breaks(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<Vec<u8>>()), 1..4),
    ) {
        let (home, folder) = (TempDir::new().unwrap(), capture("isolated-without-dkr"));
        let (plain, _) = with(&cache(home.path()), folder.path());
        let mut bytes = fs::read(kept(home.path())).unwrap();
        for (place, new) in cuts {
            let start = place.index(bytes.len());
            let end = bytes.len().min(start + new.len() / 2);
            bytes.splice(start..end, new);
        }
        fs::write(kept(home.path()), bytes).unwrap();
        let (loaded, _) = with(&cache(home.path()), folder.path());
        prop_assert!(loaded.network == plain.network);
    }
}

#[test]
fn what_another_build_kept_is_read_anew_with_a_note() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let (plain, _) = with(&cache(home.path()), folder.path());
    let other = Cache::new(home.path().join("cache"), "that build", SystemTime::now());
    let (loaded, read) = with(&other.from_bytes(0), folder.path());
    assert!(read);
    assert!(loaded.network == plain.network);
    assert!(loaded.notes.iter().any(|it| it.contains("by another version of reach")));
    assert!(kept(home.path()).exists(), "it took the other's place");
}

#[test]
fn a_cache_that_cannot_be_written_is_done_without() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    fs::write(home.path().join("cache"), "no folder").unwrap();
    let plain = load(folder.path(), &Reading::default()).unwrap();
    let (loaded, read) = with(&cache(home.path()), folder.path());
    assert!(read);
    assert!(loaded.network == plain.network);
    let notes: Vec<_> = loaded.notes.iter().filter(|it| it.contains("cache")).collect();
    assert!(!notes.is_empty() && notes.iter().any(|it| it.contains("is not kept")), "{notes:?}");
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    with(&cache(home.path()), folder.path());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let caches = home.path().join("cache");
    assert_eq!((mode(&caches), mode(&kept(home.path()))), (0o700, 0o600));
    // Where others may write, what is there may be theirs.
    fs::set_permissions(&caches, fs::Permissions::from_mode(0o777)).unwrap();
    let (loaded, read) = with(&cache(home.path()), folder.path());
    assert!(read, "it was trusted");
    assert!(loaded.notes.iter().any(|it| it.contains("others may write in it")));
}

#[test]
fn several_at_once_do_not_disturb_each_other() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), 3, 30);
    settle(folder.path());
    let home = TempDir::new().unwrap();
    let plain = load(folder.path(), &Reading::default()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_same(&with(&cache(home.path()), folder.path()).0, &plain);
                }
            });
        }
    });
    let (again, read) = with(&cache(home.path()), folder.path());
    assert!(!read && kept(home.path()).exists());
    assert_same(&again, &plain);
}

#[test]
fn an_archive_is_kept_too() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let input = TempDir::new().unwrap();
    let archive = input.path().join("capture.tar");
    let mut tar = tar::Builder::new(File::create(&archive).unwrap());
    tar.append_dir_all("capture", folder.path()).unwrap();
    tar.finish().unwrap();
    settle(input.path());
    let plain = load(&archive, &Reading::default()).unwrap();
    assert!(!plain.network.is_empty());
    with(&cache(home.path()), &archive);
    let (loaded, read) = with(&cache(home.path()), &archive);
    assert!(!read && kept(home.path()).exists());
    assert_same(&loaded, &plain);
}

#[test]
fn the_base_of_a_scenario_is_kept_too() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let scenario = home.path().join("reach.yaml");
    fs::write(&scenario, format!("base: {}\n", folder.path().display())).unwrap();
    let plain = load(&scenario, &Reading::default()).unwrap();
    with(&cache(home.path()), &scenario);
    let (loaded, read) = with(&cache(home.path()), &scenario);
    assert!(!read && kept(home.path()).exists());
    assert_same(&loaded, &plain);
}

#[test]
fn the_command_line_turns_the_cache_off() {
    let (home, folder) = (TempDir::new().unwrap(), capture("nat-per-zone"));
    let reach = |arguments: &[&str], wanted: &str| {
        let mut command = Command::cargo_bin("reach").unwrap();
        command.args(["-f", folder.path().to_str().unwrap(), "doctor"]).args(arguments);
        command.env_remove("REACH_CACHE_DIR").env("XDG_CACHE_HOME", home.path());
        command.env("REACH_CACHE", wanted).output().unwrap()
    };
    reach(&["--no-cache"], "all");
    reach(&[], "off");
    reach(&[], "on");
    assert!(!home.path().join("vpc-reach").exists());
    reach(&[], "all");
    assert_eq!(files(&home.path().join("vpc-reach/networks")).len(), 1);
    let wrong = reach(&[], "maybe");
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("REACH_CACHE cannot be `maybe`"), "{said}");
}
