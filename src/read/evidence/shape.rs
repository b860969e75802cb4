//! Whether a line is of a shape, and what stands in its gaps.

/// What stands in the gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// The addresses and ports, as they are written.
    pub binds: Vec<(String, u16)>,
    /// A host that stands alone.
    pub host: Option<String>,
    /// A port that stands alone.
    pub port: Option<u16>,
}

/// What a shape is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Words(&'a str),
    Bind,
    Binds,
    Host,
    Port,
    Any,
}

const GAPS: [(&str, Part<'static>); 5] = [
    ("{bind}", Part::Bind),
    ("{binds}", Part::Binds),
    ("{host}", Part::Host),
    ("{port}", Part::Port),
    ("{any}", Part::Any),
];

/// The gaps of the first place in `line` that is of the shape.
pub(super) fn find(shape: &str, line: &str) -> Option<Gaps> {
    let parts = parts(shape);
    let Some((Part::Words(first), rest)) = parts.split_first() else { return None };
    line.match_indices(first).find_map(|(at, _)| {
        let after = line.get(at + first.len()..)?;
        let mut gaps = Gaps::default();
        fill(rest, after, &mut gaps).map(|()| gaps)
    })
}

fn parts(shape: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = shape;
    while !rest.is_empty() {
        let next = GAPS.iter().filter_map(|&(name, part)| Some((rest.find(name)?, name, part)));
        let Some((at, name, part)) = next.min_by_key(|&(at, ..)| at) else {
            parts.push(Part::Words(rest));
            break;
        };
        let (words, from) = rest.split_at(at);
        if !words.is_empty() {
            parts.push(Part::Words(words));
        }
        parts.push(part);
        rest = from.get(name.len()..).unwrap_or_default();
    }
    parts
}

fn fill(parts: &[Part<'_>], line: &str, gaps: &mut Gaps) -> Option<()> {
    let Some((part, rest)) = parts.split_first() else { return Some(()) };
    match part {
        Part::Words(words) => fill(rest, line.strip_prefix(words)?, gaps),
        Part::Any => {
            let Some(Part::Words(next)) = rest.first() else { return fill(rest, "", gaps) };
            let at = line.find(next)?;
            fill(rest, line.get(at..)?, gaps)
        }
        Part::Bind => {
            let (word, after) = word(line);
            let (host, port) = super::host_and_port(word)?;
            gaps.binds.push((host.to_owned(), port));
            fill(rest, after, gaps)
        }
        Part::Binds => {
            let end = line.find(' ').unwrap_or(line.len());
            let (list, after) = line.split_at(end);
            for one in list.split(',') {
                // A Unix socket is no address.
                let bare = one.split_once("://").map_or(one, |(_, bare)| bare);
                if let Some((host, port)) = super::host_and_port(bare) {
                    gaps.binds.push((host.to_owned(), port));
                }
            }
            fill(rest, after, gaps)
        }
        Part::Host => {
            // The port that may follow is none of the host.
            let end = match rest.first() {
                Some(Part::Words(next)) => line.find(next)?,
                _ => word(line).0.len(),
            };
            let (host, after) = line.split_at(end);
            gaps.host = Some(host.to_owned());
            fill(rest, after, gaps)
        }
        Part::Port => {
            let end = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
            let (port, after) = line.split_at(end);
            gaps.port = Some(port.parse().ok().filter(|&port| port > 0)?);
            fill(rest, after, gaps)
        }
    }
}

/// As much of a line as an address and a port may be written with.
fn word(line: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "._:-[]*+%".contains(c);
    line.split_at(line.find(|c| !is_part(c)).unwrap_or(line.len()))
}
