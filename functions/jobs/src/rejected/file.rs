//! `OUT.rejected.csv`: the rows at fault as they stand in the file, between their place and what is wrong with them.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Writer};
use tempfile::NamedTempFile;

use super::Rejected;
use crate::error::JobError;
use crate::output;

/// The file for the rows at fault of one run. Rows go to disk as they come: there may be millions.
pub(crate) struct RejectedFile {
    path: PathBuf,
    /// None before the first row.
    writer: Option<Writer<NamedTempFile>>,
}

impl RejectedFile {
    /// The file beside `output`. One that lies there must be of an earlier run: its name was not given by the user, so
    /// nothing else may be replaced.
    pub(crate) fn beside(output: &Path) -> Result<Self, JobError> {
        let mut path = output.as_os_str().to_owned();
        path.push(".rejected.csv");
        let path = PathBuf::from(path);
        if path.exists() && !is_ours(&path) {
            return Err(JobError::Foreign { path });
        }
        Ok(Self { path, writer: None })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds one row.
    pub(crate) fn push(
        &mut self,
        header: &ByteRecord,
        raw: &ByteRecord,
        row: &Rejected,
    ) -> Result<(), JobError> {
        if self.writer.is_none() {
            let mut writer = Writer::from_writer(output::create(&self.path)?);
            let ends = [row.place.parts().0.as_bytes(), b"reasons"];
            let [unit, reasons] = ends.map(|name| [name].into_iter());
            writer.write_record(unit.chain(header).chain(reasons)).map_err(|error| self.failed(error))?;
            self.writer = Some(writer);
        }
        let reasons: Vec<String> = row.refusals.iter().map(ToString::to_string).collect();
        let (number, reasons) = (row.place.parts().1.to_string(), reasons.join("; "));
        let cells = (0..header.len()).map(|column| raw.get(column).unwrap_or_default());
        let record = [number.as_bytes()].into_iter().chain(cells).chain([reasons.as_bytes()]);
        let written = self.writer.as_mut().map_or(Ok(()), |writer| writer.write_record(record));
        written.map_err(|error| self.failed(error))
    }

    /// Puts the file in its place. Where no row was at fault, that of an earlier run is taken away: it would pass for
    /// one of this run.
    pub(crate) fn commit(self) -> Result<(), JobError> {
        let failed = |source| JobError::Write { path: self.path.clone(), source };
        match self.writer {
            Some(writer) => {
                let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
                output::commit(file, &self.path)
            }
            None if self.path.exists() => {
                std::fs::remove_file(&self.path).map_err(failed)?;
                eprintln!("note: removed {}, of an earlier run: no row is at fault now", self.path.display());
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn failed(&self, error: csv::Error) -> JobError {
        JobError::Write { path: self.path.clone(), source: error.into() }
    }
}

/// Whether the file's header is one that this tool writes.
fn is_ours(path: &Path) -> bool {
    let mut header = Vec::new();
    let read = File::open(path).and_then(|file| BufReader::new(file).read_until(b'\n', &mut header));
    let header = header.trim_ascii_end();
    let is_begun = header.starts_with(b"line,") || header.starts_with(b"row,");
    read.is_ok() && is_begun && header.ends_with(b",reasons")
}
