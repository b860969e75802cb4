//! Live capture: what the command line says of it while it runs and afterwards.

use super::arguments::{Format, Options, Snapshot, Source};
use super::complaint::{Complaint, printable};
use super::terminal::Terminal;
use super::{Shown, Status, check};
use crate::aws::{self, CaptureError, Watch};
use crate::read::manifest::{CallRecord, CallStatus, Manifest};
use crate::report;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::{IsTerminal, stderr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) fn snapshot(
    wanted: &Snapshot,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    let capture = capture_options(&wanted.source, PathBuf::from(&wanted.output), wanted.resume);
    let manifest = aws::capture(&capture, watch(options))?;
    let text = match options.format {
        Format::Text => {
            let mut text = report::capture_text(&manifest, &wanted.output, &terminal.style());
            if !aws::interrupted(&manifest) {
                text.push_str(&format!("next: reach -f {} check\n", wanted.output));
            }
            text
        }
        Format::Json => serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n",
    };
    if aws::interrupted(&manifest) {
        terminal.complain(&unfinished(&wanted.output, &manifest).page(&terminal.error_renderer()));
    }
    Ok(Shown { text, status: status(&manifest) })
}

/// Everything there: as wanted. Something refused: unknown. Not at its end: unusable as it is.
fn status(manifest: &Manifest) -> Status {
    let any = |status| manifest.calls.iter().any(|record| record.status == status);
    if aws::interrupted(manifest) {
        Status::Unusable
    } else if any(CallStatus::Denied) || any(CallStatus::Failed) {
        Status::Unknown
    } else {
        Status::AsWanted
    }
}

fn unfinished(output: &str, manifest: &Manifest) -> Complaint {
    let left = manifest.calls.iter().filter(|record| record.status == CallStatus::Pending);
    let count = left.clone().count();
    let mut causes = left.filter(|record| !record.lacks_arguments());
    let cause = causes.find_map(|record| record.error.clone()).unwrap_or_default();
    Complaint::new(format!("the capture did not come to its end, {count} calls are left: {cause}"))
        .hint(format!("what is there is kept; go on: reach snapshot --output {output} --resume"))
}

pub(super) fn check(
    source: &Source,
    baseline: Option<&str>,
    fixes: check::Fixes<'_>,
    options: &Options,
    terminal: &Terminal,
) -> Result<Shown, Complaint> {
    if options.file.as_deref().is_some_and(|file| !file.is_empty()) {
        return Err(Complaint::new(
            "--live checks what AWS knows now, and -f names something else",
        ));
    }
    let place = Temporary::new()?;
    let capture = capture_options(source, place.0.clone(), false);
    let manifest = aws::capture(&capture, watch(options))?;
    if aws::interrupted(&manifest) {
        return Err(unfinished("FOLDER", &manifest));
    }
    let file = Some(place.0.to_string_lossy().into_owned());
    let of_capture = Options { file, ..options.clone() };
    check::run(baseline, fixes, &of_capture, terminal)
}

fn capture_options(source: &Source, output: PathBuf, resume: bool) -> aws::Options {
    let source = source.clone();
    aws::Options {
        profile: source.profile,
        regions: source.region,
        role_arn: source.role_arn,
        role_name: source.role_name,
        accounts: source.accounts,
        organization: source.organization,
        external_id: source.external_id,
        focus: source.focus,
        output,
        resume,
        timeout: Duration::from_secs(source.timeout),
    }
}

impl From<CaptureError> for Complaint {
    fn from(CaptureError { message, hint }: CaptureError) -> Self {
        hint.into_iter().fold(Self::new(message), Self::hint)
    }
}

/// A folder of one's own that is gone when it is no longer needed.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Self, Complaint> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = format!("reach-{}-{}", std::process::id(), now.as_nanos());
        let place = std::env::temp_dir().join(name);
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&place).map_err(|error| {
            Complaint::new(format!("{} cannot be made: {error}", place.display()))
        })?;
        Ok(Self(place))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The system clears what is left there.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn watch(options: &Options) -> Arc<dyn Watch> {
    match () {
        () if options.quiet => Arc::new(Silent),
        () if stderr().is_terminal() => Arc::new(Bars::default()),
        () => Arc::new(Lines::default()),
    }
}

/// Says nothing.
struct Silent;

impl Watch for Silent {
    fn begin(&self, _: &str, _: usize) {}
    fn done(&self, _: &str, _: &CallRecord) {}
}

/// A bar per account and Region.
#[derive(Default)]
struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
}

impl Watch for Bars {
    fn begin(&self, scope: &str, calls: usize) {
        let bar = self.all.add(ProgressBar::new(u64::try_from(calls).unwrap_or_default()));
        if let Ok(style) = ProgressStyle::with_template("{prefix:32} {bar:30} {pos}/{len} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(scope.to_owned());
        self.bars.lock().unwrap_or_else(PoisonError::into_inner).insert(scope.to_owned(), bar);
    }

    fn done(&self, scope: &str, record: &CallRecord) {
        let bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bar) = bars.get(scope) else { return };
        bar.inc(1);
        bar.set_message(record.call.clone());
        if bar.length() == Some(bar.position()) {
            bar.finish_with_message("done");
        }
    }
}

/// A line when an account and Region begins and when it ends, and one per call that failed.
#[derive(Default)]
struct Lines(Mutex<BTreeMap<String, (usize, usize)>>);

impl Watch for Lines {
    fn begin(&self, scope: &str, calls: usize) {
        eprintln!("{scope}: {calls} calls");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(scope.to_owned(), (0, calls));
    }

    fn done(&self, scope: &str, record: &CallRecord) {
        let told = matches!(record.status, CallStatus::Ok | CallStatus::Omitted);
        if !told && !record.lacks_arguments() {
            let error = record.error.as_deref().unwrap_or_default();
            eprintln!("{scope}: {} {}: {}", record.call, record.status, printable(error));
        }
        let mut scopes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((done, calls)) = scopes.get_mut(scope) else { return };
        *done += 1;
        if done == calls {
            eprintln!("{scope}: done");
        }
    }
}
