//! Where files go.

use std::io::{self, Write};

/// What takes files: a folder on disk, or any other store.
pub trait Folder {
    /// Starts the file of a path, with `/` between its folders.
    ///
    /// # Errors
    /// When it cannot be written.
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>>;
}
