//! `reach schema`

use super::arguments::Document;
use super::complaint::Complaint;
use super::{Shown, Status};
use crate::report;

pub(super) fn run(document: Document) -> Result<Shown, Complaint> {
    let schema = match document {
        Document::Query => report::schema(),
        Document::Check => Ok(report::check_schema()),
        Document::Diff => Ok(report::diff_schema()),
        Document::Fix => Ok(report::repairs_schema()),
        Document::WhatIf => Ok(report::what_if_schema()),
        Document::Diagnose => report::diagnosis_schema(),
    };
    let schema =
        schema.map_err(|error| Complaint::new(format!("the schema cannot be built: {error}")))?;
    Ok(Shown { text: format!("{schema:#}\n"), status: Status::AsWanted })
}
