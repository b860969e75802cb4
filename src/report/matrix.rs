//! Services and what they reach, at a glance.

use super::group::listed;
use super::page::Page;
use super::{Paint, Style, words};
use crate::answer::{Answer, End, ResourceRef, Verdict};
use crate::check::{CheckedFlow, CheckedService, Outcome, Role};
use std::collections::BTreeSet;

/// What stands where a service does not need a thing.
const NOT_NEEDED: &str = "–";

/// How wide the names may be before they go on in a line of their own.
const WIDEST: usize = 48;

/// One row: a service, at some or all of its placements.
struct Row {
    label: String,
    cells: Vec<Option<Verdict>>,
}

/// A row per service, or several where its placements differ; what the marks mean; how many start.
/// Of `many` services, only those rows where something is not reachable.
pub(super) fn show(page: &mut Page<'_>, services: &[CheckedService], many: bool) {
    let columns = columns(services);
    let names = Names::new(services);
    let of_each = services.iter().map(|one| rows(one, names.of(one), &columns));
    let passes = |row: &Row| {
        row.cells.iter().all(|cell| cell.is_none_or(|verdict| verdict == Verdict::Reachable))
    };
    let (passing, others): (Vec<_>, Vec<_>) =
        of_each.partition(|rows| many && rows.iter().all(passes));
    let rows: Vec<Row> = others.into_iter().flatten().collect();
    let width = |text: &str| text.chars().count();
    let labels: Vec<Vec<String>> = rows.iter().map(|row| folded(&row.label)).collect();
    let first = labels.iter().flatten().map(|line| width(line)).max().unwrap_or(0);
    let header: Vec<&str> = columns.iter().map(|(_, what)| *what).collect();
    let line = format!("{}  {}", " ".repeat(first), header.join("  "));
    if !rows.is_empty() {
        page.line(&page.style.faint.paint(&line));
    }
    for (row, label) in rows.iter().zip(&labels) {
        let (label, more) = label.split_first().map_or(("", &[][..]), |(one, more)| (one, more));
        let mut line = format!("{label}{}", " ".repeat(first - width(label)));
        for (cell, what) in row.cells.iter().zip(&header) {
            let (mark, paint) = mark(*cell, page.style);
            line.push_str(&format!("  {}{}", paint.paint(mark), " ".repeat(width(what) - 1)));
        }
        page.line(&line);
        more.iter().for_each(|line| page.line(line));
    }
    if !passing.is_empty() {
        let left_out = words::count(passing.len(), "service");
        page.line(&format!("{left_out} not listed: all that they need is reachable"));
    }
    page.line("");
    let used = |verdict: Option<Verdict>| rows.iter().any(|row| row.cells.contains(&verdict));
    let words = [
        (Some(Verdict::Reachable), "reachable"),
        (Some(Verdict::Blocked), "blocked"),
        (Some(Verdict::Intermittent), "intermittent"),
        (Some(Verdict::Unknown), "unknown"),
        (None, "not needed"),
    ];
    let legend: Vec<String> = words
        .into_iter()
        .filter(|(verdict, _)| used(*verdict))
        .map(|(verdict, word)| format!("{} {word}", mark(verdict, page.style).0))
        .collect();
    page.line(&page.style.faint.paint(&legend.join("   ")));
    if !many {
        page.line(&counts(services, page.style));
    }
    for service in services.iter().filter(|one| !one.failing_places.is_empty()) {
        let places = listed(&service.failing_places);
        page.line(&format!("{}: tasks in {places} will not start", names.of(service)));
    }
}

