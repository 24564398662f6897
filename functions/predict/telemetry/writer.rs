//! The log's way out: whole lines, in order, and no request ever waits for whoever reads them.
//!
//! There is no thread that could wait instead: Cloud Run takes the processor away when the answer is out, so a line has
//! to be written before that. What the reader does not take at once stays in a small buffer and goes out before the
//! next line; while that is full, lines are dropped and counted.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, OFlags};
use serde::Serialize;

/// Bytes written after one question whether there is room: for so many a pipe's yes is good (POSIX, PIPE_BUF).
const PIECE: usize = 4096;
/// Most bytes of lines that wait for the reader.
const WAITING: usize = 64 * 1024;

/// Where log lines go. Copies share one way out.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    writer: Mutex<Writer>,
    dropped: Counter,
    /// So many of them somebody was told of.
    told: AtomicU64,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It is out of this process.
    Written,
    /// It goes out before the next line.
    Waiting,
    /// It is lost, and counted.
    Dropped,
}

impl Log {
    /// The log on stdout.
    ///
    /// # Errors
    /// Where the process has no file descriptor left.
    pub fn stdout() -> io::Result<Self> {
        Ok(Self::to(io::stdout().as_fd().try_clone_to_owned()?))
    }

    /// The log into a pipe, a file or a terminal.
    #[must_use]
    pub fn to(output: OwnedFd) -> Self {
        let output = without_waiting(&output).unwrap_or_else(|| File::from(output));
        Self::new(Some(output))
    }

    /// A log that nobody reads.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(None)
    }

    fn new(output: Option<File>) -> Self {
        let writer = Writer { output, waiting: Vec::new(), is_within_a_line: false, untold: 0 };
        Self(Arc::new(Shared {
            writer: Mutex::new(writer),
            dropped: Counter::default(),
            told: AtomicU64::new(0),
        }))
    }

    /// Writes `line` as one line of JSON.
    pub(crate) fn write<T: Serialize>(&self, line: &T) -> Delivery {
        let mut bytes = serde_json::to_vec(line).expect("every log line has a JSON form");
        bytes.push(b'\n');
        let mut writer = self.writer();
        let (delivery, dropped) = writer.put(&bytes);
        self.0.dropped.inc_by(dropped);
        delivery
    }

    /// Waits until all lines are out, but not longer than `patience`: for the end of the process.
    pub fn flush(&self, patience: Duration) {
        const PAUSE: Duration = Duration::from_millis(5);
        let start = Instant::now();
        while self.writer().drain() == Ok(Drained::InPart) && start.elapsed() < patience {
            std::thread::sleep(PAUSE);
        }
    }

    /// Lines that were lost.
    pub(crate) fn dropped(&self) -> Counter {
        self.0.dropped.clone()
    }

    /// Gives the lines that were lost since the last time to `tell`, where there are any. What it writes may be lost too,
    /// and then they are told of again.
    pub(crate) fn tell_dropped(&self, tell: impl FnOnce(u64) -> Delivery) {
        let dropped = self.0.dropped.get();
        let told = self.0.told.fetch_max(dropped, Ordering::Relaxed);
        let Some(lines) = dropped.checked_sub(told).filter(|lines| 0 < *lines) else { return };
        if tell(lines) == Delivery::Dropped {
            self.0.told.fetch_sub(lines, Ordering::Relaxed);
        }
    }

    /// A panic while the lock was held leaves at worst a cut line, and the log must go on.
    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A second way into the same pipe or terminal, which says "full" instead of waiting.
///
/// Opened anew, because the flag on stdout itself would hold for every process that shares it. Where that is not
/// possible, asking before each piece has to do: it is wrong only where another process fills the pipe in between.
fn without_waiting(output: &OwnedFd) -> Option<File> {
    let kind = FileType::from_raw_mode(rustix::fs::fstat(output).ok()?.st_mode);
    if !matches!(kind, FileType::Fifo | FileType::CharacterDevice) {
        return None;
    }
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOCTTY).bits()).ok()?;
    let path = format!("/proc/self/fd/{}", output.as_raw_fd());
    OpenOptions::new().write(true).custom_flags(flags).open(path).ok()
}

