//! `reach 'task-eni -> ecr.dkr'`

use super::arguments::{Arguments, Format, Options};
use super::assume;
use super::complaint::Complaint;
use super::evidence;
use super::loading;
use super::terminal::Terminal;
use super::{Shown, Status};
use crate::answer::{Query, Verdict};
use crate::query::World;
use crate::read::Loaded;
use crate::report;
use clap::CommandFactory;
use std::mem::ManuallyDrop;
use std::path::Path;

/// The file that is read when none is named.
pub(super) const DEFAULT_FILE: &str = "reach.yaml";

pub(super) fn run(
    words: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let query = query(words)?;
    // The process ends soon: what a large network takes is given back with it, not piece by piece.
    let world = ManuallyDrop::new(World::new(load(options, terminal)?.network));
    let answer = world.ask(&query)?;
    let text = match options.format {
        Format::Text => report::text(&answer, &terminal.style()),
        Format::Json => report::json(&answer),
    };
    Ok(Shown { text, status: answer.verdict.into() })
}

/// The query that the words are.
pub(super) fn query(words: &[String]) -> Result<Query, Complaint> {
    match shell_trap(words) {
        Some(complaint) => Err(complaint),
        None => read_query(words),
    }
}

impl From<Verdict> for Status {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Reachable => Self::AsWanted,
            Verdict::Blocked | Verdict::Intermittent => Self::Failed,
            Verdict::Unknown => Self::Unknown,
        }
    }
}

/// Reads the network that the options name, and says on stderr what is to be known of it.
pub(super) fn load(options: &Options, terminal: &Terminal) -> Result<Loaded, Complaint> {
    let named = options.file.as_deref().filter(|file| !file.is_empty());
    if named.is_none() && !Path::new(DEFAULT_FILE).exists() {
        return Err(Complaint::new(format!(
            "no file is named, and there is no {DEFAULT_FILE} here"
        ))
        .hint("name a scenario or a folder of saved AWS CLI output: reach -f FILE …"));
    }
    load_from(named.unwrap_or(DEFAULT_FILE), options, terminal)
}

/// Reads a network as the options say, and says on stderr what is to be known of it.
pub(super) fn load_from(
    file: &str,
    options: &Options,
    terminal: &Terminal,
) -> Result<Loaded, Complaint> {
    let dumps = evidence::named(options)?;
    let mut loaded = loading::load(file, options, terminal)?;
    assume::apply(options, &mut loaded.network.assumptions)?;
    evidence::apply(&dumps, &mut loaded)?;
    loading::say(&loaded, options, terminal);
    Ok(loaded)
}

/// `A -> B` in any number of words, `A to B`, or `A B`.
pub(super) fn read_query(words: &[String]) -> Result<Query, Complaint> {
    let line = words.join(" ");
    if line.contains("->") || line.contains('→') {
        return Ok(line.parse()?);
    }
    match words {
        [source, destination] => Ok(Query::from_ends(source, destination)?),
        [source, to, destination] if to == "to" => Ok(Query::from_ends(source, destination)?),
        [one] if one.contains(" to ") => Ok(one.parse()?),
        [one] => Err(no_query(one)),
        _ => Err(no_query(&line)),
    }
}

/// One word that is neither a command nor a query.
fn no_query(word: &str) -> Complaint {
    let words: Vec<&str> = word.split_whitespace().collect();
    if let [source, between @ .., destination] = words.as_slice() {
        let complaint = Complaint::new(format!("`{word}` is no query: it has no arrow"));
        let meant = !between.iter().any(|word| word.contains(char::is_alphanumeric));
        return match meant {
            true => complaint.hint(format!("did you mean: reach '{source} -> {destination}'?")),
            false => complaint.hint("for example: reach 'task-eni -> ecr.dkr'"),
        };
    }
    let complaint = Complaint::new(format!("`{word}` is neither a command nor a query"));
    let similar = Arguments::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .find(|name| strsim::damerau_levenshtein(name, word) <= 2);
    match similar {
        Some(name) => complaint.hint(format!("did you mean `reach {name}`?")),
        None => complaint.hint(format!("a query has two ends: reach '{word} -> ecr.dkr'")),
    }
}

