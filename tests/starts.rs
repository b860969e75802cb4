//! What a task's start needs, from which interface, and what fails when it is not there.

#[path = "starts/captured.rs"]
mod captured;
#[path = "starts/needs.rs"]
mod needs;
#[path = "starts/network.rs"]
mod network;
#[path = "starts/open_points.rs"]
mod open_points;
#[path = "starts/settings.rs"]
mod settings;
#[path = "starts/sources.rs"]
mod sources;
