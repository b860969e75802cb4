//! Answers as people and programs read them, one file per format.

mod audit;
mod baseline;
mod capture;
mod causes;
mod check;
mod concerns;
mod diagnosis;
mod diff;
mod doctor;
mod evidence;
mod fix;
mod group;
mod health;
mod json;
mod matrix;
mod ordered;
mod page;
mod pairs;
mod reference;
mod repairs;
mod style;
mod summary;
mod text;
mod what_if;
mod words;

pub use audit::{audit_csv, audit_json, audit_text};
pub use baseline::{BaselineError, Comparison, Problem, compare, comparison_text};
pub use capture::{PolicyNeeds, capture_policy, capture_script, capture_text};
#[cfg(feature = "cli")]
pub use check::check_schema;
pub use check::{check_json, check_text, compared_json};
#[cfg(feature = "cli")]
pub use diagnosis::diagnosis_schema;
pub use diagnosis::{diagnosis_json, diagnosis_text};
#[cfg(feature = "cli")]
pub use diff::diff_schema;
pub use diff::{Diff, diff_json, diff_text};
pub use doctor::{doctor_json, doctor_text};
pub use json::json;
#[cfg(feature = "cli")]
pub use json::schema;
pub use pairs::Pairs;
pub use reference::{assumptions_json, assumptions_text, code_text, codes_json, codes_text};
#[cfg(feature = "cli")]
pub use repairs::repairs_schema;
pub use repairs::{repairs_json, repairs_text};
pub use style::{Paint, Style};
pub use text::text;
#[cfg(feature = "cli")]
pub use what_if::what_if_schema;
pub use what_if::{UNCHECKED, WhatIf, what_if_json, what_if_text};
