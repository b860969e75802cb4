//! One account in one Region: every call, each behind those that it takes its arguments from.

use super::Watch;
use super::ask::{Clients, is_built_in};
use super::fault::{Cause, Fault};
use super::focus::Focused;
use super::folder::{Folder, Spool};
use super::input::{Input, inputs};
use super::pace::Pace;
use super::record::Book;
use super::{body, redact, references};
use crate::models::{Focus, SnapshotCall, snapshot_calls};
use crate::read::manifest::{CallRecord, CallStatus, NEEDS};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How often a call is made that the server, or the way to it, fails.
const ATTEMPTS: u32 = 4;
/// How often a call is made that a server seems not to know: its page may have been an accident.
const UNKNOWN_ATTEMPTS: u32 = 2;
/// How often a call is made that is throttled.
const THROTTLED_ATTEMPTS: u32 = 12;
/// How many refusals of one call in a row, and no answer, mean that all of it is refused.
const REFUSALS: usize = 3;

/// What all accounts and Regions share.
#[derive(Clone)]
pub(super) struct Shared {
    pub book: Arc<Book>,
    /// How many calls may be under way, and so how many pages are held at once.
    pub permits: Arc<Semaphore>,
    pub watch: Arc<dyn Watch>,
}

/// One account in one Region, or in none.
pub(super) struct Scope {
    pub shared: Shared,
    pub account: String,
    pub region: String,
    pub clients: Clients,
    pub folder: Folder,
    pub focused: Option<Focused>,
    pub paces: BTreeMap<&'static str, Pace>,
    /// Services that fell silent: asking on would only take time.
    pub silent: Mutex<BTreeSet<&'static str>>,
    /// Why nothing more can be asked.
    pub lost: Mutex<Option<String>>,
}