/// Unquoted, `reach task-eni -> ecr.dkr` hands us `task-eni -` and sends stdout to a file `ecr.dkr`;
/// `reach task-eni->ecr.dkr` hands us `task-eni-`.
fn shell_trap(words: &[String]) -> Option<Complaint> {
    let source = match words {
        [source @ .., last] if last == "-" => source.join(" "),
        [word] if word.ends_with('-') => word.trim_end_matches('-').to_owned(),
        _ => return None,
    };
    let source = if source.is_empty() { "SOURCE" } else { &source };
    let complaint = Complaint::new(
        "the query is not quoted: the shell took the `>` of its arrow to mean \"write to a file\"",
    );
    let quoted = |destination: &str| format!("quote it: reach '{source} -> {destination}'");
    let Some(file) = stdout_file() else {
        return Some(complaint.hint(quoted("DESTINATION")));
    };
    let name = file.rsplit('/').next().filter(|name| !name.is_empty());
    let complaint = complaint.hint(quoted(name.unwrap_or("DESTINATION")));
    Some(match name {
        Some(name) => complaint
            .hint(format!("the shell has created, or emptied, the file `{name}`: rm '{name}'")),
        None => complaint.hint("the shell has created, or emptied, a file of that name"),
    })
}

/// When stdout is a regular file: its path, or nothing where the system does not tell.
fn stdout_file() -> Option<String> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&std::io::stdout()).try_clone_to_owned().ok()?;
    #[cfg(windows)]
    let handle =
        std::os::windows::io::AsHandle::as_handle(&std::io::stdout()).try_clone_to_owned().ok()?;
    let regular = std::fs::File::from(handle).metadata().ok()?.is_file();
    let path = std::fs::read_link("/proc/self/fd/1").ok();
    regular.then(|| path.map(|path| path.display().to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use annotate_snippets::Renderer;

    fn words(line: &[&str]) -> Vec<String> {
        line.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_query_can_be_written_in_several_ways() {
        for line in [
            &["web -> db:5432"][..],
            &["web", "→", "db:5432"],
            &["web", "db:5432"],
            &["web", "to", "db:5432"],
            &["web to db:5432"],
        ] {
            assert_eq!(read_query(&words(line)).unwrap().to_string(), "web -> db:5432", "{line:?}");
        }
        // A place may be called like a command.
        assert_eq!(read_query(&words(&["check -> s3"])).unwrap().to_string(), "check -> s3");
    }

    #[test]
    fn what_is_no_query_says_what_it_could_be() {
        let page = |line: &[&str]| read_query(&words(line)).unwrap_err().page(&Renderer::plain());
        assert!(page(&["chekc"]).contains("hint: did you mean `reach check`?"));
        assert!(page(&["web"]).contains("hint: a query has two ends: reach 'web -> ecr.dkr'"));
        assert!(page(&["a", "b", "c"]).contains("`a b c` is no query"));
        for line in ["web s3", "web => s3", "web - > s3"] {
            assert!(page(&[line]).contains("did you mean: reach 'web -> s3'?"), "{line}");
        }
        assert!(page(&["web:80 -> s3"]).contains("'web -> db:5432'"));
    }

    #[test]
    fn the_exit_code_follows_the_verdict() {
        assert_eq!(Status::from(Verdict::Reachable) as u8, 0);
        assert_eq!(Status::from(Verdict::Blocked) as u8, 1);
        assert_eq!(Status::from(Verdict::Intermittent) as u8, 1);
        assert_eq!(Status::from(Verdict::Unknown) as u8, 3);
    }
}
