//! `reach schema`

use super::complaint::Complaint;
use super::{Shown, Status};
use crate::report;

pub(super) fn run() -> Result<Shown, Complaint> {
    let schema = report::schema()
        .map_err(|error| Complaint::new(format!("the schema cannot be built: {error}")))?;
    Ok(Shown { text: format!("{schema:#}\n"), status: Status::AsWanted })
}
