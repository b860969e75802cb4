//! Networks made to order: any size, several shapes, the same for a seed on every machine.
//!
//! A [`Plan`] says what there is, VPC by VPC and only when asked, so that a network of a million
//! interfaces takes no more memory than its largest account. Two writers write it down: as the AWS
//! CLI would have saved it, and as a scenario.
//!
//! ```
//! use vpc_reach::generate::{Order, Plan, Shape, write_scenario};
//! let order = Order { shape: Shape::Fleet, vpcs: 2, interfaces: 5, seed: 7 };
//! let plan = Plan::new(order)?;
//! let mut text = Vec::new();
//! write_scenario(&plan, &mut text)?;
//! assert!(text.starts_with(b"# 2 VPCs of 5 interfaces"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod describe;
mod draw;
mod filters;
mod folder;
mod plan;
mod scenario;
mod space;
mod transit;
mod vpc;

pub use describe::write as write_describe;
pub use folder::Folder;
pub use plan::{Order, OrderError, Plan, Shape};
pub use scenario::write as write_scenario;

/// The Region that everything is in.
const REGION: &str = "us-east-1";

/// What AWS's prefix list of S3 holds: two blocks of it.
const S3_BLOCKS: [&str; 2] = ["52.216.0.0/15", "3.5.0.0/19"];

/// A zone of it, by the position among a VPC's zones.
fn zone(position: u8) -> &'static str {
    match position {
        0 => "us-east-1a",
        1 => "us-east-1b",
        _ => "us-east-1c",
    }
}

/// The account id of an account's number.
fn account_id(number: u32) -> String {
    format!("{}", 100_000_000_000_u64 + u64::from(number))
}
