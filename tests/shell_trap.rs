//! Unquoted, a shell turns `reach web -> ecr.dkr` into `reach web -` with stdout in a file.
#![cfg(unix)]

use std::fs;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Runs a line in a real shell, in a folder of its own.
fn shell(line: &str) -> (TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    let line = line.replace("reach ", &format!("'{}' ", env!("CARGO_BIN_EXE_reach")));
    let output =
        Command::new("sh").arg("-c").arg(line).current_dir(folder.path()).output().unwrap();
    (folder, output)
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn an_unquoted_arrow_is_noticed_and_never_looks_like_success() {
    for line in [
        "reach web -> ecr.dkr",
        "reach -f none.yaml web -> ecr.dkr --format json",
        "reach web->ecr.dkr",
        "reach web ->ecr.dkr",
    ] {
        let (folder, output) = shell(line);
        assert_eq!(output.status.code(), Some(2), "{line}");
        let errors = errors(&output);
        assert!(errors.contains("hint: quote it: reach 'web -> "), "{line}: {errors}");
        assert!(errors.contains("the shell has created, or emptied, "), "{line}: {errors}");
        let file = folder.path().join("ecr.dkr");
        assert_eq!(fs::read_to_string(file).unwrap(), "", "{line}: nothing may be written");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_hint_is_the_line_that_was_meant() {
    let (_folder, output) = shell("reach web -> ecr.dkr:443");
    let errors = errors(&output);
    assert!(errors.contains("hint: quote it: reach 'web -> ecr.dkr:443'\n"), "{errors}");
    assert!(errors.contains("the file `ecr.dkr:443`"), "{errors}");
}

#[test]
fn a_lone_dash_on_a_pipe_explains_quoting_too() {
    let (_folder, output) = shell("reach web - | cat; exit 0");
    let errors = errors(&output);
    assert!(errors.contains("hint: quote it: reach 'web -> DESTINATION'\n"), "{errors}");
    assert!(!errors.contains("created"), "{errors}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_result_sent_to_a_file_on_purpose_is_written() {
    let (folder, output) = shell("reach explain BAD_STATE > code.txt");
    assert_eq!(output.status.code(), Some(0));
    let text = fs::read_to_string(folder.path().join("code.txt")).unwrap();
    assert!(text.starts_with("BAD_STATE  "), "{text}");
}
