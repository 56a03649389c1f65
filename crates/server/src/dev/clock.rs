//! The clock as the control API shows it and sets it.

use idp::{
    Clock,
    clock::{Hands, iso},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// How a clock is to be set; what is not said stays.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setting {
    /// Back to the time of the machine, before all else.
    reset: bool,
    /// What it is to show.
    now: Option<Timestamp>,
    /// How far it is moved on, or back if negative, from there.
    advance_seconds: Option<f64>,
    /// Whether it stands from then on.
    stands: Option<bool>,
}

/// Sets a clock, or says why not; it shows what it did, then.
pub fn set(clock: &Clock, setting: &Setting) -> Result<(), String> {
    let system = Clock::System.now_ms();
    let (now, stood) = match clock.hands() {
        None => return Err("this clock cannot be set".into()),
        Some(_) if setting.reset => (system, false),
        Some(hands) => (clock.now_ms(), matches!(hands, Hands::Standing { .. })),
    };
    let from = setting.now.map_or(now, Timestamp::as_millisecond);
    let seconds = setting.advance_seconds.unwrap_or(0.0);
    // Whatever is no number or beyond all calendars becomes something beyond ours.
    let to = from.saturating_add(if seconds.is_finite() { (seconds * 1e3) as i64 } else { i64::MAX });
    if !(0..=LAST).contains(&to) {
        return Err(format!("the clock goes from {} to {}", iso(0), iso(LAST)));
    }
    clock.set(match setting.stands.unwrap_or(stood) {
        true => Hands::Standing { at: to },
        // Where nobody moved it, it is not to lag by what passed meanwhile.
        false if to == system => Hands::Going { ahead: 0 },
        false => Hands::Going { ahead: to - system },
    });
    Ok(())
}

pub fn shown(clock: &Clock) -> Value {
    json!({ "now": clock.iso(), "stands": matches!(clock.hands(), Some(Hands::Standing { .. })) })
}

/// The last millisecond of the year 9000: whatever is added to it still is a time.
const LAST: i64 = 221_876_927_999_999;

#[cfg(test)]
mod tests {
    use idp::{Clock, clock::Hands};
    use serde_json::{Value, json};

    use super::{Setting, set};

    fn told(clock: &Clock, value: Value) -> Result<(), String> {
        let setting: Setting = serde_json::from_value(value).map_err(|error| error.to_string())?;
        set(clock, &setting)
    }

    #[test]
    fn it_is_set_moved_stopped_and_reset() {
        let clock = Clock::settable();
        told(&clock, json!({ "now": "2030-01-01T00:00:00Z", "stands": true })).expect("a time");
        assert_eq!(clock.iso(), "2030-01-01T00:00:00.000Z");
        told(&clock, json!({ "advance_seconds": 1.5 })).expect("a while");
        assert_eq!(clock.iso(), "2030-01-01T00:00:01.500Z");
        told(&clock, json!({ "advance_seconds": -1.5, "stands": false })).expect("a while back");
        assert!(
            clock.iso().starts_with("2030-01-01T00:00:0") && clock.hands() != Some(Hands::Going { ahead: 0 })
        );
        told(&clock, json!({ "reset": true })).expect("a reset");
        assert_eq!(clock.hands(), Some(Hands::Going { ahead: 0 }));
    }

    #[test]
    fn what_is_no_time_moves_nothing() {
        let clock = Clock::settable();
        for value in [
            json!({ "now": "yesterday" }),
            json!({ "now": 12 }),
            json!({ "now": "1969-12-31T23:59:59Z" }),
            json!({ "now": "9999-12-31T23:59:59Z" }),
            json!({ "advance_seconds": 1e300 }),
            json!({ "advance_seconds": -1e300 }),
            json!({ "advance_seconds": "1" }),
            json!({ "stands": 1 }),
            json!({ "then": "2030-01-01T00:00:00Z" }),
        ] {
            assert!(told(&clock, value.clone()).is_err(), "{value}");
        }
        assert_eq!(clock.hands(), Some(Hands::Going { ahead: 0 }));
        assert!(told(&Clock::System, json!({ "reset": true })).is_err());
    }
}
