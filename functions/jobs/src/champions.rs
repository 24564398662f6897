//! The champion of a folder, the champions before it, and how another one takes its place.
//!
//! `history/champions.log` holds a line for each change, `TIME VERB VERSION`, and is only ever added to. Read from its
//! beginning the lines give a stack with the present champion on top: `promote` puts a version on it, `rollback` takes
//! off what lies above one, and `found` does the same for a champion that came there without a line. The order of
//! writing is artifact, card, log, champion: whatever cuts it off, the champion is the old one or the new one, either
//! has its card, and a log that was quicker than the champion is put right by the next `found`. From reading to writing
//! the folder is locked, so that of two changes at once each has its line.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use churn::{Artifact, Card, VERSION_DIGITS, sha256_hex};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::artifacts::{self, Loaded, card_path};
use crate::error::JobError;
use crate::lock::FolderLock;
use crate::output;

/// How a version became the champion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Promote,
    Rollback,
    /// It was there, and no line says how.
    Found,
}

/// The champion of a folder, and those before it.
pub(crate) struct Champions {
    _lock: FolderLock,
    out: PathBuf,
    /// The log, with a `found` for a champion that it does not end with.
    log: String,
    /// Versions, the present champion last.
    line: Vec<String>,
    /// The bytes of `champion.msgpack`, where there is one.
    present: Option<Vec<u8>>,
}

impl Champions {
    /// Locks the folder `out`, and reads its log and its present champion.
    pub(crate) fn read(out: &Path) -> Result<Self, JobError> {
        let lock = FolderLock::take(out)?;
        let present = optional(&out.join("champion.msgpack"))?;
        let path = log_path(out);
        let mut log = match optional(&path)? {
            None => String::new(),
            Some(bytes) => String::from_utf8(bytes).map_err(|_| JobError::Log {
                path: path.clone(),
                line: 1,
                found: "no text".into(),
            })?,
        };
        let line = replay(&log).map_err(|(line, found)| JobError::Log { path, line, found })?;
        // An editor may have left out the last line feed; the next line is not to be joined to that one.
        if !log.is_empty() && !log.ends_with('\n') {
            log.push('\n');
        }
        let mut champions = Self { _lock: lock, out: out.into(), log, line, present };
        if let Some(version) = champions.present.as_deref().map(version_of)
            && champions.line.last() != Some(&version)
        {
            champions.note(Change::Found, &version);
        }
        Ok(champions)
    }

    /// The champion before the present one.
    pub(crate) fn before(&self) -> Option<&str> {
        let before = self.line.len().checked_sub(2)?;
        Some(&self.line[before])
    }

    /// The versions that the history holds, by name.
    pub(crate) fn kept(&self) -> Result<Vec<String>, JobError> {
        let folder = self.out.join("history");
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|source| JobError::Read { path: folder.clone(), source })?,
        };
        let mut versions = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| JobError::Read { path: folder.clone(), source })?.file_name();
            versions.extend(
                name.to_str()
                    .and_then(|name| name.strip_suffix(".msgpack"))
                    .filter(|v| is_version(v))
                    .map(String::from),
            );
        }
        versions.sort();
        Ok(versions)
    }

    /// Makes `model` the champion; where it is the champion already, only the history is made whole.
    pub(crate) fn change(mut self, change: Change, model: &Loaded, card: &Card) -> Result<(), JobError> {
        self.keep_present()?;
        let kept = kept(&self.out, &card.version);
        replace(&kept, &model.bytes)?;
        replace(&card_path(&kept), card.to_json().as_bytes())?;
        let is_new = self.present.as_ref() != Some(&model.bytes);
        if is_new {
            self.note(change, &card.version);
        }
        replace(&log_path(&self.out), self.log.as_bytes())?;
        if is_new {
            output::write(&self.out.join("champion.msgpack"), &model.bytes)?;
        }
        Ok(())
    }

    /// A champion that was put there by hand is kept too, if it is one.
    fn keep_present(&self) -> Result<(), JobError> {
        let Some(bytes) = &self.present else { return Ok(()) };
        let path = kept(&self.out, &version_of(bytes));
        if Artifact::decode(bytes).is_err() {
            eprintln!("note: the champion that was here cannot be read, and is not kept");
            return Ok(());
        }
        if !card_path(&path).is_file() {
            eprintln!(
                "note: the champion that was here has no card, {} is missing",
                card_path(&path).display()
            );
        }
        replace(&path, bytes)
    }

    fn note(&mut self, change: Change, version: &str) {
        let time = OffsetDateTime::now_utc().truncate_to_second().format(&Rfc3339);
        let time = time.expect("a time of this era has an RFC 3339 form");
        self.log += &format!("{time} {} {version}\n", change.verb());
        change.apply(version, &mut self.line);
    }
}

