//! What a node sends at once for many tenants. Whoever takes their time holds up their own tenant alone: who looks for more
//! to send leaves those out for whom something is in hand.

use std::collections::{BTreeMap, HashMap};

use tokio::task::{self, JoinError, JoinSet};

use crate::{Result as Outcome, Tenants};

/// Whoever sends on a node what is due, of all tenants; nodes share the work.
pub trait Carrier: Default + Send + 'static {
    /// Takes in hand what is due, as far as there is room for it; answers how much that was.
    fn look(&mut self, tenants: &Tenants) -> impl Future<Output = Outcome<usize>> + Send;

    /// What it has in hand: where that ends, there is room for more.
    fn in_hand(&mut self) -> &mut InHand;
}

/// Sends what is due, waits until it has arrived or is put off, and answers how much that was.
pub async fn carry<C: Carrier>(tenants: &Tenants) -> Outcome<usize> {
    let mut carrier = C::default();
    let count = carrier.look(tenants).await?;
    carrier.in_hand().all().await;
    Ok(count)
}

/// What is being sent.
#[derive(Debug, Default)]
pub struct InHand {
    sending: JoinSet<()>,
    /// For whom, by what sends it.
    whose: HashMap<task::Id, String>,
}

impl InHand {
    /// How much more may be taken in hand of so much at once.
    pub fn room(&mut self, at_once: usize) -> usize {
        while let Some(done) = self.sending.try_join_next_with_id() {
            self.done(done);
        }
        at_once.saturating_sub(self.whose.len())
    }

    /// The tenants for whom something is in hand.
    pub fn busy(&self) -> Vec<&str> {
        self.crowded(1)
    }

    /// The tenants for whom so much is in hand.
    pub fn crowded(&self, most: usize) -> Vec<&str> {
        let mut counts = BTreeMap::<&str, usize>::new();
        for tenant in self.whose.values() {
            *counts.entry(tenant).or_default() += 1;
        }
        counts.into_iter().filter(|(_, count)| *count >= most).map(|(tenant, _)| tenant).collect()
    }

    pub fn take(&mut self, tenant: String, sending: impl Future<Output = ()> + Send + 'static) {
        let sent = self.sending.spawn(sending);
        self.whose.insert(sent.id(), tenant);
    }

    /// Waits until something that is in hand has ended; for ever if there is nothing.
    pub async fn next(&mut self) {
        match self.sending.join_next_with_id().await {
            Some(done) => self.done(done),
            None => std::future::pending().await,
        }
    }

    /// Waits until all has ended.
    pub async fn all(&mut self) {
        while !self.whose.is_empty() {
            self.next().await;
        }
    }

    fn done(&mut self, done: Result<(task::Id, ()), JoinError>) {
        self.whose.remove(&done.map_or_else(|error| error.id(), |(id, ())| id));
    }
}

#[cfg(test)]
mod tests {
    use std::future;

    use super::InHand;

    #[tokio::test]
    async fn who_takes_their_time_is_busy_and_nobody_else() {
        let mut in_hand = InHand::default();
        in_hand.take("slow".into(), future::pending());
        in_hand.take("slow".into(), future::pending());
        in_hand.take("quick".into(), future::ready(()));
        assert_eq!((in_hand.room(4), in_hand.busy()), (1, vec!["quick", "slow"]));
        assert_eq!(in_hand.crowded(2), vec!["slow"]);
        in_hand.next().await;
        assert_eq!((in_hand.room(4), in_hand.busy()), (2, vec!["slow"]));
        assert_eq!(in_hand.room(1), 0);
    }
}
