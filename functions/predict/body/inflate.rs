//! Inflating a gzip body a little at a time, so that no small body becomes a large one in memory.

use std::fmt;
use std::io::Write;

use bytes::Bytes;
use flate2::write::MultiGzDecoder;

use crate::problem::Problem;

/// Compressed bytes that are inflated at once: deflate makes at most about 1,032 of each.
const STEP: usize = 256;

/// The state between two pieces of the body.
pub(crate) struct Inflate {
    decoder: MultiGzDecoder<Vec<u8>>,
    rest: Bytes,
    begun: bool,
}

impl Inflate {
    pub(crate) fn new() -> Self {
        Self { decoder: MultiGzDecoder::new(Vec::new()), rest: Bytes::new(), begun: false }
    }

    /// Gives the next compressed bytes; those before were used up by [`Self::next`].
    pub(crate) fn put(&mut self, compressed: Bytes) {
        debug_assert!(self.rest.is_empty(), "the bytes before were not used up");
        self.rest = compressed;
    }

    /// Inflates until something comes out; `None` where further bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        while !self.rest.is_empty() {
            self.begun = true;
            let step = self.rest.split_to(STEP.min(self.rest.len()));
            self.decoder.write_all(&step).and_then(|()| self.decoder.flush()).map_err(|_| not_gzip())?;
            let inflated = std::mem::take(self.decoder.get_mut());
            if !inflated.is_empty() {
                return Ok(Some(inflated.into()));
            }
        }
        Ok(None)
    }

    /// Refuses a body that was cut off.
    pub(crate) fn end(&mut self) -> Result<(), Problem> {
        if !self.begun {
            return Ok(());
        }
        self.decoder.try_finish().map_err(|_| not_gzip())
    }
}

fn not_gzip() -> Problem {
    Problem::Malformed { detail: "the body is not gzip, or is damaged or cut off".into() }
}

impl fmt::Debug for Inflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate").field("rest", &self.rest.len()).finish_non_exhaustive()
    }
}
