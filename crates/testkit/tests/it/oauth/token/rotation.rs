//! Whatever is done with refresh tokens, one after the other, at once, or in a server that dies over it: what comes of it is
//! what a model of a few lines says, and no family outlives the moment in which two turned out to hold one token.

mod faults;

use std::{cell::RefCell, future::poll_fn, pin::pin, task::Poll, time::Duration};

use http::Method;
use proptest::{
    prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_oneof},
    test_runner::{TestCaseError, TestError, TestRunner},
};
use serde_json::{Value, json};
use store::{Family as StoredFamily, RefreshToken};
use testkit::{Answer, Browser, TestClient, TestTenant};

use faults::{Fault, Held};

/// Seconds that a family lives, and that it lives without being used.
const LIFETIME: i64 = 1_000;
const IDLE: i64 = 300;

/// What happens; a number names one of the tokens that were handed out so far.
#[derive(Clone, Debug)]
enum Step {
    LogIn,
    One(Deed),
    /// Several at once.
    AtOnce(Vec<Deed>),
    /// It is begun, and the server dies after so many of its waits; another one takes over.
    Dies(Deed, u8),
    /// Everybody's families end.
    LogOutEverywhere,
    Later(u8),
    Leeway(i64),
    Rotates(bool),
}

#[derive(Clone, Debug)]
enum Deed {
    Use(usize),
    Revoke(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    // The newest tokens are the ones that something happens with.
    let token = prop_oneof![3 => 0..3usize, 1 => any::<usize>()];
    prop_oneof![9 => token.clone().prop_map(Deed::Use), 1 => token.prop_map(Deed::Revoke)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::LogIn),
        16 => deed().prop_map(Step::One),
        5 => prop::collection::vec(deed(), 2..4).prop_map(Step::AtOnce),
        2 => (deed(), 0..12u8).prop_map(|(deed, waits)| Step::Dies(deed, waits)),
        1 => Just(Step::LogOutEverywhere),
        4 => (0..200u8).prop_map(Step::Later),
        2 => prop_oneof![Just(0), Just(30)].prop_map(Step::Leeway),
        1 => any::<bool>().prop_map(Step::Rotates),
    ]
}

/// The model: all that one has to know of families and tokens.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    families: Vec<Family>,
    /// Of each token that was handed out, its family and number.
    tokens: Vec<(usize, i64)>,
    leeway: i64,
    rotates: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Family {
    is_alive: bool,
    was_replayed: bool,
    newest: i64,
    since: i64,
    idle_until: i64,
    until: i64,
    rotates: bool,
}

/// What somebody is answered who shows a token.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Refused,
    Served,
    /// Served, and handed this token.
    Handed((usize, i64)),
    Revoked,
}

impl Model {
    fn log_in(&mut self, now: i64) {
        let (rotates, until) = (self.rotates, now + LIFETIME);
        let idle_until = now + IDLE;
        let family =
            Family { is_alive: true, was_replayed: false, newest: 0, since: now, idle_until, until, rotates };
        self.families.push(family);
        self.tokens.push((self.families.len() - 1, 0));
    }

    fn take(&mut self, deed: &Deed, now: i64) -> Told {
        let (Deed::Use(token) | Deed::Revoke(token)) = *deed;
        let (id, number) = self.tokens[token];
        let family = &mut self.families[id];
        if matches!(deed, Deed::Revoke(_)) {
            family.is_alive = false;
            return Told::Revoked;
        }
        let behind = family.newest - number;
        match family.is_alive {
            false => return Told::Refused,
            true if behind > 1 || behind == 1 && now - family.since >= self.leeway => {
                (family.is_alive, family.was_replayed) = (false, true);
                return Told::Refused;
            }
            true if now >= family.idle_until => return Told::Refused,
            true => {}
        }
        let changes = family.rotates != self.rotates;
        let hands_out = self.rotates || changes || behind == 1;
        if hands_out && behind == 0 {
            (family.newest, family.since) = (family.newest + 1, now);
        }
        family.idle_until = (now + IDLE).min(family.until);
        family.rotates = self.rotates;
        let told = if hands_out { Told::Handed((id, family.newest)) } else { Told::Served };
        for (other, family) in self.families.iter_mut().enumerate() {
            family.is_alive &= !changes || other == id || family.rotates == self.rotates;
        }
        told
    }
}

/// The orders in which so many deeds can be done.
fn orders(deeds: usize) -> Vec<Vec<usize>> {
    match deeds {
        0 => vec![vec![]],
        deeds => {
            let shorter = orders(deeds - 1);
            let into = |order: &Vec<usize>| {
                let order = order.clone();
                (0..deeds).map(move |place| [&order[..place], &[deeds - 1], &order[place..]].concat())
            };
            shorter.iter().flat_map(into).collect()
        }
    }
}

