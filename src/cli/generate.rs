//! `reach generate --vpcs 100 --interfaces 100 --out net`

use super::arguments::{Generate, Written, Wrought};
use super::complaint::Complaint;
use super::{Shown, Status};
use crate::generate::{Folder, Order, OrderError, Plan, Shape, write_describe, write_scenario};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A scenario of more interfaces is none to read.
const LARGEST_SCENARIO: u64 = 10_000;

pub(super) fn run(wanted: &Generate) -> Result<Shown, Complaint> {
    let shape = match wanted.shape {
        Wrought::Fleet => Shape::Fleet,
        Wrought::NoReuse => Shape::NoReuse,
        Wrought::Ipv6 => Shape::Ipv6,
        Wrought::Overlap => Shape::Overlap,
        Wrought::Deep => Shape::Deep,
    };
    let Generate { vpcs, interfaces, seed, .. } = *wanted;
    let plan = Plan::new(Order { shape, vpcs, interfaces, seed })?;
    let out = wanted.out.as_deref();
    let is_scenario = match wanted.written {
        Some(written) => written == Written::Scenario,
        None => out.is_some_and(|out| out.ends_with(".yaml") || out.ends_with(".yml")),
    };
    let text = match (out, is_scenario) {
        (_, true) => scenario(&plan, out)?,
        (Some(out), false) => folder(&plan, out)?,
        (None, false) => {
            return Err(Complaint::new("saved AWS CLI output is a folder of files: say where")
                .hint("reach generate --out net")
                .hint("a scenario is one text: reach generate --as scenario > net.yaml"));
        }
    };
    Ok(Shown { text, status: Status::AsWanted })
}

fn scenario(plan: &Plan, out: Option<&str>) -> Result<String, Complaint> {
    if plan.interfaces() > LARGEST_SCENARIO {
        let message = format!(
            "a scenario is to be read: {} interfaces are more than {LARGEST_SCENARIO}",
            plan.interfaces()
        );
        return Err(Complaint::new(message)
            .hint("saved AWS CLI output may be of any size: --as describe, into a folder"));
    }
    let mut text = Vec::new();
    let broken = |error: io::Error| Complaint::new(format!("it cannot be written: {error}"));
    write_scenario(plan, &mut text).map_err(broken)?;
    let Some(out) = out else { return Ok(String::from_utf8_lossy(&text).into_owned()) };
    if Path::new(out).exists() {
        return Err(Complaint::new(format!("{out} is there already"))
            .hint("name a file that is not: nothing is overwritten"));
    }
    fs::write(out, &text).map_err(|error| unwritable(out, &error))?;
    Ok(format!("{out}: {}, {}\n", plan.order(), size(text.len() as u64)))
}

fn folder(plan: &Plan, out: &str) -> Result<String, Complaint> {
    let root = Path::new(out);
    if root.exists() {
        let mut inside = fs::read_dir(root).map_err(|error| unwritable(out, &error))?;
        if inside.next().is_some() {
            return Err(Complaint::new(format!("{out} is not empty")).hint(
                "name a folder that is not there yet: what lies in it would be read as part of \
                 the network",
            ));
        }
    }
    let mut disk = Disk { root: root.to_owned(), made: PathBuf::new(), files: 0, bytes: 0 };
    write_describe(plan, &mut disk).map_err(|error| unwritable(out, &error))?;
    let accounts = match plan.accounts() {
        1 => "1 account".to_owned(),
        several => format!("{several} accounts"),
    };
    let (files, bytes) = (disk.files, size(disk.bytes));
    Ok(format!("{out}: {}; {accounts}, {files} files, {bytes}\n", plan.order()))
}

fn unwritable(out: &str, error: &io::Error) -> Complaint {
    Complaint::new(format!("{out} cannot be written: {error}"))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// A folder on disk.
struct Disk {
    root: PathBuf,
    /// The folder that was made last.
    made: PathBuf,
    files: u64,
    bytes: u64,
}

impl Folder for Disk {
    fn file(&mut self, path: &str) -> io::Result<Box<dyn Write + '_>> {
        let path = self.root.join(path);
        if let Some(parent) = path.parent()
            && parent != self.made
        {
            fs::create_dir_all(parent)?;
            self.made = parent.to_owned();
        }
        self.files += 1;
        let file = BufWriter::new(File::create_new(path)?);
        Ok(Box::new(Counted { file, bytes: &mut self.bytes }))
    }
}

/// A file of which the bytes are counted.
struct Counted<'b> {
    file: BufWriter<File>,
    bytes: &'b mut u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        *self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl From<OrderError> for Complaint {
    fn from(error: OrderError) -> Self {
        let complaint = Self::new(error.to_string());
        match error {
            OrderError::TooFewVpcs { least, .. } => complaint.hint(format!("--vpcs {least}")),
            OrderError::NoInterfaces => complaint.hint("--interfaces 1"),
            OrderError::TooManyInterfaces { most } => {
                complaint.hint(format!("--interfaces {most}, and more VPCs"))
            }
            OrderError::TooManyVpcs { most } => {
                complaint.hint(format!("--vpcs {most}, or fewer --interfaces, for smaller blocks"))
            }
        }
    }
}
