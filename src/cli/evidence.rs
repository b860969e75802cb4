//! `--evidence web=ss.txt`

use super::arguments::Options;
use super::complaint::Complaint;
use crate::edit::observe;
use crate::read::{Loaded, load_dump};

/// How many lines that are passed over are shown.
const SHOWN: usize = 5;

/// A dump and where it was taken.
pub(super) struct Named<'a> {
    place: &'a str,
    file: &'a str,
}

/// The dumps that the options name.
pub(super) fn named(options: &Options) -> Result<Vec<Named<'_>>, Complaint> {
    let mut dumps = Vec::new();
    for text in &options.evidence {
        match text.split_once('=') {
            Some((place, file)) if !place.is_empty() && !file.is_empty() => {
                dumps.push(Named { place, file });
            }
            _ => {
                return Err(Complaint::new(format!(
                    "`--evidence {text}` does not say what it is of"
                ))
                .hint("name the service and the file: --evidence web=ss.txt"));
            }
        }
    }
    let readers = dumps.iter().map(|dump| dump.file).chain(options.file.as_deref());
    if readers.filter(|&file| file == "-").count() > 1 {
        return Err(Complaint::new("only one input can come from stdin")
            .hint("save the others in files, and name those"));
    }
    Ok(dumps)
}

/// Reads the dumps into the network, and notes what is to be known of them.
pub(super) fn apply(dumps: &[Named<'_>], loaded: &mut Loaded) -> Result<(), Complaint> {
    for Named { place, file } in dumps {
        let dump = load_dump(file)?;
        let name = if *file == "-" { "<stdin>" } else { file };
        for (line, text) in dump.ignored.iter().take(SHOWN) {
            loaded.notes.push(format!("{name}:{line}: no socket, passed over: {text}"));
        }
        if let Some(more @ 1..) = dump.ignored.len().checked_sub(SHOWN) {
            loaded
                .notes
                .push(format!("{name}: {more} more lines that show no socket, passed over"));
        }
        loaded.notes.extend(dump.notes);
        for seen in std::iter::once(dump.listening).chain(dump.log) {
            loaded.notes.extend(observe(&mut loaded.network, place, seen)?);
        }
    }
    Ok(())
}