/// The server, and every model that explains what it has answered: who dies may have done its work before.
struct World {
    tenant: TestTenant,
    browser: Browser,
    client: TestClient,
    elapsed: i64,
    tokens: Vec<String>,
    models: Vec<Model>,
    /// What is wrong with the server, to see whether it is found, and what it would put back.
    fault: Option<Fault>,
    ended: Vec<(RefreshToken, StoredFamily)>,
}

impl World {
    async fn new(tenant: &TestTenant, browser: Browser, elapsed: i64, fault: Option<Fault>) -> World {
        let client = tenant.spa(rules(true, 0)).await;
        let models = vec![Model { rotates: true, ..Model::default() }];
        let (tokens, ended) = (Vec::new(), Vec::new());
        World { tenant: tenant.clone(), browser, client, elapsed, tokens, models, fault, ended }
    }

    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let now = self.tenant.clock().now();
        match step {
            Step::LogIn => {
                let code = match self.browser.get(&self.client.authorize(&[])).await.parameter("code") {
                    Some(code) => code,
                    None => self.browser.log_in(&self.client, "ann@example.com").await,
                };
                let answer = self.tenant.asked(self.client.redeems(&code)).await.must_be(200);
                self.tokens.push(answer.str("refresh_token").to_owned());
                self.models.iter_mut().for_each(|model| model.log_in(now));
            }
            Step::One(deed) => self.at_once(std::slice::from_ref(deed)).await?,
            Step::AtOnce(deeds) => self.at_once(deeds).await?,
            Step::Dies(deed, waits) => self.dies(deed, *waits).await,
            Step::LogOutEverywhere => {
                let which = store::Which { client_id: Some(&self.client.id), ..store::Which::default() };
                let tokens = self.tenant.store().refresh_tokens();
                tokens.end_some(self.tenant.name(), &which).await.unwrap();
                let families = self.models.iter_mut().flat_map(|model| &mut model.families);
                families.for_each(|family| family.is_alive = false);
            }
            Step::Later(seconds) => self.later(i64::from(*seconds)),
            Step::Leeway(leeway) => {
                self.models.iter_mut().for_each(|model| model.leeway = *leeway);
                self.settle().await;
            }
            Step::Rotates(rotates) => {
                self.models.iter_mut().for_each(|model| model.rotates = *rotates);
                self.settle().await;
            }
        }
        Ok(())
    }

    fn later(&mut self, seconds: i64) {
        self.tenant.later(seconds * 1_000);
        self.elapsed += seconds;
    }

    /// Gives the client the rules of the models.
    async fn settle(&self) {
        let Model { rotates, leeway, .. } = self.models[0];
        let path = format!("/api/v2/clients/{}", self.client.id);
        self.tenant.patch(&path, rules(rotates, leeway)).await.must_be(200);
    }

    /// The deed with a token that there is, counted from the newest.
    fn named(&self, deed: &Deed) -> Option<Deed> {
        let (Deed::Use(back) | Deed::Revoke(back)) = *deed;
        let token = self.tokens.len().checked_sub(1)? - back % self.tokens.len();
        Some(match deed {
            Deed::Use(_) => Deed::Use(token),
            Deed::Revoke(_) => Deed::Revoke(token),
        })
    }

    fn asking(&self, deed: &Deed) -> impl Future<Output = Answer> + Send + 'static {
        let (path, body) = match *deed {
            Deed::Use(token) => ("/oauth/token", self.client.refreshes(&self.tokens[token])),
            Deed::Revoke(token) => {
                ("/oauth/revoke", json!({ "client_id": self.client.id, "token": self.tokens[token] }))
            }
        };
        let caller = self.tenant.without_token();
        async move { caller.json(Method::POST, path, body).await }
    }

    /// What is done at once comes out as if it were done one after the other, in some order.
    async fn at_once(&mut self, deeds: &[Deed]) -> Result<(), TestCaseError> {
        let deeds: Vec<Deed> = deeds.iter().filter_map(|deed| self.named(deed)).collect();
        let before = Held::by(self).await;
        let asked: Vec<_> = deeds.iter().map(|deed| tokio::spawn(self.asking(deed))).collect();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.unwrap());
        }
        self.spoil(&deeds, &before).await;
        let now = self.tenant.clock().now();
        let mut explaining = Vec::new();
        for model in &self.models {
            for order in orders(deeds.len()) {
                let mut model = model.clone();
                let mut told = vec![Told::Refused; deeds.len()];
                for deed in order {
                    told[deed] = model.take(&deeds[deed], now);
                }
                let handed = told.iter().filter_map(|told| match told {
                    Told::Handed(token) => Some(*token),
                    Told::Refused | Told::Served | Told::Revoked => None,
                });
                model.tokens.extend(handed);
                if told.iter().zip(&answers).all(|(told, answer)| is_told(*told, answer))
                    && !explaining.contains(&model)
                {
                    explaining.push(model);
                }
            }
        }
        prop_assert!(
            !explaining.is_empty(),
            "{NO_EXPLANATION} {deeds:?}: {:?} from {:?}",
            said(&answers),
            self.models
        );
        self.models = explaining;
        self.tokens.extend(answers.iter().filter_map(handed));
        Ok(())
    }

    /// A server dies in the middle of it, after so many waits. Whether it was done nobody can say who was not answered.
    async fn dies(&mut self, deed: &Deed, waits: u8) {
        let Some(deed) = self.named(deed) else { return };
        {
            let mut asked = pin!(self.asking(&deed));
            let mut left = waits;
            let cut = poll_fn(|cx| {
                if left == 0 {
                    return Poll::Ready(());
                }
                left -= 1;
                asked.as_mut().poll(cx).map(drop)
            });
            let _ = tokio::time::timeout(Duration::from_secs(5), cut).await;
        }
        // What it had asked the database for is done by now, or never.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let fresh = self.tenant.server().another_node().await.tenant("default");
        fresh.later(self.elapsed * 1_000);
        self.browser = self.browser.moved_to(&fresh);
        self.tenant = fresh;
        self.undo().await;
        let now = self.tenant.clock().now();
        for mut model in self.models.clone() {
            model.take(&deed, now);
            if !self.models.contains(&model) {
                self.models.push(model);
            }
        }
    }

    /// Whoever shows any token of a family that was replayed is refused, whichever and how often.
    async fn nothing_lives_on(&mut self) -> Result<(), TestCaseError> {
        for token in 0..self.tokens.len() {
            let is_dead = |model: &Model| model.families[model.tokens[token].0].was_replayed;
            if self.models.iter().all(is_dead) {
                let answer = self.asking(&Deed::Use(token)).await;
                prop_assert!(answer.status == 403, "{LIVES_ON} {token}: {}", answer.start());
            }
        }
        Ok(())
    }
}

