//! Why a script came to nothing.

use serde::{Deserialize, Serialize};

/// How a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    /// The script threw something, or its promise was rejected.
    #[error("{}: {}", .0.name, .0.message)]
    Threw(Thrown),
    #[error("the script used up its processor time")]
    Processor,
    #[error("the script used up its memory")]
    Memory,
    #[error("the script took too long")]
    Time,
    /// No timer runs and nothing is left to do, but the promise is open.
    #[error("the script waits for something that never comes")]
    Stalled,
    /// Its process ended; what else it did is not known.
    #[error("the script was stopped with its process")]
    Ended,
    /// So many runs wait that this one was not let in.
    #[error("too many scripts wait to be run")]
    Busy,
    /// No process could be started.
    #[error("no process for scripts could be started")]
    Unavailable,
}

/// What a script threw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thrown {
    pub name: String,
    pub message: String,
    /// Where, in the script's own lines.
    pub stack: String,
}

impl Failure {
    /// The name by which it is told to whoever wrote the script.
    pub fn name(&self) -> &str {
        match self {
            Failure::Threw(thrown) => &thrown.name,
            Failure::Processor => "ProcessorLimitError",
            Failure::Memory => "MemoryLimitError",
            Failure::Time => "TimeoutError",
            Failure::Stalled => "StalledError",
            Failure::Ended => "ProcessEndedError",
            Failure::Busy => "BusyError",
            Failure::Unavailable => "UnavailableError",
        }
    }

    /// What it says, without its name.
    pub fn message(&self) -> String {
        match self {
            Failure::Threw(thrown) => thrown.message.clone(),
            Failure::Processor
            | Failure::Memory
            | Failure::Time
            | Failure::Stalled
            | Failure::Ended
            | Failure::Busy
            | Failure::Unavailable => self.to_string(),
        }
    }
}
