//! The figures of all rounds, as a table for people and as JSON for machines. Every ratio is taken within one round.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::CONNECTIONS;
use super::load::Figures;
use super::scenario::Scenario;
use super::sign::Key;

/// What one round measured.
#[derive(Debug, Default)]
pub struct Round {
    pub signatures: Vec<(Key, f64)>,
    pub loads: Vec<(Scenario, usize, Figures)>,
}

/// What the bench found.
#[derive(Debug)]
pub struct Report {
    pub rounds: Vec<Round>,
    pub idle_kib: u64,
    pub second_start: Duration,
    /// Log events that the server had to drop.
    pub lost: u64,
    pub clients: usize,
    pub duration: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rounds, seconds) = (self.rounds.len(), self.duration.as_secs());
        writeln!(
            f,
            "{} clients, {rounds} rounds of {seconds} s each; median (min–max) over the rounds\n",
            self.clients
        )?;
        let head = ["", "conns", "per second", "p50 ms", "p99 ms", "server µs"];
        let [name, connections, rate, p50, p99, used] = head;
        writeln!(f, "{name:<20} {connections:>5}  {rate:<26} {p50:>9} {p99:>9} {used:>10}")?;
        for (scenario, connections) in runs() {
            let [rate, p50, p99, used] = self.figures(scenario, connections);
            let (rate, p50, p99, used) = (rate.show(0), p50.median, p99.median, used.median);
            let name = scenario.name();
            writeln!(f, "{name:<20} {connections:>5}  {rate:<26} {p50:>9.2} {p99:>9.2} {used:>10.1}")?;
        }
        for key in Key::ALL {
            writeln!(f, "{:<20} {:>5}  {}", format!("{} alone", key.name()), "-", self.signing(key).show(0))?;
        }
        writeln!(f)?;
        for (name, connections, ratio) in self.ratios() {
            writeln!(f, "{name:<38} {connections:>5}  {}", ratio.show(3))?;
        }
        let (memory, start) = (self.idle_kib as f64 / 1024.0, self.second_start.as_millis());
        writeln!(f, "\nidle resident memory {memory:.1} MiB, second start {start} ms")?;
        write!(f, "log events lost in all rounds: {}", self.lost)
    }
}

impl Report {
    /// The same figures for machines.
    pub fn json(&self) -> Value {
        let scenarios: Vec<Value> = runs()
            .map(|(scenario, connections)| {
                let [rate, p50, p99, used] = self.figures(scenario, connections).map(Spread::json);
                json!({
                    "name": scenario.name(), "connections": connections,
                    "per_second": rate, "p50_ms": p50, "p99_ms": p99, "processor_us": used,
                })
            })
            .collect();
        let signing: Vec<Value> = Key::ALL
            .iter()
            .map(|key| json!({ "key": key.name(), "per_second": self.signing(*key).json() }))
            .collect();
        let ratios: Vec<Value> = self
            .ratios()
            .into_iter()
            .map(|(name, connections, ratio)| json!({ "name": name, "connections": connections, "ratio": ratio.json() }))
            .collect();
        json!({
            "clients": self.clients, "rounds": self.rounds.len(), "seconds": self.duration.as_secs(),
            "scenarios": scenarios, "signing": signing, "ratios": ratios,
            "idle_kib": self.idle_kib, "second_start_ms": self.second_start.as_secs_f64() * 1000.0,
            "lost_log_events": self.lost,
        })
    }

    fn figures(&self, scenario: Scenario, connections: usize) -> [Spread; 4] {
        let picks: [fn(Figures) -> f64; 4] =
            [|f| f.per_second, |f| f.p50_ms, |f| f.p99_ms, |f| f.processor_us];
        picks.map(|pick| self.spread(|round| pick(round.load(scenario, connections))))
    }

    fn signing(&self, key: Key) -> Spread {
        self.spread(|round| round.signing(key))
    }

    fn ratios(&self) -> Vec<(&'static str, usize, Spread)> {
        let mut ratios = Vec::new();
        for connections in CONNECTIONS {
            let rate = |round: &Round, scenario| round.load(scenario, connections).per_second;
            let of_constant =
                |scenario| self.spread(|round| rate(round, scenario) / rate(round, Scenario::Constant));
            let bare = self.spread(|round| rate(round, Scenario::Rs256Many) / round.signing(Key::Rsa2048));
            ratios.push(("RS256, all clients / RSA-2048 alone", connections, bare));
            let action =
                self.spread(|round| rate(round, Scenario::Rs256Action) / rate(round, Scenario::Rs256Many));
            ratios.push(("RS256, an Action / none", connections, action));
            ratios.push((
                "RS256, one client / constant answer",
                connections,
                of_constant(Scenario::Rs256Hot),
            ));
            ratios.push((
                "ES256, all clients / constant answer",
                connections,
                of_constant(Scenario::Es256Many),
            ));
        }
        ratios
    }

    fn spread(&self, figure: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(figure).collect())
    }
}

fn runs() -> impl Iterator<Item = (Scenario, usize)> {
    CONNECTIONS.into_iter().flat_map(|connections| Scenario::ALL.map(|scenario| (scenario, connections)))
}

impl Round {
    fn load(&self, scenario: Scenario, connections: usize) -> Figures {
        let found = self.loads.iter().find(|(of, at, _)| *of == scenario && *at == connections);
        found.expect("a round runs every scenario at every number of connections").2
    }

    fn signing(&self, key: Key) -> f64 {
        self.signatures.iter().find(|(of, _)| *of == key).expect("a round signs with every kind of key").1
    }
}

/// The median of the rounds, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let (lower, upper) = (figures[(figures.len() - 1) / 2], figures[figures.len() / 2]);
        Self { median: f64::midpoint(lower, upper), min: figures[0], max: figures[figures.len() - 1] }
    }

    pub fn show(self, digits: usize) -> String {
        let Self { median, min, max } = self;
        format!("{median:.digits$} ({min:.digits$}–{max:.digits$})")
    }

    pub fn median(self) -> f64 {
        self.median
    }

    fn json(self) -> Value {
        json!({ "median": self.median, "min": self.min, "max": self.max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_and_the_ends() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Spread { median: 2.0, min: 1.0, max: 3.0 });
        assert_eq!(Spread::of(vec![4.0, 1.0]), Spread { median: 2.5, min: 1.0, max: 4.0 });
        assert_eq!(Spread::of(vec![1.5]).show(2), "1.50 (1.50–1.50)");
    }
}
