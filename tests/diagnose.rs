//! `reach diagnose`: what symptoms mean, and whether the network explains them.

#[path = "diagnose/prompt.rs"]
mod prompt;
#[path = "diagnose/texts.rs"]
mod texts;
