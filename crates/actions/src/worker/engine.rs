//! One script, loaded into a runtime of its own, to be run once and dropped: nothing of a run reaches the next.

use std::{rc::Rc, time::Duration};

use rquickjs::{
    Context, Ctx, Exception, FromJs, Function, Object, Persistent, Promise, Runtime, Value as Js,
    context::{EvalOptions, intrinsic},
    function::This,
    promise::PromiseState,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::Value;

use super::{
    host, library,
    recorder::Recorder,
    time::{Clocks, Stop},
};
use crate::{
    Failure, Stats, Thrown,
    message::{self, Answer, Limits, Question, WORDS},
    script::{Entry, Source},
};

/// What the engine may use of the stack of this thread.
const STACK: usize = 512 << 10;
/// How the script is called in its stack traces, and what ours begin with.
const FILE: &str = "action.js";
pub const OURS: &str = "countersign:";

/// A script as it is loaded again and again.
pub struct Code {
    entry: Entry,
    wrapped: String,
    globals: Vec<(&'static str, &'static str)>,
    /// The functions of `api` that answer something and that it names.
    answered: Vec<Vec<String>>,
    /// Whether it names anything that is not of the language.
    wants_library: bool,
    /// Whether it may reach the rarer parts of the language.
    wants_all: bool,
}

/// The language without [`library::RARE`]: to make those costs as much as a typical script.
type Common = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Promise,
);

impl Code {
    pub fn new(Source { code, entry }: Source) -> Code {
        let globals = library::globals(&code);
        let words = match &entry {
            Entry::Export { api, .. } => api.as_slice(),
            Entry::Callback { .. } => &[],
        };
        let answers = words.iter().filter(|word| library::ANSWERED.contains(&word.as_str()));
        let answered: Vec<_> = answers
            .filter_map(|word| word.split_once('.'))
            .filter(|(_, name)| code.contains(name))
            .map(|(group, name)| vec![group.to_owned(), name.to_owned()])
            .collect();
        let wants_library = !globals.is_empty()
            || !answered.is_empty()
            || matches!(entry, Entry::Callback { .. })
            || ["require", "cache"].iter().any(|word| code.contains(word));
        // On the first line, so that lines are counted as the author counts them.
        Code {
            wants_all: wants_library || library::reaches_rare(&code),
            entry,
            wrapped: format!("(function (exports, require, module) {{{code}\n}})"),
            globals,
            answered,
            wants_library,
        }
    }
}

/// A script that is loaded and waits for its event.
pub struct Prepared {
    // In the order in which they are dropped: nothing may outlive its runtime.
    loaded: Loaded,
    context: Context,
    runtime: Runtime,
    recorder: Rc<Recorder>,
    clocks: Rc<Clocks>,
    load: Duration,
}