fn handed(answer: &Answer) -> Option<String> {
    answer.body["refresh_token"].as_str().map(str::to_owned)
}

fn is_told(told: Told, answer: &Answer) -> bool {
    match told {
        Told::Refused => answer.status == 403 && answer.body["error"] == "invalid_grant",
        Told::Served => {
            answer.status == 200 && handed(answer).is_none() && answer.body["access_token"].is_string()
        }
        Told::Handed(_) => answer.status == 200 && handed(answer).is_some(),
        Told::Revoked => answer.status == 200 && answer.body.is_null(),
    }
}

fn said(answers: &[Answer]) -> Vec<(u16, bool)> {
    answers.iter().map(|answer| (answer.status, handed(answer).is_some())).collect()
}

fn rules(rotates: bool, leeway: i64) -> Value {
    let rotation_type = if rotates { "rotating" } else { "non-rotating" };
    json!({ "refresh_token": {
        "rotation_type": rotation_type, "expiration_type": "expiring", "leeway": leeway,
        "token_lifetime": LIFETIME, "idle_token_lifetime": IDLE,
        "infinite_token_lifetime": false, "infinite_idle_token_lifetime": false,
    } })
}

/// How many histories are tried; more where somebody wants to look harder.
#[expect(clippy::disallowed_methods, reason = "whoever looks harder says so by hand")]
fn cases() -> u32 {
    std::env::var("ROTATION_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24)
}

/// How a history begins to be told that no model explains, and one that leaves a replayed family alive.
const NO_EXPLANATION: &str = "no order explains";
const LIVES_ON: &str = "lives on:";

#[test]
fn no_history_keeps_a_family_alive_after_a_replay() {
    histories(None, cases(), 400).unwrap();
}

/// Tries so many histories, of a server that is as it should be or has a fault.
fn histories(fault: Option<Fault>, cases: u32, max_shrink_iters: u32) -> Result<(), TestError<Vec<Step>>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (tenant, browser) = runtime.block_on(async {
        let tenant = TestTenant::new().await;
        tenant.person("ann@example.com").await;
        (tenant.clone(), Browser::new(&tenant))
    });
    let config =
        ProptestConfig { cases, max_shrink_iters, failure_persistence: None, ..ProptestConfig::default() };
    let seen = RefCell::new((tenant, browser, 0));
    let steps = prop::collection::vec(step(), 4..40);
    TestRunner::new(config).run(&steps, |steps| {
        runtime.block_on(async {
            let (tenant, browser, elapsed) = seen.borrow().clone();
            let mut world = World::new(&tenant, browser, elapsed, fault).await;
            let mut outcome = world.take(&Step::LogIn).await;
            for step in &steps {
                if outcome.is_ok() {
                    outcome = world.take(step).await;
                }
            }
            if outcome.is_ok() {
                outcome = world.nothing_lives_on().await;
            }
            // The next history goes on in the same server, at the time that this one reached.
            *seen.borrow_mut() = (world.tenant, world.browser, world.elapsed);
            outcome
        })
    })
}
