//! Live capture with the AWS SDK: what AWS answers, saved as the AWS CLI prints it, which is what
//! [`crate::read`] reads. It only asks, and decides nothing.
//!
//! `models/snapshot.tsv` lists the calls. They are made for every account and Region at once, as
//! fast as AWS lets them be. An answer is a file, there as a whole or not at all; `manifest.json`
//! says what came of every call.

mod ask;
mod body;
mod fault;
mod focus;
mod folder;
mod input;
mod pace;
mod pack;
mod record;
mod redact;
mod references;
mod scope;
mod session;
mod tap;

use crate::read::manifest::{self, CallRecord, CallStatus, Manifest};
use ask::Clients;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use fault::Fault;
use focus::Focused;
use folder::Folder;
use pace::Pace;
use record::Book;
use scope::{Scope, Shared};
use session::{Account, Closed};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many calls are under way at most: each may hold a page.
const CONCURRENT: usize = 32;

/// How an account is entered.
const ASSUME: &str = "sts assume-role";

/// What is to be captured, and where to.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// The Regions; `all` for those that are enabled; none for the configured one.
    pub regions: Vec<String>,
    /// A role to assume, by ARN.
    pub role_arn: Option<String>,
    /// A role to assume in every account but the caller's own, by name.
    pub role_name: Option<String>,
    /// The accounts, when they are not the caller's.
    pub accounts: Vec<String>,
    /// Whether every active account of the organization is meant.
    pub organization: bool,
    /// What the roles want to be told.
    pub external_id: Option<String>,
    /// The ECS service to keep to: `service/web`.
    pub focus: Option<String>,
    /// The folder, or the file when it ends in `.tar.zst`.
    pub output: PathBuf,
    /// Whether to go on with what is there.
    pub resume: bool,
    /// How long one call may take.
    pub timeout: Duration,
}

/// Who watches a capture.
pub trait Watch: Send + Sync {
    /// An account and Region is begun, with that many calls.
    fn begin(&self, scope: &str, calls: usize);
    /// A call came to its end.
    fn done(&self, scope: &str, record: &CallRecord);
}

/// A capture that could not be made.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct CaptureError {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CaptureError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn disk(path: &Path, error: &io::Error) -> Self {
        Self::new(format!("the capture cannot be saved in {}: {error}", path.display()))
    }
}

impl From<Fault> for CaptureError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.text)
    }
}

/// Captures what the options say. What could not be captured stands in the manifest returned.
///
/// # Errors
/// When nothing can be captured at all: no credentials, no Region, no place to save it.
pub fn capture(options: &Options, watch: Arc<dyn Watch>) -> Result<Manifest, CaptureError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CaptureError::new(format!("the capture cannot start: {error}")))?;
    let archive = options.output.to_string_lossy().ends_with(".tar.zst");
    let folder = match archive {
        true => options.output.with_extension("part"),
        false => options.output.clone(),
    };
    let disk = |error: io::Error| CaptureError::disk(&folder, &error);
    let book = Arc::new(open(options, &folder)?);
    let captured = runtime.block_on(all(options, &folder, &book, watch));
    if captured.is_err() && book.manifest().calls.is_empty() {
        // Nothing was asked yet: the next try begins anew.
        folder::forget(&folder);
        return captured.map(|()| book.manifest());
    }
    let complete = captured.is_ok()
        && book
            .manifest()
            .calls
            .iter()
            .all(|record| record.error.is_some() || record.status != CallStatus::Pending)
        && !interrupted(&book.manifest());
    if complete {
        book.change(|manifest| manifest.ended = Some(now()));
    }
    book.change(|manifest| manifest.calls.sort_by(|a, b| order(a).cmp(&order(b))));
    book.write().map_err(disk)?;
    captured?;
    let manifest = book.manifest();
    if archive && complete {
        pack::pack(&folder, &options.output)
            .map_err(|error| CaptureError::disk(&options.output, &error))?;
    }
    Ok(manifest)
}

/// Whether calls were left that another try could make.
#[must_use]
pub fn interrupted(manifest: &Manifest) -> bool {
    let left = |record: &CallRecord| record.status == CallStatus::Pending;
    manifest.calls.iter().any(|record| left(record) && !record.lacks_arguments())
}

fn order(record: &CallRecord) -> (&str, &str) {
    (&record.account, &record.region)
}

fn now() -> String {
    DateTime::from(SystemTime::now()).fmt(Format::DateTime).unwrap_or_default()
}

