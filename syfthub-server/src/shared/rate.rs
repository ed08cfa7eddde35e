//! One rate window as arithmetic: the generic cell rate algorithm.
//!
//! A window is a single moment, its *end*: when everything that was counted will have been forgiven. Each use moves the
//! end by one interval; a use that would move it further than one whole window from now is refused. So the first uses may
//! come all at once, later ones as fast as the rate, and no boundary exists at which twice as many pass.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use syfthub_core::Timestamp;

/// So many within such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    window: Duration,
}

/// A rate, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Nothing is counted.
    Off,
    /// At most so many.
    AtMost(Rate),
}

/// How a window is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// Count one if there is room.
    Take,
    /// Only say whether there is room.
    Look,
    /// Count one, room or not.
    Note,
}

/// What a window says to a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether there was room.
    pub(crate) allowed: bool,
    /// The window's end afterwards.
    pub(crate) end: Timestamp,
}

/// Longest window that can be set.
const LONGEST: Duration = Duration::from_hours(24 * 31);

impl Rate {
    /// How many.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Within which time.
    pub fn window(self) -> Duration {
        self.window
    }

    /// The time after which one use is forgiven.
    pub(super) fn interval(self) -> Duration {
        self.window / self.count
    }

    /// How far ahead of now a window's end may lie: as many whole intervals as there are uses.
    pub(super) fn reach(self) -> Duration {
        self.interval() * self.count
    }

    /// Uses, at `now`, a window that ends at `end`.
    pub(crate) fn judge(self, end: Timestamp, now: Timestamp, usage: Usage) -> Verdict {
        let latest = now.after(self.reach());
        // An end beyond reach comes from an instance whose clock is ahead; it must not lock anybody out for longer.
        let end = end.clamp(now, latest);
        let next = end.after(self.interval());
        let allowed = next <= latest;
        let end = match usage {
            Usage::Take if allowed => next,
            Usage::Note => next.min(latest),
            Usage::Take | Usage::Look => end,
        };
        Verdict { allowed, end }
    }

    /// How long until a window that ends at `end` has room again.
    pub(crate) fn wait(self, end: Timestamp, now: Timestamp) -> Duration {
        end.after(self.interval()).since(now.after(self.reach()))
    }
}

const EXPECTED: &str = "expected a rate such as 10/min, 100/15min, 5/s, 1000/hour or 3/day, or off";

impl FromStr for Rate {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (count, window) = text.split_once('/').ok_or(EXPECTED)?;
        let count: u32 = count.trim().parse().map_err(|_| EXPECTED)?;
        let window = window.trim();
        let digits = window.bytes().take_while(u8::is_ascii_digit).count();
        let (times, unit) = window.split_at(digits);
        let times: u32 = if times.is_empty() { 1 } else { times.parse().map_err(|_| EXPECTED)? };
        let unit = match unit.trim() {
            "s" | "sec" | "second" => Duration::from_secs(1),
            "m" | "min" | "minute" => Duration::from_mins(1),
            "h" | "hour" => Duration::from_hours(1),
            "d" | "day" => Duration::from_hours(24),
            _ => return Err(EXPECTED),
        };
        let window = unit.checked_mul(times).filter(|window| *window <= LONGEST);
        let rate = Self { count, window: window.ok_or(EXPECTED)? };
        let is_fine = count > 0 && times > 0 && rate.interval() >= Duration::from_micros(1);
        if is_fine { Ok(rate) } else { Err(EXPECTED) }
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text.trim() {
            "off" => Ok(Self::Off),
            rate => rate.parse().map(Self::AtMost),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}s", self.count, self.window.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_is_read_in_the_usual_spellings() {
        for (text, shown) in [
            ("10/min", "10/60s"),
            ("100/15min", "100/900s"),
            ("5/s", "5/1s"),
            ("1000 / hour", "1000/3600s"),
            ("3/day", "3/86400s"),
            ("3/10m", "3/600s"),
        ] {
            assert_eq!(rate(text).to_string(), shown);
        }
        assert_eq!("off".parse(), Ok(Limit::Off));
    }

    #[test]
    fn what_is_no_rate_is_refused_with_the_accepted_form() {
        for text in
            ["", "10", "0/min", "10/0min", "-1/min", "10/", "10/fortnight", "1/99999d", "many/min"]
        {
            let refusal = text.parse::<Limit>().unwrap_err();
            assert!(refusal.starts_with("expected a rate such as 10/min"), "{text}");
        }
        assert!("2000000/s".parse::<Rate>().is_err(), "finer than the clock");
    }

    proptest! {
        #[test]
        fn no_window_lets_more_pass_than_a_burst_and_the_rate(
            count in 1_u32..50,
            seconds in 1_u32..600,
            steps in prop::collection::vec(0_u64..2_000_000, 1..200),
        ) {
            let rate = rate(&format!("{count}/{seconds}s"));
            let start = Timestamp::from_secs(1_800_000_000);
            let (mut now, mut end, mut passed) = (start, start, 0_u64);
            for step in steps {
                now = now.after(Duration::from_micros(step));
                let verdict = rate.judge(end, now, Usage::Take);
                passed += u64::from(verdict.allowed);
                end = verdict.end;
                let grown = now.since(start).as_micros() / rate.interval().as_micros();
                prop_assert!(u128::from(passed) <= u128::from(count) + grown);
                if !verdict.allowed {
                    let wait = rate.wait(end, now);
                    prop_assert!(wait > Duration::ZERO && wait <= rate.interval());
                    prop_assert!(rate.judge(end, now.after(wait), Usage::Look).allowed);
                }
            }
        }

        #[test]
        fn an_end_beyond_reach_refuses_for_no_longer_than_one_window(ahead in 0_u64..1_000_000_000) {
            let rate = rate("10/min");
            let now = Timestamp::from_secs(1_800_000_000);
            let end = now.after(Duration::from_millis(ahead));
            let verdict = rate.judge(end, now, Usage::Look);
            prop_assert!(rate.wait(verdict.end, now) <= rate.window());
        }
    }
}