impl Scope {
    /// The calls of this scope.
    pub fn calls(&self) -> Vec<&'static SnapshotCall> {
        let global = self.region == "global";
        let wanted = |call: &&SnapshotCall| {
            call.global == global && (self.focused.is_none() || call.focus != Focus::Skip)
        };
        snapshot_calls().iter().filter(wanted).collect()
    }

    /// A call's line in the manifest.
    pub fn record(&self, call: &SnapshotCall) -> CallRecord {
        CallRecord {
            account: self.account.clone(),
            region: self.region.clone(),
            call: format!("{} {}", call.service, call.name),
            variant: call.variant.map(str::to_owned),
            status: CallStatus::Pending,
            pages: 0,
            error: None,
            action: call.action.to_owned(),
        }
    }

    /// What the scope is called on a terminal.
    pub fn label(&self) -> String {
        format!("{}/{}", self.account, self.region)
    }

    /// Makes every call that is not made yet.
    pub async fn run(self: Arc<Self>) -> io::Result<()> {
        let calls = self.calls();
        self.shared.watch.begin(&self.label(), calls.len());
        let depth = calls.iter().map(|call| depth(call)).max().unwrap_or(0);
        for level in 0..=depth {
            let mut running = JoinSet::new();
            for call in calls.iter().copied().filter(|call| self::depth(call) == level) {
                running.spawn(Arc::clone(&self).make(call));
            }
            while let Some(made) = running.join_next().await {
                made.map_err(io::Error::other)??;
            }
        }
        let missing = references::missing(&self.folder)?;
        if !missing.is_empty() {
            self.read_again(&missing).await?;
        }
        Ok(())
    }

    /// Makes one call with all its arguments, and notes what came of it.
    async fn make(self: Arc<Self>, call: &'static SnapshotCall) -> io::Result<()> {
        let mut record = self.record(call);
        if !is_built_in(call) {
            record.status = CallStatus::Omitted;
            record.error = Some("not built in".to_owned());
            self.shared.watch.done(&self.label(), &record);
            return self.shared.book.note(record);
        }
        let inputs = inputs(call, &self.folder, self.focused.as_ref())?;
        let there = inputs.iter().all(|input| self.folder.has(&input.file));
        if there && self.shared.book.status(&record) == CallStatus::Ok {
            record.status = CallStatus::Ok;
            self.shared.watch.done(&self.label(), &record);
            return Ok(());
        }
        let (answered, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut running = JoinSet::new();
        for input in inputs {
            if self.folder.has(&input.file) {
                record.pages += 1;
                continue;
            }
            let scope = Arc::clone(&self);
            let (answered, refused) = (Arc::clone(&answered), Arc::clone(&refused));
            running.spawn(async move {
                if refused.load(Ordering::Relaxed) >= REFUSALS
                    && answered.load(Ordering::Relaxed) == 0
                {
                    return Ok(0);
                }
                let asked = scope.answer(call, &input).await;
                match &asked {
                    Ok(_) => answered.fetch_add(1, Ordering::Relaxed),
                    Err(_) => refused.fetch_add(1, Ordering::Relaxed),
                };
                asked
            });
        }
        let mut worst: Option<Fault> = None;
        while let Some(asked) = running.join_next().await {
            match asked.map_err(io::Error::other)? {
                Ok(pages) => record.pages += pages,
                Err(Failed::Disk(error)) => return Err(error),
                Err(Failed::Call(fault)) if fault.cause == Cause::Gone => {
                    let place = self.label();
                    let what = format!("{} {}", call.service, call.name);
                    self.shared
                        .book
                        .say(format!("changed during the capture of {place}: {what}: {fault}"));
                }
                Err(Failed::Call(fault)) => {
                    if worst.as_ref().is_none_or(|one| severity(one) < severity(&fault)) {
                        worst = Some(fault);
                    }
                }
            }
        }
        match worst {
            Some(fault) => {
                record.status = match fault.cause {
                    Cause::Denied => CallStatus::Denied,
                    Cause::Unsupported => CallStatus::Unsupported,
                    Cause::Credentials => CallStatus::Pending,
                    _ if fault.unreached => CallStatus::Pending,
                    _ => CallStatus::Failed,
                };
                record.error = Some(fault.text);
            }
            None => match self.unanswered_source(call) {
                Some(why) => record.error = Some(why),
                None => record.status = CallStatus::Ok,
            },
        }
        self.shared.watch.done(&self.label(), &record);
        self.shared.book.note(record)
    }

    /// Which earlier call, whose answers say what to ask for, was not answered in full.
    fn unanswered_source(&self, call: &SnapshotCall) -> Option<String> {
        let calls = self.calls();
        call.each.iter().find_map(|each| {
            let meant = |one: &&&SnapshotCall| {
                one.name == each.call && (each.variant.is_none() || one.variant == each.variant)
            };
            calls.iter().filter(meant).find_map(|source| {
                let status = self.shared.book.status(&self.record(source));
                let hint = match status {
                    CallStatus::Ok => return None,
                    CallStatus::Denied => format!(": grant {}", source.action),
                    _ => String::new(),
                };
                Some(format!("{NEEDS}{} {}, which is {status}{hint}", source.service, source.name))
            })
        })
    }

    /// Every page of one answer, saved.
    async fn answer(&self, call: &SnapshotCall, input: &Input) -> Result<u32, Failed> {
        let mut spool: Option<Spool> = None;
        let (mut pages, mut token) = (0, Vec::new());
        loop {
            let mut page = self.page(call, input, &token).await?;
            let next = take_token(&mut page);
            pages += 1;
            if page.get("AdditionalRoutesAvailable") == Some(&Value::Bool(true)) {
                let place = self.label();
                self.shared
                    .book
                    .say(format!("{place}: {} has more routes than AWS tells", input.id()));
            }
            redact::redact(&mut page);
            let begun = match spool.take() {
                None => self.folder.begin(&input.file, page)?,
                Some(mut begun) => {
                    begun.page(page)?;
                    begun
                }
            };
            if next.is_empty() {
                begun.finish()?;
                return Ok(pages);
            }
            spool = Some(begun);
            if next == token {
                return Err(Fault::other("the server sends the same page again and again").into());
            }
            token = next;
        }
    }

    /// One page, asked for again as long as that may help.
    async fn page(
        &self,
        call: &SnapshotCall,
        input: &Input,
        token: &[String],
    ) -> Result<Map<String, Value>, Fault> {
        let (mut failed, mut throttled) = (0, 0);
        loop {
            if let Some(text) = locked(&self.lost).clone() {
                return Err(Fault { cause: Cause::Credentials, unreached: false, text });
            }
            if locked(&self.silent).contains(call.service) {
                let text = format!("{} does not answer", call.service);
                return Err(Fault { cause: Cause::Passing, unreached: true, text });
            }
            let permit = self.shared.permits.acquire().await;
            let pace = self.paces.get(call.service);
            if let Some(pace) = pace {
                pace.turn().await;
            }
            let asked = self.clients.ask(call, input, token).await.and_then(|heard| {
                body::answer(call, &heard.body).map_err(|error| Fault {
                    cause: Cause::Passing,
                    unreached: false,
                    text: format!("the answer cannot be read: {error}"),
                })
            });
            drop(permit);
            let fault = match asked {
                Ok(page) => {
                    if let Some(pace) = pace {
                        pace.answered();
                    }
                    return Ok(page);
                }
                Err(fault) => fault,
            };
            let wait = match fault.cause {
                Cause::Throttled => {
                    if let Some(pace) = pace {
                        pace.throttled();
                    }
                    throttled += 1;
                    if throttled >= THROTTLED_ATTEMPTS {
                        return Err(fault);
                    }
                    throttled
                }
                Cause::Passing | Cause::Unsupported => {
                    failed += 1;
                    let most = match fault.cause {
                        Cause::Unsupported => UNKNOWN_ATTEMPTS,
                        _ => ATTEMPTS,
                    };
                    if failed >= most {
                        if fault.unreached {
                            locked(&self.silent).insert(call.service);
                        }
                        return Err(fault);
                    }
                    failed
                }
                Cause::Credentials => {
                    locked(&self.lost).get_or_insert_with(|| fault.text.clone());
                    return Err(fault);
                }
                Cause::Denied | Cause::Gone | Cause::Other => return Err(fault),
            };
            // 0.1 s, 0.2 s, 0.4 s, … 10 s
            sleep(Duration::from_millis((50 << wait.min(8)).min(10_000))).await;
        }
    }

    /// Asks once more for the listings that lack what others refer to: it may be newer than they.
    async fn read_again(&self, missing: &references::Missing) -> io::Result<()> {
        for call in self.calls().into_iter().filter(|call| missing.contains_key(call.name)) {
            for input in inputs(call, &self.folder, self.focused.as_ref())? {
                match self.answer(call, &input).await {
                    Err(Failed::Disk(error)) => return Err(error),
                    // What was there stays, and is noted below.
                    Ok(_) | Err(Failed::Call(_)) => {}
                }
            }
        }
        for (call, ids) in references::missing(&self.folder)? {
            let ids = ids.into_iter().collect::<Vec<_>>().join(", ");
            self.shared.book.say(format!(
                "{}: {call} does not list {ids}, which other answers refer to",
                self.label()
            ));
        }
        Ok(())
    }
}

