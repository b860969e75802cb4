//! `--parameter Environment=prod`

use super::arguments::Options;
use super::complaint::Complaint;
use crate::read::Parameters;

/// The parameters of templates that the options name.
pub(super) fn named(options: &Options) -> Result<Parameters, Complaint> {
    let mut parameters = Parameters::new();
    for text in &options.parameter {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Complaint::new(format!("`--parameter {text}` gives no value"))
                .hint(format!("write --parameter {text}=VALUE")));
        };
        parameters.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(parameters)
}