/// The file, and what it has not taken yet.
struct Writer {
    output: Option<File>,
    waiting: Vec<u8>,
    /// Whether the last byte that went out was no line's end.
    is_within_a_line: bool,
    /// Lines that were dropped since the log last said so.
    untold: u64,
}

/// How far the waiting lines went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drained {
    Wholly,
    InPart,
}

/// The output takes nothing any more, such as a pipe whose reader has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

/// The line that tells of lines that are missing.
#[derive(Serialize)]
struct Missing {
    severity: &'static str,
    message: &'static str,
    lines: u64,
}

impl Writer {
    /// Takes one line with its end; also says how many lines were lost.
    fn put(&mut self, line: &[u8]) -> (Delivery, u64) {
        let lost = match self.drain() {
            Ok(Drained::Wholly) => {
                let untold = self.untold;
                self.tell();
                self.waiting.extend_from_slice(line);
                match self.drain() {
                    Ok(Drained::Wholly) => return (Delivery::Written, 0),
                    Ok(Drained::InPart) => return (Delivery::Waiting, 0),
                    Err(Broken) => self.give_up(),
                };
                // What told of missing lines is lost too, and is no line that anybody wrote.
                self.untold = untold;
                1
            }
            Ok(Drained::InPart) if self.waiting.len() + line.len() <= WAITING => {
                self.waiting.extend_from_slice(line);
                return (Delivery::Waiting, 0);
            }
            Ok(Drained::InPart) => 1,
            Err(Broken) => self.give_up() + 1,
        };
        self.untold += lost;
        (Delivery::Dropped, lost)
    }

    /// Puts what is missing before the next line.
    fn tell(&mut self) {
        let lines = std::mem::take(&mut self.untold);
        if lines == 0 {
            return;
        }
        let line = Missing { severity: "WARNING", message: "log lines were dropped", lines };
        self.waiting.extend(serde_json::to_vec(&line).expect("it has a JSON form"));
        self.waiting.push(b'\n');
    }

    /// Sends what waits, as far as it is taken at once.
    fn drain(&mut self) -> Result<Drained, Broken> {
        let mut sent = 0;
        let result = self.send(&mut sent);
        if let Some(last) = sent.checked_sub(1) {
            self.is_within_a_line = self.waiting[last] != b'\n';
        }
        self.waiting.drain(..sent);
        result
    }

    fn send(&self, sent: &mut usize) -> Result<Drained, Broken> {
        let Some(mut output) = self.output.as_ref() else {
            *sent = self.waiting.len();
            return Ok(Drained::Wholly);
        };
        while *sent < self.waiting.len() {
            let piece = &self.waiting[*sent..self.waiting.len().min(*sent + PIECE)];
            if !has_room(output) {
                return Ok(Drained::InPart);
            }
            match output.write(piece) {
                Ok(count) => *sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Drained::InPart),
                Err(_) => return Err(Broken),
            }
        }
        Ok(Drained::Wholly)
    }

    /// Drops the lines that wait, and says how many. The rest of one that was begun stays: a disk that was full may have
    /// room again, and then the next line must not go on where this one stopped.
    fn give_up(&mut self) -> u64 {
        let end = self.waiting.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let kept = if self.is_within_a_line { end } else { 0 };
        let lost = self.waiting.drain(kept..).filter(|&byte| byte == b'\n').count();
        u64::try_from(lost).unwrap_or(u64::MAX)
    }
}

/// Whether `output` takes a piece, or at least an error, without a wait.
fn has_room(output: &File) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut [PollFd::new(output, PollFlags::OUT)], Some(&now)).is_ok_and(|ready| 0 < ready)
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
