//! Scripts that want too much. Each ends, in its own words where they are known, and the next one finds nothing of it.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use actions::{Config, Entry, Failure, Program, Sandbox, Script};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{LIMIT, action, body, input, out, run, sandbox};

/// Well beyond the limit at which the last of the clocks strikes, also on a machine that has no time for it.
const SOON: Duration = Duration::from_secs(60);

async fn fails(code: &str, expected: &[Failure]) {
    let began = Instant::now();
    let outcome = run(&body(code)).await.outcome;
    assert!(began.elapsed() < SOON, "{code}: {:?}", began.elapsed());
    // On a machine that is busy enough the clock on the wall is the first.
    let is_expected = |failure: &Failure| expected.contains(failure) || *failure == Failure::Time;
    assert!(outcome.as_ref().is_err_and(is_expected), "{code}: {outcome:?}");
}

#[tokio::test]
async fn what_never_ends_is_ended() {
    for code in [
        "while (true) {}",
        "try { while (true) {} } catch { while (true) {} } finally { while (true) {} }",
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
        "new Array(2e8).indexOf(7);",
        "setInterval(() => {}, 0); for (;;) await null;",
    ] {
        fails(code, &[Failure::Processor, Failure::Memory]).await;
    }
    // Where its memory ends by chance in the job that would tell so, that job is lost and nothing is left to do.
    let chain = "const on = () => Promise.resolve().then(on); await on();";
    fails(chain, &[Failure::Processor, Failure::Memory, Failure::Stalled]).await;
}

#[tokio::test]
async fn a_loop_of_the_engine_that_asks_nobody_costs_a_process() {
    fails("new Array(4e8).join('');", &[Failure::Processor, Failure::Ended, Failure::Memory]).await;
}

#[tokio::test]
async fn memory_is_bounded() {
    for code in [
        "const all = []; for (;;) all.push(new Array(1e4).fill(all.length));",
        "new Uint8Array(2 ** 30);",
        "let text = 'x'; for (;;) text += text;",
        "2n ** (2n ** 40n);",
        "const list = []; for (;;) list.push('x'.repeat(1e6) + list.length);",
    ] {
        let outcome = run(&body(code)).await.outcome;
        assert!(outcome.is_err(), "{code}: {outcome:?}");
    }
}

#[tokio::test]
async fn depth_is_bounded() {
    for code in [
        "(function deep() { deep(); })();",
        "JSON.parse('['.repeat(1e6));",
        "let nested = 1; for (let i = 0; i < 1e5; i += 1) nested = [nested]; api.accessToken.setCustomClaim('n', nested);",
        "let nested = 1; for (let i = 0; i < 500; i += 1) nested = [nested]; api.accessToken.setCustomClaim('n', nested);",
    ] {
        let outcome = run(&body(code)).await.outcome;
        assert!(matches!(outcome, Err(Failure::Threw(_))), "{code}: {outcome:?}");
    }
}