impl Prepared {
    /// Loads the script, which runs what it says outside of functions.
    pub fn load(code: &Code, limits: Limits) -> Result<Prepared, Failure> {
        let runtime = Runtime::new().map_err(|_| Failure::Memory)?;
        runtime.set_memory_limit(limits.memory);
        runtime.set_max_stack_size(STACK);
        let context = match code.wants_all {
            true => Context::full(&runtime),
            false => Context::custom::<Common>(&runtime),
        };
        let context = context.map_err(|_| Failure::Memory)?;
        let clocks = Rc::new(Clocks::start(limits.processor_ms, limits.wall_ms));
        let asked = clocks.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || asked.is_over())));
        let recorder = Rc::new(Recorder::default());
        let loaded = context
            .with(|ctx| load(&ctx, code, &recorder, &clocks).map_err(|error| failure(&ctx, error, &clocks)));
        let loaded = loaded?;
        let load = clocks.elapsed();
        Ok(Prepared { loaded, context, runtime, recorder, clocks, load })
    }

    pub fn load_ms(&self) -> f64 {
        milliseconds(self.load)
    }

    /// Runs it with what happened; without an event there is nothing to run.
    pub fn run(&self, question: &Question) -> Answer {
        let limits = question.limits;
        self.clocks.restart(limits.processor_ms, limits.wall_ms);
        self.runtime.set_memory_limit(limits.memory);
        let outcome = match question.event {
            None => Ok(Value::Null),
            Some(event) => self.context.with(|ctx| {
                let started = self.start(&ctx, event.get(), question);
                let promise = started.map_err(|error| failure(&ctx, error, &self.clocks))?;
                self.settle(&ctx, &promise)
            }),
        };
        let (logs, calls) = self.recorder.take();
        let stats = Stats {
            script_ms: milliseconds(self.clocks.elapsed()),
            processor_ms: milliseconds(self.clocks.processor_used()),
            load_ms: self.load_ms(),
        };
        Answer { outcome, calls, logs, stats }
    }

    fn start<'js>(&self, ctx: &Ctx<'js>, event: &str, question: &Question) -> rquickjs::Result<Promise<'js>> {
        let event = ctx.json_parse(event)?;
        let entry = self.loaded.entry.clone().restore(ctx)?;
        let Some(api) = &self.loaded.api else { return entry.call((event,)) };
        if let Some(host) = &self.loaded.host {
            let host = host.clone().restore(ctx)?;
            host.set("kept", ctx.json_parse(serde_json::to_vec(&question.kept).unwrap_or_default())?)?;
            host.set("now", question.now as f64)?;
            if let Some(given) = question.given {
                host.set("given", ctx.json_parse(given.get())?)?;
            }
        }
        let result: Js = entry.call((event, api.clone().restore(ctx)?))?;
        // Whatever it gave, a promise or not, is waited for.
        let (promise, resolve, _) = ctx.promise()?;
        resolve.call::<_, ()>((result,))?;
        Ok(promise)
    }

    /// Works until the promise is settled, a clock runs out, or nothing is left that could settle it.
    fn settle<'js>(&self, ctx: &Ctx<'js>, promise: &Promise<'js>) -> Result<Value, Failure> {
        let timers = self.loaded.timers.clone().map(|timers| timers.restore(ctx)).transpose();
        let timers = timers.map_err(|error| failure(ctx, error, &self.clocks))?;
        loop {
            while promise.state() == PromiseState::Pending
                && !self.clocks.is_over()
                && ctx.execute_pending_job()
            {}
            if let Some(stopped) = stopped(&self.clocks) {
                return Err(stopped);
            }
            match promise.result::<Js>() {
                Some(Err(error)) => return Err(failure(ctx, error, &self.clocks)),
                // Of an action only its calls count.
                Some(Ok(_)) if self.loaded.api.is_some() => return Ok(Value::Null),
                Some(Ok(result)) => return self.result(ctx, result),
                None => {}
            }
            let next = timers.as_ref().map(|timers| timers.call::<_, Option<f64>>(())).transpose();
            match next.map_err(|error| failure(ctx, error, &self.clocks))?.flatten() {
                None => return Err(Failure::Stalled),
                // What comes too late need not be waited for.
                Some(ms) if ms >= milliseconds(self.clocks.left()) => return Err(Failure::Time),
                Some(ms) if ms > 0.0 => sleep(Duration::from_secs_f64(ms / 1e3)),
                // It is due, or is no number: the script may have changed how they are reckoned.
                Some(_) => {}
            }
        }
    }

    fn result<'js>(&self, ctx: &Ctx<'js>, result: Js<'js>) -> Result<Value, Failure> {
        let text = ctx.json_stringify(result).and_then(|text| text.map(|text| text.to_string()).transpose());
        match text.map_err(|error| failure(ctx, error, &self.clocks))? {
            None => Ok(Value::Null),
            Some(text) => message::value(&text)
                .ok_or_else(|| range("The result is too deep, or holds half a character")),
        }
    }
}

/// What stays of loading.
struct Loaded {
    /// What is called with the event.
    entry: Persistent<Function<'static>>,
    /// The second argument of an action.
    api: Option<Persistent<Object<'static>>>,
    /// Runs the timers that are due and says, in milliseconds, when the next one is; nothing when there is none.
    timers: Option<Persistent<Function<'static>>>,
    /// What the library was given.
    host: Option<Persistent<Object<'static>>>,
}

fn load<'js>(
    ctx: &Ctx<'js>,
    code: &Code,
    recorder: &Rc<Recorder>,
    clocks: &Rc<Clocks>,
) -> rquickjs::Result<Loaded> {
    let globals = ctx.globals();
    globals.set("global", globals.clone())?;
    let freeze: Function = globals.get::<_, Object>("Object")?.get("freeze")?;
    let (api, errors) = match &code.entry {
        Entry::Export { api, .. } => (Some(host::api(ctx, recorder, api)?), None),
        Entry::Callback { errors } => (None, Some(errors.clone())),
    };
    let (api, groups) = api.unzip();
    let host = code.wants_library.then(|| host::object(ctx, recorder, clocks)).transpose()?;
    let start = |host: &Object<'js>| {
        let start: Function = evaluate(ctx, library::START, &format!("{OURS}start"))?;
        let globals: Vec<_> = code.globals.iter().map(|(name, part)| [*name, *part].to_vec()).collect();
        start.call::<_, Object>((host.clone(), globals, api.clone(), errors, code.answered.clone()))
    };
    let library = host.as_ref().map(start).transpose()?;
    if let Some(api) = &api {
        // Only now: the library adds to it.
        for group in groups.into_iter().flatten().chain([api.clone()]) {
            freeze.call::<_, ()>((group,))?;
        }
    }
    let of_library =
        |name: &str| library.as_ref().map(|library| library.get::<_, Function>(name)).transpose();

    let (module, exports) = (Object::new(ctx.clone())?, Object::new(ctx.clone())?);
    module.set("exports", exports.clone())?;
    let script: Function = evaluate(ctx, &code.wrapped, FILE)?;
    script.call::<_, ()>((This(exports.clone()), exports, of_library("require")?, module.clone()))?;
    let exported: Js = module.get("exports")?;
    let entry = match &code.entry {
        Entry::Export { handler, .. } => {
            let exported = exported.as_object().map(|exported| exported.get::<_, Js>(handler.as_str()));
            match exported.transpose()?.and_then(Js::into_function) {
                Some(entry) => entry,
                None => {
                    let message = format!("The script has no exports.{handler}");
                    return Err(Exception::throw_type(ctx, &message));
                }
            }
        }
        Entry::Callback { .. } => match (exported.into_function(), of_library("call")?) {
            (Some(exported), Some(call)) => call.call((exported,))?,
            _ => return Err(Exception::throw_type(ctx, "The script's module.exports is no function")),
        },
    };
    Ok(Loaded {
        entry: Persistent::save(ctx, entry),
        api: api.map(|api| Persistent::save(ctx, api)),
        timers: of_library("timers")?.map(|timers| Persistent::save(ctx, timers)),
        host: host.map(|host| Persistent::save(ctx, host)),
    })
}

