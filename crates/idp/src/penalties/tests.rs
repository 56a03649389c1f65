use std::net::IpAddr;

use super::{Asker, Kind, Penalties};
use crate::snapshot::LimitSettings;

const NOW: i64 = 1_800_000_000;

fn at(ip: &str) -> IpAddr {
    ip.parse().expect("an address")
}

fn asker(client_id: &str, ip: IpAddr) -> Asker<'_> {
    Asker { tenant: "default", client_id, ip }
}

struct Scene(Penalties, LimitSettings);

impl Scene {
    fn new() -> Scene {
        Scene(Penalties::default(), LimitSettings::default())
    }

    fn fail(&self, client_id: &str, ip: &str, now: i64) {
        self.0.failed(asker(client_id, at(ip)), &self.1, now);
    }

    /// Seconds for which whoever asks is blocked.
    fn blocked(&self, client_id: &str, ip: &str, now: i64) -> i64 {
        self.0.admit(asker(client_id, at(ip)), &self.1, now).err().map_or(0, |blocked| blocked.seconds)
    }
}

#[test]
fn ten_wrong_secrets_close_a_client_to_the_network_and_to_nobody_else() {
    let scene = Scene::new();
    for n in 0..10 {
        assert_eq!(scene.blocked("a", "192.0.2.1", NOW), 0, "{n}");
        scene.fail("a", "192.0.2.1", NOW);
    }
    assert_eq!(scene.blocked("a", "192.0.2.1", NOW), 30);
    assert_eq!(scene.blocked("a", "192.0.2.200", NOW), 30);
    assert_eq!(scene.blocked("a", "::ffff:192.0.2.200", NOW), 30);
    assert_eq!(scene.blocked("b", "192.0.2.1", NOW), 0);
    assert_eq!(scene.blocked("a", "192.0.3.1", NOW), 0);
    assert_eq!(scene.blocked("a", "192.0.2.1", NOW + 30), 0);
}

#[test]
fn each_block_is_longer_than_the_one_before() {
    let scene = Scene::new();
    (0..9).for_each(|_| scene.fail("a", "2001:db8::1", NOW));
    let mut now = NOW;
    for expected in [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
        scene.fail("a", "2001:db8::1", now);
        assert_eq!(scene.blocked("a", "2001:db8::2", now), expected);
        now += expected;
    }
    // A day of silence, and it begins anew.
    scene.fail("a", "2001:db8::1", now + 90_000);
    assert_eq!(scene.blocked("a", "2001:db8::1", now + 90_000), 0);
}

#[test]
fn who_has_proved_itself_is_never_held_up_by_others() {
    let scene = Scene::new();
    scene.0.proved(asker("a", at("192.0.2.1")), NOW);
    for n in 0..2_000 {
        scene.fail("a", &format!("192.0.2.{}", n % 250 + 2), NOW);
        scene.fail(&format!("c{n}"), "192.0.2.9", NOW);
        scene.fail("a", &format!("10.0.{}.1", n % 250), NOW);
    }
    assert_eq!(scene.blocked("a", "192.0.2.1", NOW + 60), 0);
    assert!(scene.blocked("a", "192.0.2.9", NOW) > 0);
    assert!(scene.blocked("a", "10.0.7.1", NOW) > 0);
    // Seven days without a word, and it is a stranger.
    assert!(scene.0.is_known(asker("a", at("192.0.2.1")), NOW + 6 * 86_400));
    assert!(!scene.0.is_known(asker("a", at("192.0.2.1")), NOW + 8 * 86_400));
}

#[test]
fn in_a_network_that_is_known_neighbours_are_told_apart() {
    let scene = Scene::new();
    scene.0.proved(asker("a", at("192.0.2.1")), NOW);
    (0..12).for_each(|_| scene.fail("a", "192.0.2.66", NOW));
    assert!(scene.blocked("a", "192.0.2.66", NOW) > 0);
    assert_eq!(scene.blocked("a", "192.0.2.67", NOW), 0);
}

#[test]
fn a_network_that_tries_many_clients_is_closed_to() {
    let scene = Scene::new();
    for n in 0..100 {
        assert_eq!(scene.blocked("z", "192.0.2.1", NOW), 0, "{n}");
        scene.fail(&format!("c{n}"), &format!("192.0.2.{n}"), NOW);
    }
    assert_eq!(scene.blocked("z", "192.0.2.1", NOW), 30);
    let kinds: Vec<Kind> = scene.0.blocked("default", NOW).iter().map(|one| one.subject.kind).collect();
    assert_eq!(kinds, [Kind::Network]);
    assert!(scene.0.blocked("other", NOW).is_empty());
}

#[test]
fn a_client_under_attack_closes_sooner_and_stays_open_to_who_is_right() {
    let scene = Scene::new();
    (0..100).for_each(|n| scene.fail("a", &format!("10.{n}.0.1"), NOW));
    assert_eq!(scene.blocked("a", "192.0.2.1", NOW), 0);
    (0..3).for_each(|_| scene.fail("a", "192.0.2.1", NOW));
    assert_eq!(scene.blocked("a", "192.0.2.1", NOW), 30);
    assert_eq!(scene.blocked("a", "198.51.100.1", NOW), 0);
}

#[test]
fn memory_is_bounded_and_the_log_hears_once_a_minute() {
    let scene = Scene::new();
    let mut reports = 0;
    for n in 0..200_000u32 {
        let ip = IpAddr::from(std::net::Ipv4Addr::from_bits(n << 8));
        reports += scene.0.failed(asker(&n.to_string(), ip), &scene.1, NOW).len();
    }
    assert_eq!(reports, 0);
    let held: usize = scene.0.shards.iter().map(|shard| shard.lock().expect("whole").all().count()).sum();
    assert!(held <= 16 * 4_096, "{held}");
    let scene = Scene::new();
    let mut reports = 0;
    for n in 0..600 {
        let asker = asker("a", at("192.0.2.1"));
        reports += match scene.0.admit(asker, &scene.1, NOW + n / 10) {
            Err(blocked) => usize::from(blocked.report.is_some()),
            Ok(()) => scene.0.failed(asker, &scene.1, NOW + n / 10).len(),
        };
    }
    assert_eq!(reports, 1);
}
