//! One line on stderr that says how far a run is; silent where nobody watches.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use malar_workbench::run::Progress;

/// Width of the bar, characters.
const WIDTH: usize = 28;
/// Shortest time between two drawings.
const PAUSE: Duration = Duration::from_millis(80);

/// A bar on stderr.
pub(crate) struct Bar {
    /// What is counted, in the plural.
    what: &'static str,
    watched: bool,
    coloured: bool,
    started: Instant,
    drawn: Cell<Option<Instant>>,
}

impl Bar {
    pub fn new(what: &'static str) -> Bar {
        let watched = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let coloured = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Bar {
            what,
            watched,
            coloured,
            started: Instant::now(),
            drawn: Cell::new(None),
        }
    }

    fn draw(&self, done: u32, total: u32) {
        let full = (WIDTH as u64 * u64::from(done) / u64::from(total.max(1))) as usize;
        let (start, end) = if self.coloured {
            ("\x1b[36m", "\x1b[0m")
        } else {
            ("", "")
        };
        let seconds = self.started.elapsed().as_secs();
        let left = (done > 0).then(|| {
            let rest = self.started.elapsed().as_secs_f64() / f64::from(done) * f64::from(total - done);
            format!(", about {rest:.0} s left")
        });
        let (bar, rest) = ("━".repeat(full), "─".repeat(WIDTH - full));
        let left = left.filter(|_| done < total).unwrap_or_default();
        let line = format!(
            "{start}{bar}{end}{rest} {done} of {total} {}, {seconds} s{left}",
            self.what
        );
        // A progress line nobody can read is no reason to stop a run.
        let _ = write!(std::io::stderr(), "\r\x1b[2K{line}");
        let _ = std::io::stderr().flush();
    }
}

impl Progress for Bar {
    fn update(&self, done: u32, total: u32) {
        let recent = self.drawn.get().is_some_and(|drawn| drawn.elapsed() < PAUSE);
        if self.watched && !recent {
            self.draw(done, total);
            self.drawn.set(Some(Instant::now()));
        }
    }
}

impl Drop for Bar {
    /// Clears the line, so that what follows starts on an empty one.
    fn drop(&mut self) {
        if self.drawn.get().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