/// Begins a capture, or goes on with the one that is there.
fn open(options: &Options, folder: &Path) -> Result<Book, CaptureError> {
    let disk = |error: io::Error| CaptureError::disk(folder, &error);
    fs::create_dir_all(folder).map_err(disk)?;
    let file = folder.join(manifest::FILE);
    let before = match fs::read_to_string(&file) {
        Ok(text) => manifest::read(&file.to_string_lossy(), &text)
            .map_err(|error| CaptureError { message: error.message, hint: error.hint })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(disk(error)),
    };
    let begun = match before {
        Some(_) if !options.resume => {
            return Err(CaptureError::new(format!("{} already holds a capture", folder.display()))
                .hint("go on with it: --resume; or name another place: --output FOLDER"));
        }
        Some(before) if before.focus != options.focus => {
            let of = before.focus.as_deref().unwrap_or("everything");
            return Err(CaptureError::new(format!("{} holds a capture of {of}", folder.display()))
                .hint("go on with the same --focus, or name another place: --output FOLDER"));
        }
        Some(mut before) => {
            // Accounts are tried anew.
            before.calls.retain(|record| record.call != ASSUME);
            Manifest { ended: None, notes: Vec::new(), ..before }
        }
        None => Manifest {
            schema: manifest::SCHEMA.to_owned(),
            tool: format!("reach {}", env!("CARGO_PKG_VERSION")),
            started: now(),
            focus: options.focus.clone(),
            ..Manifest::default()
        },
    };
    Book::new(folder, begun).map_err(disk)
}

/// Every account and Region at once.
async fn all(
    options: &Options,
    folder: &Path,
    book: &Arc<Book>,
    watch: Arc<dyn Watch>,
) -> Result<(), CaptureError> {
    let shared =
        Shared { book: Arc::clone(book), permits: Arc::new(Semaphore::new(CONCURRENT)), watch };
    let mut scopes = Vec::new();
    let (mut accounts, mut all_regions) = (BTreeSet::new(), BTreeSet::new());
    let mut focus_found = options.focus.is_none();
    let (open, closed) = session::accounts(options).await?;
    for account in open {
        let mut of_account = Vec::new();
        let regions = session::regions(options, &account).await?;
        accounts.insert(account.id.clone());
        for region in &regions {
            all_regions.insert(region.clone());
            let scope = begin(&shared, folder, &account, region, region, options).await?;
            focus_found |= scope.focused.is_some();
            if options.focus.is_none() || scope.focused.is_some() {
                of_account.push(scope);
            }
        }
        if let (Some(region), Some(of_region)) = (regions.first(), of_account.first()) {
            let focused = of_region.focused.clone();
            let mut global = scope(&shared, folder, &account, region, "global")?;
            global.focused = focused;
            of_account.push(global);
        }
        scopes.extend(of_account.into_iter().map(Arc::new));
    }
    if let Some(wanted) = options.focus.as_deref().filter(|_| !focus_found) {
        return Err(CaptureError::new(format!("no ECS service is called {wanted}"))
            .hint("name it as in ECS, with its cluster where it helps: --focus service/app/web"));
    }
    book.change(|manifest| {
        manifest.accounts = accounts.into_iter().collect();
        manifest.regions = all_regions.into_iter().collect();
    });
    book.plan(closed.iter().map(unassumed).collect());
    for scope in &scopes {
        book.plan(scope.calls().into_iter().map(|call| scope.record(call)).collect());
    }
    let disk = |error: io::Error| CaptureError::disk(folder, &error);
    book.write().map_err(disk)?;
    let mut running = JoinSet::new();
    for scope in scopes {
        running.spawn(scope.run());
    }
    while let Some(ran) = running.join_next().await {
        ran.map_err(io::Error::other).and_then(|ran| ran).map_err(disk)?;
    }
    Ok(())
}

/// What the manifest says of an account whose role cannot be assumed.
fn unassumed(closed: &Closed) -> CallRecord {
    CallRecord {
        account: closed.id.clone(),
        region: "global".to_owned(),
        call: ASSUME.to_owned(),
        variant: None,
        status: CallStatus::Denied,
        pages: 0,
        error: Some(closed.fault.text.clone()),
        action: format!("sts:AssumeRole on {} ({})", closed.role, closed.fault),
    }
}

/// One account in one Region, with the service that is asked for when it is there.
async fn begin(
    shared: &Shared,
    folder: &Path,
    account: &Account,
    region: &str,
    name: &str,
    options: &Options,
) -> Result<Scope, CaptureError> {
    let mut scope = scope(shared, folder, account, region, name)?;
    if let Some(wanted) = &options.focus {
        let mut found: Vec<Focused> = focus::find(&scope.clients, wanted).await?;
        if found.len() > 1 {
            return Err(CaptureError::new(format!("several services are called {wanted}"))
                .hint("name the cluster too: --focus service/CLUSTER/NAME"));
        }
        scope.focused = found.pop();
    }
    Ok(scope)
}

fn scope(
    shared: &Shared,
    folder: &Path,
    account: &Account,
    region: &str,
    name: &str,
) -> Result<Scope, CaptureError> {
    let disk = |error: io::Error| CaptureError::disk(folder, &error);
    let services: BTreeSet<&'static str> =
        crate::models::snapshot_calls().iter().map(|call| call.service).collect();
    Ok(Scope {
        shared: shared.clone(),
        account: account.id.clone(),
        region: name.to_owned(),
        clients: Clients::new(&account.in_region(region), region),
        folder: Folder::new(folder.join(&account.id).join(name)).map_err(disk)?,
        focused: None,
        paces: services.into_iter().map(|service| (service, Pace::new())).collect(),
        silent: Mutex::new(BTreeSet::new()),
        lost: Mutex::new(None),
    })
}
