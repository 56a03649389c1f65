//! The worker: a process that runs one script after the other for one tenant and can do nothing else. It reads questions
//! from standard input, writes answers to standard output, and ends when there is nobody left to ask.

mod confine;
mod engine;
mod host;
mod library;
mod recorder;
mod time;

use std::{
    collections::{HashMap, hash_map::Entry},
    io::{self, BufReader, Read, Write},
    process::ExitCode,
};

use self::engine::{Code, Prepared};
use crate::message::{self, Answer, Limits, Question};

/// Whoever loads longer than this is not loaded ahead, where it would be on nobody's clock.
const AHEAD_MS: f64 = 10.0;

/// Serves until the other end is gone.
pub fn run() -> ExitCode {
    if let Err(error) = confine::confine() {
        eprintln!("the sandbox could not be closed: {error}");
        return ExitCode::FAILURE;
    }
    match serve(&mut BufReader::with_capacity(1 << 16, io::stdin()), &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the sandbox worker ends: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A script that the server told of.
struct Known {
    code: Code,
    /// Ready to be run once.
    prepared: Option<Prepared>,
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut known: HashMap<u64, Known> = HashMap::new();
    let (mut buffer, mut allowed) = (Vec::new(), confine::Allowed::default());
    while read(input, &mut buffer)? {
        let question: Question = serde_json::from_slice(&buffer)?;
        if question.forget {
            known.clear();
        }
        let script = match (known.entry(question.key), question.source()?) {
            (Entry::Occupied(known), _) => known.into_mut(),
            (Entry::Vacant(place), Some(source)) => {
                place.insert(Known { code: Code::new(source), prepared: None })
            }
            (Entry::Vacant(_), None) => return Err(io::Error::other("a script that was never told of")),
        };
        allowed.processor(question.limits.processor_ms)?;
        let (answer, used) = answer(script, &question);
        output.write_all(&message::frame(&bounded(answer))?)?;
        output.flush()?;
        // Nobody waits for what follows.
        drop(used);
        prepare_ahead(script, question.limits);
    }
    Ok(())
}

/// Runs the script, or only loads it. What was used is handed back, so that it is cleared away after the answer.
fn answer(script: &mut Known, question: &Question) -> (Answer, Option<Prepared>) {
    let prepared = match script.prepared.take() {
        Some(prepared) => Ok(prepared),
        None => Prepared::load(&script.code, question.limits),
    };
    let failed = |failure| Answer {
        outcome: Err(failure),
        calls: Vec::new(),
        logs: Vec::new(),
        stats: crate::Stats::default(),
    };
    match prepared {
        Err(failure) => (failed(failure), None),
        Ok(prepared) => (prepared.run(question), Some(prepared)),
    }
}

/// An answer that cannot be sent is no answer.
fn bounded(answer: Answer) -> Answer {
    let length = |value: &serde_json::Value| value.to_string().len();
    let result = answer.outcome.as_ref().map_or(0, length);
    match result <= recorder::RESULT {
        true => answer,
        false => Answer { outcome: Err(engine::range("The result is too long")), ..answer },
    }
}

fn prepare_ahead(script: &mut Known, limits: Limits) {
    let limits = Limits { processor_ms: AHEAD_MS as u64, wall_ms: AHEAD_MS as u64, ..limits };
    // What fails now fails again when it is asked for, and is told then.
    script.prepared = Prepared::load(&script.code, limits).ok().filter(|ready| ready.load_ms() < AHEAD_MS);
}

/// Reads one message; false at the end.
fn read(input: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut prefix = [0; 4];
    match input.read_exact(&mut prefix) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    buffer.resize(message::length(prefix)?, 0);
    input.read_exact(buffer)?;
    Ok(true)
}
