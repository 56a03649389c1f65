//! Whether the test of rotation would notice: ways in which a server could keep a family alive after a replay, each done
//! to the store behind its back as the fault would leave it there. The test has to find every one.

use proptest::test_runner::TestError;
use store::{Family, RefreshToken};

use super::{Deed, LIVES_ON, NO_EXPLANATION, World, histories};

/// What is wrong with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What a replay ends is not written.
    EndIsLost,
    /// Which token is the newest is not written, so that the one that was used is still as good.
    NumberIsLost,
    /// Whoever uses a token of a family beside its replay writes the family anew.
    RaceWritesAnew,
    /// What a replay ended is there again once the server died.
    DeathUndoes,
}

/// Families as they stand in the store, each with the newest of its tokens.
#[derive(Clone, Debug, Default)]
pub struct Held(Vec<(RefreshToken, Family)>);

impl Held {
    pub async fn by(world: &World) -> Held {
        let mut held: Vec<(RefreshToken, Family)> = Vec::new();
        if world.fault.is_some() {
            for token in &world.tokens {
                let tokens = world.tenant.store().refresh_tokens();
                let found = tokens.read(world.tenant.name(), &idp::bearer::hash(token)).await.unwrap();
                held.extend(found.filter(|(token, family)| token.generation == family.generation));
            }
        }
        Held(held)
    }

    /// Of these, those that are no more.
    async fn gone(&self, world: &World) -> Vec<(RefreshToken, Family)> {
        let mut gone = Vec::new();
        for (token, family) in &self.0 {
            let tokens = world.tenant.store().refresh_tokens();
            if tokens.family(world.tenant.name(), &family.id).await.unwrap().is_none() {
                gone.push((token.clone(), family.clone()));
            }
        }
        gone
    }
}

impl World {
    /// Does to the store what the fault would have done over these deeds.
    pub async fn spoil(&mut self, deeds: &[Deed], before: &Held) {
        let Some(fault) = self.fault else { return };
        if deeds.iter().any(|deed| matches!(deed, Deed::Revoke(_))) {
            return;
        }
        let gone = before.gone(self).await;
        match fault {
            Fault::EndIsLost => self.put_back(gone).await,
            Fault::RaceWritesAnew if deeds.len() > 1 => self.put_back(gone).await,
            Fault::DeathUndoes => self.ended.extend(gone),
            Fault::NumberIsLost => {
                for (_, before) in &before.0 {
                    let tokens = self.tenant.store().refresh_tokens();
                    let now = tokens.family(self.tenant.name(), &before.id).await.unwrap();
                    if let Some(now) = now.filter(|now| now.generation > before.generation) {
                        let (generation, advanced) = (before.generation, before.advanced);
                        let to = Family { generation, advanced, ..now.clone() };
                        tokens.advance(self.tenant.name(), &now, to, None).await.unwrap();
                    }
                }
            }
            Fault::RaceWritesAnew => {}
        }
    }

    /// What is there again after a death.
    pub async fn undo(&mut self) {
        let ended = std::mem::take(&mut self.ended);
        self.put_back(ended).await;
    }

    async fn put_back(&self, families: Vec<(RefreshToken, Family)>) {
        for (token, family) in families {
            let tokens = self.tenant.store().refresh_tokens();
            let given = Some((family, token));
            // It may be there again already.
            let _ = tokens.redeem(self.tenant.name(), store::Redeemed::Nothing, 0, given).await;
        }
    }
}

/// The histories come out against the model, or a token of a family that was replayed is served in the end.
fn is_found(fault: Fault) {
    let outcome = histories(Some(fault), 1_000, 0);
    let Err(TestError::Fail(reason, _)) = outcome else { panic!("{fault:?} is not found: {outcome:?}") };
    let reason = reason.to_string();
    assert!([LIVES_ON, NO_EXPLANATION].iter().any(|words| reason.starts_with(words)), "{fault:?}: {reason}");
}

#[test]
fn an_end_that_is_not_written_is_found() {
    is_found(Fault::EndIsLost);
}

#[test]
fn a_number_that_is_not_written_is_found() {
    is_found(Fault::NumberIsLost);
}

#[test]
fn a_use_that_writes_anew_what_a_replay_beside_it_ends_is_found() {
    is_found(Fault::RaceWritesAnew);
}

#[test]
fn an_end_that_a_death_undoes_is_found() {
    is_found(Fault::DeathUndoes);
}