/// Evaluates a classic script, sloppy as customers' code may be.
pub fn evaluate<'js, T: FromJs<'js>>(ctx: &Ctx<'js>, code: &str, file: &str) -> rquickjs::Result<T> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(file.to_owned());
    ctx.eval_with_options(code, options)
}

fn stopped(clocks: &Clocks) -> Option<Failure> {
    clocks.stopped().map(|stop| match stop {
        Stop::Processor => Failure::Processor,
        Stop::Wall => Failure::Time,
    })
}

/// What an error of the engine means.
fn failure(ctx: &Ctx, error: rquickjs::Error, clocks: &Clocks) -> Failure {
    let thrown = match &error {
        rquickjs::Error::Exception => thrown(ctx),
        rquickjs::Error::Allocation => return Failure::Memory,
        error => Some(Thrown { name: "Error".into(), message: error.to_string(), stack: String::new() }),
    };
    match (stopped(clocks), thrown) {
        (Some(stopped), _) => stopped,
        // Out of memory there may be none left for the words.
        (None, None) => Failure::Memory,
        (None, Some(thrown)) if thrown.name == "InternalError" && thrown.message == "out of memory" => {
            Failure::Memory
        }
        (None, Some(thrown)) => Failure::Threw(thrown),
    }
}

fn thrown(ctx: &Ctx) -> Option<Thrown> {
    let value = ctx.catch();
    if value.is_null() {
        return None;
    }
    let text = |value: Js| value.get::<rquickjs::Coerced<String>>().map(|text| cut(&text.0, WORDS)).ok();
    let Some(object) = value.as_object().filter(|object| object.is_error()) else {
        return Some(Thrown {
            name: "Error".into(),
            message: text(value.clone()).unwrap_or_default(),
            stack: String::new(),
        });
    };
    let part = |name: &str| object.get::<_, Js>(name).ok().filter(|part| !part.is_undefined()).and_then(text);
    let stack = part("stack").unwrap_or_default();
    let theirs = |line: &&str| !line.contains(OURS) && !line.contains("(native)") && !line.trim().is_empty();
    Some(Thrown {
        name: part("name").unwrap_or_else(|| "Error".into()),
        message: part("message").unwrap_or_default(),
        stack: stack.lines().filter(theirs).take(10).collect::<Vec<_>>().join("\n"),
    })
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

pub fn range(message: &str) -> Failure {
    Failure::Threw(Thrown { name: "RangeError".into(), message: message.into(), stack: String::new() })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Waits for a timer, but not when nobody is left to answer.
fn sleep(time: Duration) {
    let stdin = std::io::stdin();
    let mut hung_up = [PollFd::new(&stdin, PollFlags::empty())];
    let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: time.subsec_nanos().into() };
    if poll(&mut hung_up, Some(&time)).is_ok_and(|ready| ready > 0) {
        std::process::exit(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_made_for_every_script_is_found_by_its_name() {
        let runtime = Runtime::new().unwrap();
        let globals = |context: Context| -> Vec<String> {
            context.with(|ctx| evaluate(&ctx, "Object.getOwnPropertyNames(globalThis)", FILE).unwrap())
        };
        let all = globals(Context::full(&runtime).unwrap());
        let common = globals(Context::custom::<Common>(&runtime).unwrap());
        let rare: Vec<_> = all.iter().filter(|name| !common.contains(name)).collect();
        assert!(rare.len() > 20, "{rare:?}");
        // These two are the library's.
        for name in rare.into_iter().filter(|name| !["atob", "btoa"].contains(&name.as_str())) {
            assert!(library::reaches_rare(name), "{name}");
        }
    }
}
