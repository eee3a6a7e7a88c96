//! Replicates on all cores, delivered in order.
//!
//! Workers take numbers from a counter; a worker that would run more than a bounded number of replicates ahead of the
//! one next in line waits, so that memory does not grow with the number of replicates or with one slow one.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Replicates that may wait for their turn, per worker.
const BACKLOG_PER_WORKER: u32 = 3;
/// How often `tick` is called while nothing arrives.
const TICK: Duration = Duration::from_millis(100);

/// What workers share: the next number to take, the next in line for delivery, and whether to stop.
struct Shared {
    counter: Mutex<Counter>,
    moved: Condvar,
}

struct Counter {
    next: u32,
    delivered: u32,
    stop: bool,
}

/// Calls `make` for 0..`count` on `threads` workers and `take` with each result, in order, on this thread.
///
/// `tick` is called on this thread at least every 100 ms or so. An error of `take` or `tick` stops the workers after
/// the item they are at, and is returned. A panic in `make` is passed on.
pub(crate) fn in_order<T: Send, E>(
    count: u32,
    threads: usize,
    make: impl Fn(u32) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    let shared = Shared {
        counter: Mutex::new(Counter {
            next: 0,
            delivered: 0,
            stop: false,
        }),
        moved: Condvar::new(),
    };
    let backlog = BACKLOG_PER_WORKER * u32::try_from(threads).expect("fewer than four billion threads");
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let _stop = StopOnDrop(&shared);
        for _ in 0..threads {
            let (sender, shared, make) = (sender.clone(), &shared, &make);
            scope.spawn(move || {
                let _stop = StopOnPanic(shared);
                while let Some(index) = shared.claim(count, backlog) {
                    if sender.send((index, make(index))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut delivered = 0;
        while delivered < count {
            match receiver.recv_timeout(TICK) {
                Ok((index, item)) => drop(waiting.insert(index, item)),
                Err(RecvTimeoutError::Timeout) => {}
                // Only a panic ends all workers early; leaving the scope passes it on.
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            while let Some(item) = waiting.remove(&delivered) {
                take(item)?;
                delivered += 1;
                shared.deliver(delivered);
            }
            tick()?;
        }
        Ok(())
    })
}

impl Shared {
    /// The next number, once it is close enough to the one next in line; `None` when there is nothing left to do.
    fn claim(&self, count: u32, backlog: u32) -> Option<u32> {
        let mut counter = self.counter.lock().unwrap_or_else(PoisonError::into_inner);
        while !counter.stop && counter.next < count && counter.next >= counter.delivered + backlog {
            counter = self.moved.wait(counter).unwrap_or_else(PoisonError::into_inner);
        }
        if counter.stop || counter.next >= count {
            return None;
        }
        counter.next += 1;
        Some(counter.next - 1)
    }

    fn deliver(&self, delivered: u32) {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).delivered = delivered;
        self.moved.notify_all();
    }

    fn stop(&self) {
        self.counter.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.moved.notify_all();
    }
}

/// Lets the workers go home when delivery ends, however it ends.
struct StopOnDrop<'a>(&'a Shared);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Lets the other workers go home when one panics, instead of waiting for its item for ever.
struct StopOnPanic<'a>(&'a Shared);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn delivered(count: u32, threads: usize) -> Vec<u32> {
        let mut seen = Vec::new();
        let slow_when_even = |index: u32| {
            std::thread::sleep(Duration::from_micros(if index.is_multiple_of(2) { 300 } else { 10 }));
            index
        };
        let take = |index| {
            seen.push(index);
            Ok::<_, ()>(())
        };
        in_order(count, threads, slow_when_even, take, || Ok(())).expect("nothing fails");
        seen
    }

    #[test]
    fn order_does_not_depend_on_threads() {
        let expected: Vec<u32> = (0..40).collect();
        for threads in [1, 2, 7] {
            assert_eq!(delivered(40, threads), expected);
        }
        assert!(delivered(0, 3).is_empty());
    }

    #[test]
    fn workers_do_not_run_ahead_of_a_slow_replicate() {
        let made = AtomicU32::new(0);
        let make = |index: u32| {
            if index == 0 {
                std::thread::sleep(Duration::from_millis(50));
                // Two workers may hold 6 replicates; number 0 is this one.
                assert!(made.load(Ordering::SeqCst) <= 5);
            }
            made.fetch_add(1, Ordering::SeqCst);
        };
        in_order(100, 2, make, |()| Ok::<_, ()>(()), || Ok(())).expect("nothing fails");
        assert_eq!(made.into_inner(), 100);
    }

    #[test]
    fn an_error_stops_the_workers() {
        let take = |index| if index == 3 { Err("full disk") } else { Ok(()) };
        assert_eq!(in_order(1_000_000, 2, |index| index, take, || Ok(())), Err("full disk"));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let make = |index: u32| assert_ne!(index, 5);
        let _ = in_order(100, 3, make, |()| Ok::<_, ()>(()), || Ok(()));
    }
}