/// A row's name in lines that are not too wide, if its words let it.
fn folded(label: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in label.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDEST => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `1 of 2 services can start, 1 unknown; 1 of 1 reached by its load balancer`.
pub(super) fn counts(services: &[CheckedService], style: &Style) -> String {
    let told = |outcomes: &[Outcome], noun: &str| {
        let of = |outcome| outcomes.iter().filter(|one| **one == outcome).count();
        let passed = of(Outcome::Passed);
        let paint = if passed == outcomes.len() { &style.good } else { &style.bad };
        let unknown = match of(Outcome::Unknown) {
            0 => String::new(),
            number => format!(", {number} unknown"),
        };
        format!("{} of {} {noun}{unknown}", paint.paint(&passed.to_string()), outcomes.len())
    };
    let starts: Vec<Outcome> = services.iter().map(CheckedService::starts).collect();
    let noun = if starts.len() == 1 { "service can start" } else { "services can start" };
    let reached: Vec<Outcome> = services.iter().filter_map(CheckedService::is_reached).collect();
    match reached.is_empty() {
        true => told(&starts, noun),
        false => {
            format!("{}; {}", told(&starts, noun), told(&reached, "reached by load balancers"))
        }
    }
}

/// What any service needs, in the order in which a start fails; who comes to it, last.
fn columns(services: &[CheckedService]) -> Vec<(Role, &str)> {
    let mut columns: Vec<(Role, &str)> = Vec::new();
    for flow in services.iter().flat_map(|service| &service.flows) {
        match columns.iter_mut().find(|(_, what)| *what == flow.what) {
            Some((role, _)) => *role = flow.role.min(*role),
            None => columns.push((flow.role, &flow.what)),
        }
    }
    columns.sort_by_key(|(role, _)| *role);
    columns
}

fn rows(checked: &CheckedService, name: String, columns: &[(Role, &str)]) -> Vec<Row> {
    let mut places: Vec<&End> = Vec::new();
    for flow in checked.flows.iter().filter(|flow| flow.role != Role::Clients) {
        for end in flow.answers.iter().map(|answer| own_end(flow, answer)) {
            if !anywhere(end) && !places.iter().any(|other| same_place(other, end)) {
                places.push(end);
            }
        }
    }
    let cells = |place: Option<&End>| -> Vec<Option<Verdict>> {
        let of_column = |what: &str| {
            let flows = checked.flows.iter().filter(|flow| flow.what == what);
            worst(flows.filter_map(|flow| at(flow, place)))
        };
        columns.iter().map(|(_, what)| of_column(what)).collect()
    };
    let mut kinds: Vec<(Vec<Option<Verdict>>, Vec<String>)> = Vec::new();
    for place in places {
        let own = cells(Some(place));
        let words = place_words(place, &checked.service);
        match kinds.iter_mut().find(|(other, _)| *other == own) {
            Some((_, places)) => places.push(words),
            None => kinds.push((own, vec![words])),
        }
    }
    match kinds.as_slice() {
        [] => vec![Row { label: name, cells: cells(None) }],
        [(cells, _)] => vec![Row { label: name, cells: cells.clone() }],
        several => several
            .iter()
            .map(|(cells, places)| Row {
                label: match places.iter().any(String::is_empty) {
                    true => format!("{name} in places that are not known"),
                    false => format!("{name} in {}", listed(places)),
                },
                cells: cells.clone(),
            })
            .collect(),
    }
}

/// How services are called among all that are checked.
pub(super) struct Names<'a> {
    /// Names that several have.
    shared: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub fn new(all: &'a [CheckedService]) -> Self {
        let mut seen = BTreeSet::new();
        let labels = all.iter().map(|one| one.service.label());
        Self { shared: labels.filter(|label| !seen.insert(*label)).collect() }
    }

    /// The service's name, or its id where two have the same name.
    pub fn of(&self, checked: &CheckedService) -> String {
        let label = checked.service.label();
        let id = checked.service.id.as_str();
        // `cluster/web` of an ARN.
        let id = id.split_once(":service/").map_or(id, |(_, tail)| tail);
        let name = if self.shared.contains(label) { id } else { label };
        name.replace(char::is_control, " ")
    }
}

/// The end of an answer at which the service is.
pub(super) fn own_end<'a>(flow: &CheckedFlow, answer: &'a Answer) -> &'a End {
    match flow.role {
        Role::Leg | Role::Clients => &answer.destination,
        Role::Start(..) => &answer.source,
    }
}

/// Whether an end stands for wherever the tasks are: what was asked for, before anything was found.
fn anywhere(end: &End) -> bool {
    end.resource.kind == "place"
}

fn same_place(a: &End, b: &End) -> bool {
    a.resource == b.resource && a.subnet == b.subnet
}

/// `private-a`; for a running task that differs from its service, `private-a (task 0a1b)`;
/// nothing where the subnet is not known.
pub(super) fn place_words(end: &End, service: &ResourceRef) -> String {
    let Some(subnet) = end.subnet.as_ref().map(ResourceRef::label) else {
        return String::new();
    };
    let words = match end.resource == *service {
        true => subnet.to_owned(),
        false => {
            let label = end.resource.label();
            format!(
                "{subnet} ({} {})",
                end.resource.kind,
                label.rsplit('/').next().unwrap_or(label)
            )
        }
    };
    words.replace(char::is_control, " ")
}

/// What is proven of a flow at one place. What has no answers is alike everywhere.
fn at(flow: &CheckedFlow, place: Option<&End>) -> Option<Verdict> {
    // Clients come to the load balancer, wherever the tasks are.
    let somewhere = !flow.answers.is_empty() && flow.role != Role::Clients;
    let Some(place) = place.filter(|_| somewhere) else { return Some(flow.verdict) };
    let ends = flow.answers.iter().map(|answer| (answer, own_end(flow, answer)));
    let here = ends.filter(|(_, end)| anywhere(end) || same_place(end, place));
    let here = here.map(|(answer, _)| answer);
    let verdicts: Vec<Verdict> = here.map(|answer| answer.verdict).collect();
    (!verdicts.is_empty()).then(|| Verdict::of_all(verdicts))
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    verdicts.max_by_key(|verdict| match verdict {
        Verdict::Reachable => 0,
        Verdict::Unknown => 1,
        Verdict::Intermittent => 2,
        Verdict::Blocked => 3,
    })
}

pub(super) fn mark(verdict: Option<Verdict>, style: &Style) -> (&'static str, &Paint) {
    match verdict {
        Some(verdict) => {
            let mark = match verdict {
                Verdict::Reachable => "✓",
                Verdict::Blocked => "✗",
                Verdict::Intermittent => "~",
                Verdict::Unknown => "?",
            };
            (mark, words::paint_of(verdict, style))
        }
        None => (NOT_NEEDED, &style.faint),
    }
}

#[cfg(test)]
mod tests {
    use super::{WIDEST, folded};

    #[test]
    fn a_long_list_of_places_goes_on_below() {
        let label =
            "SServiceCA71428B in VPublicSubnet1SubnetF2809D77, VPublicSubnet2Subnet7E04E4C3";
        let lines = folded(label);
        assert!(lines.iter().all(|line| line.len() <= WIDEST), "{lines:?}");
        let words: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
        assert_eq!(words.join(" "), label);
        assert!(lines.iter().skip(1).all(|line| line.starts_with("  ")), "{lines:?}");
        assert_eq!(folded("web in private-a"), ["web in private-a"]);
    }
}
