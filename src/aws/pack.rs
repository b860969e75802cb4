//! A folder becomes one file.

use super::folder::write_whole;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

/// Packs a folder into a `.tar.zst`, and takes the folder away.
pub(super) fn pack(folder: &Path, file: &Path) -> io::Result<()> {
    let plain = file.with_extension("plain");
    let mut builder = tar::Builder::new(File::create(&plain)?);
    builder.mode(tar::HeaderMode::Deterministic);
    for path in files(folder)? {
        let name = path.strip_prefix(folder).map_err(io::Error::other)?;
        builder.append_path_with_name(&path, name)?;
    }
    builder.into_inner()?.sync_all()?;
    let packed = compress_to_vec(BufReader::new(File::open(&plain)?), CompressionLevel::Fastest);
    write_whole(file, &packed)?;
    fs::remove_file(&plain)?;
    fs::remove_dir_all(folder)
}

/// Every file of a folder and its folders, in the order of their names.
fn files(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}
