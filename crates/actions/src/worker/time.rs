//! The clocks of a run: processor time, which no load of the machine changes, and the time on the wall.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

/// What stopped a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    Processor,
    Wall,
}

/// Both clocks, asked by the engine while it works.
#[derive(Debug)]
pub struct Clocks {
    began: Cell<Instant>,
    began_processor: Cell<Duration>,
    processor: Cell<Duration>,
    wall: Cell<Duration>,
    stopped: Cell<Option<Stop>>,
}

impl Clocks {
    pub fn start(processor_ms: u64, wall_ms: u64) -> Clocks {
        let clocks = Clocks {
            began: Cell::new(Instant::now()),
            began_processor: Cell::default(),
            processor: Cell::default(),
            wall: Cell::default(),
            stopped: Cell::default(),
        };
        clocks.restart(processor_ms, wall_ms);
        clocks
    }

    pub fn restart(&self, processor_ms: u64, wall_ms: u64) {
        self.began.set(Instant::now());
        self.began_processor.set(processor());
        self.processor.set(Duration::from_millis(processor_ms));
        self.wall.set(Duration::from_millis(wall_ms));
        self.stopped.set(None);
    }

    /// Whether the script has to stop; once it does, it stays so.
    pub fn is_over(&self) -> bool {
        if self.stopped.get().is_none() {
            if self.processor_used() >= self.processor.get() {
                self.stopped.set(Some(Stop::Processor));
            } else if self.began.get().elapsed() >= self.wall.get() {
                self.stopped.set(Some(Stop::Wall));
            }
        }
        self.stopped.get().is_some()
    }

    pub fn stopped(&self) -> Option<Stop> {
        self.stopped.get()
    }

    /// What is left on the wall.
    pub fn left(&self) -> Duration {
        self.wall.get().saturating_sub(self.began.get().elapsed())
    }

    pub fn elapsed(&self) -> Duration {
        self.began.get().elapsed()
    }

    pub fn processor_used(&self) -> Duration {
        processor().saturating_sub(self.began_processor.get())
    }
}

/// What this process has used of the processor.
pub fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
