//! What the settings of services bring about, besides the fate of packets.

use super::group::listed;
use super::matrix::Names;
use super::ordered::Ordered;
use super::page::Page;
use super::words;
use crate::answer::{Concern, Severity};
use crate::check::CheckedService;
use crate::models;

/// A paragraph per concern; services that share one are told together. The worst comes first.
pub(super) fn show(page: &mut Page<'_>, services: &[CheckedService]) {
    let mut told = Ordered::new();
    let names = Names::new(services);
    for service in services {
        let own_name = names.of(service);
        for concern in &service.concerns {
            let (_, names): &mut (_, Vec<String>) = told.at(concern, || (concern, Vec::new()));
            names.push(own_name.clone());
        }
    }
    let mut told = told.into_values();
    told.sort_by_key(|(concern, _)| std::cmp::Reverse(concern.severity));
    for (concern, names) in told {
        paragraph(page, concern, &names);
    }
}

fn paragraph(page: &mut Page<'_>, concern: &Concern, names: &[String]) {
    let (mark, paint) = match concern.severity {
        Severity::Stops => ("✗", &page.style.bad),
        Severity::Warning => ("!", &page.style.doubtful),
        Severity::Note => ("·", &page.style.faint),
    };
    let clean = |text: &str| text.replace(char::is_control, " ");
    let said = clean(&words::said(&concern.resource, &concern.what));
    let place = words::place(&concern.resource, concern.location.as_ref(), None);
    let place = match place.is_empty() {
        true => place,
        false => format!("   {}", page.style.faint.paint(&clean(&place))),
    };
    let code = paint.paint(&format!("{} ({})", concern.code, concern.rule));
    let mark = paint.paint(mark);
    page.line("");
    for (i, line) in words::wrap(&said, page.style.width - 2).iter().enumerate() {
        let mark = if i == 0 { mark.as_str() } else { " " };
        page.line(&format!("{mark} {line}"));
    }
    page.line(&format!("  {code}{place}"));
    page.prose("of", &[listed(names)]);
    let remedy = models::code(&concern.code.0).map(|code| code.remedy.to_owned());
    page.prose("fix", &remedy.into_iter().collect::<Vec<_>>());
}
