//! Answers that are alike, told once.
//!
//! Two answers are alike when they differ only in where they start and end: the resource, its
//! subnet, its addresses. Those words are taken out, what is left is compared, and one answer is
//! told with all of their words in.

use crate::answer::{Answer, End, Hop, Location, ResourceRef, Verdict};

/// How many names are listed before the rest is counted.
const LISTED: usize = 4;

/// One answer per group of answers that are alike: what fails first, otherwise in their order.
pub(super) fn groups(answers: &[Answer]) -> Vec<Answer> {
    let answers: Vec<Answer> = answers.iter().map(printable).collect();
    let mut alike: Vec<(Answer, Vec<&Answer>)> = Vec::new();
    for answer in &answers {
        let bare = bare(answer);
        match alike.iter_mut().find(|(other, _)| *other == bare) {
            Some((_, members)) => members.push(answer),
            None => alike.push((bare, vec![answer])),
        }
    }
    let mut groups: Vec<Answer> =
        alike.into_iter().map(|(bare, members)| told(bare, &members)).collect();
    groups.sort_by_key(|group| match group.verdict {
        Verdict::Blocked => 0,
        Verdict::Intermittent => 1,
        Verdict::Unknown => 2,
        Verdict::Reachable => 3,
    });
    groups
}

/// The answer without control characters: a name in a capture may hold anything, and must neither
/// break a line nor command the terminal.
pub(super) fn printable(answer: &Answer) -> Answer {
    let clean = |text: &str| text.replace(char::is_control, " ");
    let mut answer = each_text(answer, &clean);
    name_planned(&mut answer);
    for end in [&mut answer.source, &mut answer.destination] {
        end.addresses = clean(&end.addresses);
        for resource in std::iter::once(&mut end.resource).chain(&mut end.subnet) {
            resource.id = clean(&resource.id);
            resource.name = resource.name.as_deref().map(clean);
        }
    }
    answer
}

/// An interface that is only planned has no name that a person knows: what it does, the
/// destination does.
fn name_planned(answer: &mut Answer) {
    let destination = &answer.destination.resource;
    let hops = answer.hops.iter_mut().map(|hop| &mut hop.resource);
    for resource in hops.chain(answer.blockers.iter_mut().map(|blocker| &mut blocker.resource)) {
        if resource.id.starts_with("planned/") {
            resource.clone_from(destination);
        }
    }
}

/// The words that say where an answer starts and ends. Their order is their identity.
fn words(answer: &Answer) -> [String; 10] {
    let (source, destination) = (&answer.source, &answer.destination);
    let subnet = |end: &End| match &end.subnet {
        Some(subnet) => (subnet.label().to_owned(), subnet.id.clone()),
        None => (String::new(), String::new()),
    };
    let ((from, from_id), (to, to_id)) = (subnet(source), subnet(destination));
    [
        source.resource.label().to_owned(),
        source.resource.id.clone(),
        from,
        from_id,
        source.addresses.clone(),
        destination.resource.label().to_owned(),
        destination.resource.id.clone(),
        to,
        to_id,
        destination.addresses.clone(),
    ]
}

/// The stand-in for a word: a character that no text of ours holds.
fn stand_in(index: usize) -> char {
    char::from_u32(0xE000 + u32::try_from(index).unwrap_or_default()).unwrap_or('\u{F8FF}')
}

/// The answer without its words.
fn bare(answer: &Answer) -> Answer {
    let mut words: Vec<(usize, String)> = words(answer).into_iter().enumerate().collect();
    // The longest first, so that no word is cut out of the middle of another.
    words.sort_by_key(|(_, word)| std::cmp::Reverse(word.len()));
    let take_out = |text: &str| {
        words
            .iter()
            .filter(|(_, word)| !word.is_empty())
            .fold(text.to_owned(), |text, (i, word)| replace_word(&text, word, stand_in(*i)))
    };
    let mut bare = each_text(answer, &take_out);
    // What belongs to an end is stated where that end is stated.
    for hop in bare.hops.iter_mut().chain(&mut bare.return_hops) {
        if hop.resource.id.contains(is_stand_in) {
            hop.location = None;
        }
    }
    for blocker in &mut bare.blockers {
        if blocker.resource.id.contains(is_stand_in) {
            blocker.location = None;
        }
    }
    for end in [&mut bare.source, &mut bare.destination] {
        end.resource.id.clear();
        end.resource.name = None;
        end.addresses.clear();
        end.subnet = None;
    }
    bare
}