/// Why there is no answer: because of the call, or because it cannot be saved.
enum Failed {
    Call(Fault),
    Disk(io::Error),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Call(fault)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

fn locked<T>(value: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which of several faults tells most.
fn severity(fault: &Fault) -> u8 {
    match fault.cause {
        Cause::Gone => 0,
        Cause::Unsupported => 1,
        Cause::Other | Cause::Throttled | Cause::Passing => 2,
        Cause::Denied => 3,
        Cause::Credentials => 4,
    }
}

/// How many calls have to come before.
fn depth(call: &SnapshotCall) -> usize {
    let sources = call.each.iter().filter_map(|each| crate::models::snapshot_call(each.call));
    sources.map(|source| depth(source) + 1).max().unwrap_or(0)
}

/// Takes what only tells of pages out of a page, and says where the next one begins.
fn take_token(page: &mut Map<String, Value>) -> Vec<String> {
    let mut text = |key: &str| match page.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let next = ["NextToken", "nextToken", "NextMarker"].map(&mut text);
    let name = text("NextRecordName");
    let (kind, identifier) = (text("NextRecordType"), text("NextRecordIdentifier"));
    for key in ["Marker", "IsTruncated", "MaxItems", "MaxResults"] {
        page.remove(key);
    }
    if let Some(token) = next.into_iter().flatten().next() {
        return vec![token];
    }
    name.map_or_else(Vec::new, |name| {
        vec![name, kind.unwrap_or_default(), identifier.unwrap_or_default()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_next_page_is_told_by_whatever_the_service_calls_it() {
        let token = |value: Value| {
            let mut page = value.as_object().unwrap().clone();
            (take_token(&mut page), page.len())
        };
        assert_eq!(token(json!({"Vpcs": [], "NextToken": "t"})), (vec!["t".to_owned()], 1));
        assert_eq!(token(json!({"Vpcs": [], "NextToken": ""})), (vec![], 1));
        let last = json!({"HostedZones": [], "Marker": "m", "IsTruncated": false, "MaxItems": "9"});
        assert_eq!(token(last), (vec![], 1));
        let records =
            json!({"ResourceRecordSets": [], "NextRecordName": "a.", "NextRecordType": "A"});
        assert_eq!(token(records), (vec!["a.".to_owned(), "A".to_owned(), String::new()], 1));
    }
}
