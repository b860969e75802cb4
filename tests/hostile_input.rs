//! Files that nobody should have: huge ones without sense, and ones nested without end. Each ends in
//! one message, in bounded memory.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

/// The memory that `reach` gets, in KiB: five times the largest file.
const MEMORY: u32 = 1_000_000;

/// Runs `reach` with as much address space as `MEMORY`.
fn reach(arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {MEMORY}; exec \"$@\"")).arg("sh");
    command
        .arg(env!("CARGO_BIN_EXE_reach"))
        .args(arguments)
        .env_remove("REACH_FILE")
        .output()
        .unwrap()
}

/// One message, and nothing else.
fn refused(arguments: &[&str]) {
    let output = reach(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty());
    assert_eq!(said.matches("error").count(), 1, "{arguments:?}: {said}");
    assert!(said.len() < 2_000 && !said.contains("memory allocation"), "{arguments:?}: {said}");
}

fn check(file: &Path) {
    refused(&["check", "-q", "-f", file.to_str().unwrap()]);
}

/// 200 MB of the pieces, mixed by a generator that needs no seed of the day.
fn garbage(file: &Path, pieces: &[&[u8]]) {
    let mut block = Vec::new();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    while block.len() < 1_000_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        block.extend(pieces[usize::try_from(state % pieces.len() as u64).unwrap()]);
    }
    let mut out = File::create(file).unwrap();
    for _ in 0..200 {
        out.write_all(&block).unwrap();
    }
}

#[test]
fn a_file_nested_ten_thousand_levels_deep_ends_in_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let deep = |open: &str, close: &str| open.repeat(10_000) + &close.repeat(10_000);
    for (name, text) in [
        ("lists.yaml", deep("[", "]")),
        ("mappings.yaml", deep("{a: ", "}")),
        ("under.yaml", format!("vpcs: {}", deep("{a: ", "}"))),
        ("block.yaml", "- ".repeat(10_000)),
        ("lists.json", deep("[", "]")),
        ("mappings.json", deep(r#"{"a":"#, "}")),
        ("answer.json", format!(r#"{{"Vpcs": {}}}"#, deep("[", "]"))),
        (
            "template.json",
            format!(r#"{{"Resources": {{"A": {}}}}}"#, deep(r#"{"Fn::Base64":"#, "}")),
        ),
        ("unclosed.json", "[".repeat(10_000)),
        ("unclosed.yaml", "{a: ".repeat(10_000)),
        ("manifest.json", deep("[", "]")),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        check(&file);
    }
}

#[test]
fn two_hundred_megabytes_of_garbage_end_in_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let text: [&[u8]; 8] = [b"{", b"]", b"a: ", b"\n", b"  - ", b"\"", b"0x7f,", b"vpcs:\n"];
    for name in ["garbage.yaml", "garbage.json", "garbage"] {
        garbage(&file(name), &text);
        check(&file(name));
        fs::remove_file(file(name)).unwrap();
    }
    let bytes: [&[u8]; 4] = [b"\x28\xb5\x2f\xfd", b"\0\0\0", b"\xff", b"ustar"];
    for name in ["garbage.tar.zst", "garbage.tar", "bytes.json"] {
        garbage(&file(name), &bytes);
        check(&file(name));
        fs::remove_file(file(name)).unwrap();
    }
}