/// Where exactly it is too much is for the script to hear, and no reason to lose its process.
#[tokio::test]
async fn what_is_just_too_deep_is_told() {
    let sandbox = sandbox();
    for depth in 115..135 {
        let nested = format!("let nested = 1; for (let i = 0; i < {depth}; i += 1) nested = [nested];");
        let claim = body(&format!("{nested} api.accessToken.setCustomClaim('n', nested);"));
        let result = format!("module.exports = (value, cb) => {{ {nested} cb(null, nested); }};");
        let result = Script::new(result, Entry::Callback { errors: Vec::new() });
        for (script, event) in [(&claim, json!({})), (&result, json!([1]))] {
            let outcome = sandbox.run("tenant", script, input(event), LIMIT).await.outcome;
            assert!(matches!(outcome, Ok(_) | Err(Failure::Threw(_))), "{depth}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn time_that_a_script_makes_no_number_does_not_end_its_process() {
    let code = "Math.max = () => NaN; await new Promise((resolve) => setTimeout(resolve, 1));";
    fails(code, &[Failure::Processor, Failure::Stalled]).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_worker_that_is_not_itself_any_more_has_no_more_words_than_another() {
    let long = "x".repeat(1 << 20);
    let threw = json!({ "Err": { "Threw": { "name": long, "message": long, "stack": long } } });
    let stats = json!({ "script_ms": 0.0, "processor_ms": 0.0, "load_ms": 0.0 });
    let answer = json!({ "outcome": threw, "calls": [], "logs": vec![&long[..9_999]; 300], "stats": stats });
    let answer = answer.to_string();
    let file = std::env::temp_dir().join(format!("answer-{}", std::process::id()));
    std::fs::write(&file, [&(answer.len() as u32).to_le_bytes()[..], answer.as_bytes()].concat()).unwrap();
    let arguments = vec!["-c".to_owned(), format!("cat {}; exec cat > /dev/null", file.display())];
    let program = Program { path: "/bin/sh".into(), arguments };
    let config = Config { program, workers: 1, memory: 1 << 20, processor: LIMIT };
    let run = Sandbox::start(config).run("tenant", &body(""), input(json!({})), LIMIT).await;
    std::fs::remove_file(&file).unwrap();
    let Err(Failure::Threw(thrown)) = run.outcome else { panic!("{:?}", run.outcome) };
    let words = [thrown.name.len(), thrown.message.len(), thrown.stack.len()];
    assert_eq!((words, run.logs.len(), run.logs[0].len()), ([2_000; 3], 101, 256));
}

#[tokio::test]
async fn what_can_never_settle_is_not_waited_for() {
    let began = Instant::now();
    fails("await new Promise(() => {});", &[Failure::Stalled]).await;
    fails("await new Promise((resolve) => setTimeout(resolve, 1e9));", &[Failure::Time]).await;
    assert!(began.elapsed() < SOON);
}

#[tokio::test]
async fn the_wall_clock_ends_what_sleeps() {
    let sandbox = sandbox();
    let code = body("for (;;) await new Promise((resolve) => setTimeout(resolve, 5));");
    let run = sandbox.run("tenant", &code, input(json!({})), Duration::from_millis(300)).await;
    assert_eq!(run.outcome, Err(Failure::Time));
}

#[tokio::test]
async fn output_is_bounded() {
    for code in [
        "for (;;) api.accessToken.setCustomClaim('a', 1);",
        "api.accessToken.setCustomClaim('a', 'x'.repeat(2e6));",
        "api.accessToken.setCustomClaim('a', 1n);",
        "const ring = {}; ring.ring = ring; api.accessToken.setCustomClaim('a', ring);",
        "api.accessToken.setCustomClaim('a', '\\ud800');",
        "api.accessToken.setCustomClaim('a', { toJSON() { throw new Error('no'); } });",
        "const bomb = { get x() { for (;;) ; } }; api.accessToken.setCustomClaim('a', bomb);",
    ] {
        assert!(run(&body(code)).await.outcome.is_err(), "{code}");
    }
    // What it threw may be anything, too.
    for code in [
        "throw { toString() { for (;;) ; } };",
        "const error = new Error('x'.repeat(1e6)); error.stack = { toString() { throw 1; } }; throw error;",
        "throw Object.defineProperty(new Error(), 'message', { get() { throw new Error(); } });",
        "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });",
        "throw Symbol('s');",
    ] {
        assert!(run(&body(code)).await.outcome.is_err(), "{code}");
    }
}

#[tokio::test]
async fn a_value_is_what_its_json_says_when_it_is_given() {
    let code = "const value = { a: 1, toJSON() { return { b: 2 }; } }; api.accessToken.setCustomClaim('out', value);";
    assert_eq!(out(code).await, json!({ "b": 2 }));
    let code = "const value = [1]; api.accessToken.setCustomClaim('out', value); value.push(2);";
    assert_eq!(out(code).await, json!([1]));
    let code = "JSON.stringify = () => '\"forged\"'; Array.prototype.push = () => {}; Map.prototype.get = null; \
        Promise.prototype.then = null; api.accessToken.setCustomClaim('out', 'true');";
    let forged = run(&body(code)).await;
    assert_eq!(forged.calls[0].arguments[1], "true");
    assert_eq!(out("api.accessToken.setCustomClaim('out', undefined);").await, Value::Null);
}

#[tokio::test]
async fn nothing_of_a_run_reaches_the_next() {
    let sandbox = sandbox();
    let code = "
        let runs = 0;
        exports.onExecute = async (event, api) => {
            runs += 1;
            api.accessToken.setCustomClaim('out', [runs, typeof planted, Object.prototype.evil, [].length, event.evil]);
            globalThis.planted = 1;
            Object.prototype.evil = 1;
            Array.prototype.length = 9;
            JSON.parse = () => ({ evil: 1 });
            try { api.accessToken.setCustomClaim = 1; } catch {}
            try { api.accessToken = 1; } catch {}
            api.stolen = 1;
            event.evil = 1;
        };";
    let script = action(code);
    for _ in 0..5 {
        let run = sandbox.run("tenant", &script, input(json!({})), LIMIT).await;
        assert_eq!(run.outcome, Ok(Value::Null));
        assert_eq!(run.calls[0].arguments[1], json!([1, "undefined", null, 0, null]));
    }
}

#[tokio::test]
async fn the_machine_is_out_of_reach() {
    for (code, expected) in [
        ("typeof process", "undefined"),
        ("typeof std + typeof os + typeof Deno", "undefinedundefinedundefined"),
        ("(() => { try { return typeof require('fs') } catch { return 'none' } })()", "none"),
        ("(() => { try { return typeof require('constructor') } catch { return 'none' } })()", "none"),
        ("await import('fs').then(() => 'there', () => 'none')", "none"),
        ("await import('/etc/passwd').then(() => 'there', () => 'none')", "none"),
        ("Object.isFrozen(api) && Object.isFrozen(api.access) ? 'frozen' : 'open'", "frozen"),
        ("Function('return typeof host')()", "undefined"),
        (
            "(() => { try { return arguments.callee.caller?.name ?? 'none' } catch { return 'none' } })()",
            "none",
        ),
    ] {
        assert_eq!(out(&format!("api.accessToken.setCustomClaim('out', {code});")).await, expected, "{code}");
    }
}

#[tokio::test]
async fn endless_scripts_of_one_tenant_leave_room_for_another() {
    let sandbox = sandbox();
    let endless = body("while (true) {}");
    let mut stuck = JoinSet::new();
    for _ in 0..20 {
        let (sandbox, endless) = (sandbox.clone(), endless.clone());
        stuck.spawn(async move { sandbox.run("hostile", &endless, input(json!({})), LIMIT).await });
    }
    tokio::task::yield_now().await;
    let quick = sandbox.run("quiet", &body(""), input(json!({})), LIMIT).await;
    assert_eq!(quick.outcome, Ok(Value::Null));
    // It did not have to wait for its turn behind them.
    assert!(stuck.len() == 20 && stuck.try_join_next().is_none_or(|run| run.unwrap().outcome.is_err()));
}

#[tokio::test]
async fn too_many_that_wait_are_told_so() {
    let sandbox = sandbox();
    let sleep = body("await new Promise((resolve) => setTimeout(resolve, 1e4));");
    let run = |limit| {
        let (sandbox, sleep) = (sandbox.clone(), sleep.clone());
        async move { sandbox.run("tenant", &sleep, input(json!({})), limit).await }
    };
    let mut asleep = JoinSet::new();
    (0..4).for_each(|_| drop(asleep.spawn(run(LIMIT))));
    tokio::task::yield_now().await;
    let mut all = JoinSet::new();
    (0..600).for_each(|_| drop(all.spawn(run(Duration::from_millis(500)))));
    while let Some(run) = all.join_next().await {
        assert_eq!(run.unwrap().outcome, Err(Failure::Busy));
    }
    // Whoever hangs up takes his script along.
    asleep.shutdown().await;
    let after = sandbox.run("tenant", &body(""), input(json!({})), LIMIT).await;
    assert_eq!(after.outcome, Ok(Value::Null));
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_is_closed_in_and_ends_with_whoever_asks() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox-worker"));
    let mut worker = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", worker.id())).unwrap();
        if status.contains("Seccomp:\t2") {
            break status;
        }
        assert!(began.elapsed() < SOON, "{status}");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.contains("NoNewPrivs:\t1"), "{status}");
    drop(worker.stdin.take());
    assert!(worker.wait().unwrap().success());
}

#[test]
fn a_worker_that_is_asked_nonsense_ends() {
    for nonsense in [&b"\xff\xff\xff\xff"[..], b"\x02\0\0\0{}", b"\x01\0\0\0\xff", b"\x05\0\0\0nul"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox-worker"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut worker = command.spawn().unwrap();
        worker.stdin.take().unwrap().write_all(nonsense).unwrap();
        assert!(!worker.wait().unwrap().success());
    }
}