impl Change {
    const ALL: [Self; 3] = [Self::Promote, Self::Rollback, Self::Found];

    fn verb(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::Found => "found",
        }
    }

    fn apply(self, version: &str, line: &mut Vec<String>) {
        let before = line.iter().rposition(|earlier| earlier == version);
        match (self, before) {
            (Self::Rollback | Self::Found, Some(before)) => line.truncate(before + 1),
            _ => line.push(version.to_owned()),
        }
    }
}

/// Reads an artifact of the history, and its card.
pub(crate) fn load(out: &Path, version: &str) -> Result<(Loaded, Card), JobError> {
    let path = kept(out, version);
    let loaded = artifacts::load(&path)?;
    let card = artifacts::load_card(&path, &loaded.sha256)?;
    if loaded.version() == version {
        Ok((loaded, card))
    } else {
        Err(JobError::Misnamed { path, found: loaded.version() })
    }
}

/// The stack that the lines of `log` give; the number and the text of the first line that is none.
fn replay(log: &str) -> Result<Vec<String>, (usize, String)> {
    let mut line = Vec::new();
    for (index, text) in log.lines().enumerate() {
        let mut words = text.split(' ');
        let parsed = match (words.next(), words.next(), words.next(), words.next()) {
            (Some(_), Some(verb), Some(version), None) if is_version(version) => {
                Change::ALL.into_iter().find(|change| change.verb() == verb).map(|change| (change, version))
            }
            _ => None,
        };
        let (change, version) = parsed.ok_or_else(|| (index + 1, text.chars().take(80).collect()))?;
        change.apply(version, &mut line);
    }
    Ok(line)
}

fn is_version(text: &str) -> bool {
    text.len() == VERSION_DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn version_of(bytes: &[u8]) -> String {
    Card::version_of(&sha256_hex(bytes))
}

/// Where the artifact of `version` is kept.
fn kept(out: &Path, version: &str) -> PathBuf {
    out.join("history").join(format!("{version}.msgpack"))
}

fn log_path(out: &Path) -> PathBuf {
    out.join("history/champions.log")
}

/// The file's bytes, or `None` where there is no such file.
fn optional(path: &Path) -> Result<Option<Vec<u8>>, JobError> {
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        bytes => bytes.map(Some).map_err(|source| JobError::Read { path: path.into(), source }),
    }
}

/// Puts `bytes` at `path`, unless they are there.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), JobError> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) { Ok(()) } else { output::write(path, bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stack of lines such as `promote a`, where one letter stands for a version.
    fn check(changes: &[&str], expected: &[&str]) {
        let version = |letter: &str| letter.repeat(VERSION_DIGITS);
        let log: String = changes
            .iter()
            .map(|change| {
                let (verb, letter) = change.split_once(' ').expect("a verb and a letter");
                format!("2026-11-25T03:42:11Z {verb} {}\n", version(letter))
            })
            .collect();
        let expected: Vec<String> = expected.iter().map(|letter| version(letter)).collect();
        assert_eq!(replay(&log), Ok(expected), "{changes:?}");
    }

    #[test]
    fn the_lines_give_the_champions_one_before_the_other() {
        check(&[], &[]);
        check(&["promote a", "promote b", "promote c"], &["a", "b", "c"]);
        check(&["promote a", "promote b", "promote c", "rollback b"], &["a", "b"]);
        check(&["promote a", "promote b", "promote c", "rollback b", "rollback a"], &["a"]);
        check(&["promote a", "promote b", "promote c", "rollback a", "promote d"], &["a", "d"]);
        check(&["promote a", "promote b", "promote a"], &["a", "b", "a"]);
        check(&["promote a", "promote b", "promote a", "rollback b"], &["a", "b"]);
    }

    #[test]
    fn a_champion_without_a_line_and_a_line_without_a_champion_are_put_right() {
        check(&["found a", "promote b"], &["a", "b"]);
        check(&["promote a", "promote b", "found a"], &["a"]);
        check(&["promote a", "rollback c"], &["a", "c"]);
    }

    #[test]
    fn a_line_of_another_shape_is_named() {
        for bad in [
            "",
            "x promote",
            "x promote abc",
            "x promotes aaaaaaaaaaaa",
            "x promote aaaaaaaaaaaa y",
            "x promote ../../../../x",
        ] {
            let log = format!("2026-11-25T03:42:11Z promote aaaaaaaaaaaa\n{bad}\n");
            assert_eq!(replay(&log), Err((2, bad.to_owned())));
        }
    }
}
