//! Work shared between threads, results in the order of the work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads work at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads(usize);

impl Threads {
    /// This many, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self(threads.max(1))
    }

    /// As many as the machine runs at once.
    #[must_use]
    pub fn available() -> Self {
        Self(std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }

    /// `work(0)..work(jobs)`, in that order, whichever thread did which.
    pub(crate) fn map<T: Send>(self, jobs: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(jobs));
        std::thread::scope(|scope| {
            for _ in 0..self.0.min(jobs) {
                scope.spawn(|| {
                    loop {
                        let job = next.fetch_add(1, Ordering::Relaxed);
                        if jobs <= job {
                            break;
                        }
                        let result = work(job);
                        done.lock().expect("no thread panics while it holds the results").push((job, result));
                    }
                });
            }
        });
        let mut done = done.into_inner().expect("every thread has ended");
        done.sort_by_key(|(job, _)| *job);
        done.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_work() {
        for threads in [0, 1, 2, 7, 100] {
            let squares = Threads::new(threads).map(50, |job| job * job);
            assert_eq!(squares, (0..50).map(|job| job * job).collect::<Vec<_>>());
        }
    }
}