fn is_stand_in(character: char) -> bool {
    ('\u{E000}'..'\u{E010}').contains(&character)
}

/// One answer with the words of all.
fn told(bare: Answer, members: &[&Answer]) -> Answer {
    let [first, rest @ ..] = members else { return bare };
    if rest.is_empty() {
        return (*first).clone();
    }
    let mut lists: [Vec<String>; 10] = Default::default();
    for member in members {
        for (list, word) in lists.iter_mut().zip(words(member)) {
            if !word.is_empty() && !list.contains(&word) {
                list.push(word);
            }
        }
    }
    let lists = lists.map(|list| listed(&list));
    let put_in = |text: &str| {
        let mut out = text.to_owned();
        for (i, list) in lists.iter().enumerate() {
            out = out.replace(stand_in(i), list);
        }
        out
    };
    let [source, source_id, from, from_id, sources, destination, destination_id, to, to_id, all] =
        &lists;
    let end = |end: &End, id: &str, label: &str, subnet: (&str, &str), addresses: &str| End {
        resource: ResourceRef::new(end.resource.kind.clone(), id, Some(label)),
        subnet: end
            .subnet
            .as_ref()
            .map(|one| ResourceRef::new(one.kind.clone(), subnet.1, Some(subnet.0))),
        addresses: addresses.to_owned(),
        port: end.port,
        ports: end.ports.clone(),
    };
    let mut told = each_text(&bare, &put_in);
    told.source = end(&first.source, source_id, source, (from, from_id), sources);
    told.destination = end(&first.destination, destination_id, destination, (to, to_id), all);
    keep_shared_locations(&mut told, first, rest);
    told
}

/// Puts back the locations on which all agree.
fn keep_shared_locations(told: &mut Answer, first: &Answer, rest: &[&Answer]) {
    fn places(answer: &Answer) -> impl Iterator<Item = &Option<Location>> {
        let hops = answer.hops.iter().chain(&answer.return_hops).map(|hop| &hop.location);
        hops.chain(answer.blockers.iter().map(|blocker| &blocker.location))
    }
    let shared: Vec<Option<Location>> = places(first)
        .enumerate()
        .map(|(i, place)| {
            place.clone().filter(|_| rest.iter().all(|other| places(other).nth(i) == Some(place)))
        })
        .collect();
    let hops = told.hops.iter_mut().chain(&mut told.return_hops).map(|hop| &mut hop.location);
    let all = hops.chain(told.blockers.iter_mut().map(|blocker| &mut blocker.location));
    for (place, shared) in all.zip(shared) {
        *place = shared;
    }
}

/// `a, b, c, d and 2 more`.
pub(super) fn listed(words: &[String]) -> String {
    let shown = words.get(..LISTED).unwrap_or(words);
    match words.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Replaces `word` where it stands alone.
fn replace_word(text: &str, word: &str, by: char) -> String {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(word) {
        out.push_str(before);
        let alone = !out.ends_with(part_of_word) && !after.starts_with(part_of_word);
        match alone {
            true => out.push(by),
            false => out.push_str(word),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The answer with every text of its evidence changed; its ends stay.
fn each_text(answer: &Answer, change: &dyn Fn(&str) -> String) -> Answer {
    let mut answer = answer.clone();
    let of_resource = |resource: &mut ResourceRef| {
        resource.id = change(&resource.id);
        resource.name = resource.name.as_deref().map(change);
    };
    let of_hop = |hop: &mut Hop| {
        of_resource(&mut hop.resource);
        hop.what = change(&hop.what);
    };
    answer.hops.iter_mut().for_each(of_hop);
    answer.return_hops.iter_mut().for_each(of_hop);
    for blocker in &mut answer.blockers {
        of_resource(&mut blocker.resource);
        blocker.what = change(&blocker.what);
        blocker.symptom = blocker.symptom.as_deref().map(change);
    }
    for missing in &mut answer.missing {
        missing.fact = change(&missing.fact);
        missing.command = missing.command.as_deref().map(change);
    }
    for finding in &mut answer.findings {
        finding.text = change(&finding.text);
    }
    for part in &mut answer.fails_for {
        *part = change(part);
    }
    if let Some(name) = &mut answer.name {
        name.name = change(&name.name);
        name.what = change(&name.what);
    }
    answer
}
