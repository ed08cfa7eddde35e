//! Finding settings in the environment that are written wrong, which would otherwise be ignored in silence.

/// Prefixes that are ours: every variable under them is a setting, or a mistake.
const PREFIXES: [&str; 2] = ["SYFTHUB_", "AGGREGATOR_"];

/// Names under those prefixes that other programs of the family read.
const ELSEWHERE: &[&str] = &[
    "SYFTHUB_URL",
    "SYFTHUB_USERNAME",
    "SYFTHUB_PASSWORD",
    "SYFTHUB_API_TOKEN",
    "SYFTHUB_AGGREGATOR_URL",
    "SYFTHUB_CONFIG",
    "SYFTHUB_STATE",
];

/// Prefix of what only tests read.
const TESTS: &str = "SYFTHUB_TEST_";

/// Settings of the existing aggregator (contract aggregator 1.19) that this one has no use for.
const WITHOUT_EFFECT: &[&str] = &[
    "AGGREGATOR_SERVICE_NAME",
    "AGGREGATOR_DEBUG",
    "AGGREGATOR_LOG_LEVEL",
    "AGGREGATOR_LOG_FORMAT",
    "AGGREGATOR_SYFTHUB_JWKS_CACHE_TTL",
    "AGGREGATOR_CORS_ORIGINS",
    "AGGREGATOR_LOG_REQUEST_HEADERS",
    "AGGREGATOR_LOG_REQUEST_BODY",
    "AGGREGATOR_NATS_URL",
    "AGGREGATOR_NATS_AUTH_TOKEN",
    "AGGREGATOR_NATS_TUNNEL_TIMEOUT",
];

/// Shortest name that a similar one is compared with: among short names similarity means nothing.
const LONG: usize = 8;

/// Settings that are set, understood and ignored.
pub(super) fn without_effect<'e>(environment: impl Iterator<Item = &'e str>) -> Vec<&'e str> {
    environment.filter(|name| WITHOUT_EFFECT.contains(name)).collect()
}

/// The first name that looks like one of `settings` but is none, and the closest of them.
pub(super) fn find<'e, 's>(
    environment: impl Iterator<Item = &'e str>,
    settings: &'s [String],
) -> Option<(&'e str, Option<&'s str>)> {
    let mut names: Vec<&str> = environment.collect();
    names.sort_unstable();
    names.into_iter().find_map(|name| {
        if settings.iter().any(|setting| setting == name) || is_known(name) {
            return None;
        }
        let ours = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let reach = if ours { 6 } else { 2 };
        let distances = settings
            .iter()
            .filter(|setting| setting.len() >= LONG)
            .map(|setting| (distance(name, setting), setting));
        let closest = distances.filter(|(distance, _)| *distance <= reach).min();
        let closest = closest.map(|(_, setting)| setting.as_str());
        (ours || closest.is_some()).then_some((name, closest))
    })
}

fn is_known(name: &str) -> bool {
    name.starts_with(TESTS) || ELSEWHERE.contains(&name) || WITHOUT_EFFECT.contains(&name)
}

/// How many letters must be inserted, deleted, replaced or swapped with their neighbour to get from one to the other.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    if from.len().abs_diff(to.len()) > 6 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = above[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closest setting, or `?` when the name is wrong but close to none.
    fn found(name: &str) -> Option<String> {
        let settings =
            ["SECRET_KEY", "DATABASE_URL", "SYFTHUB_LISTEN", "RSA_KEY_ID"].map(str::to_owned);
        find([name].into_iter(), &settings).map(|(_, closest)| closest.unwrap_or("?").to_owned())
    }

    #[test]
    fn a_slip_of_the_keyboard_is_found() {
        assert_eq!(found("SECRET_KYE"), Some("SECRET_KEY".to_owned()));
        assert_eq!(found("DATABSE_URL"), Some("DATABASE_URL".to_owned()));
        assert_eq!(found("SYFTHUB_LISTEN_ADDR"), Some("SYFTHUB_LISTEN".to_owned()));
        assert_eq!(found("SYFTHUB_SOMETHING_ELSE"), Some("?".to_owned()));
    }

    #[test]
    fn what_other_programs_read_is_left_alone() {
        for name in [
            "SECRET_KEY",
            "PATH",
            "SYFTHUB_URL",
            "SYFTHUB_TEST_POSTGRES_URL",
            "AGGREGATOR_NATS_URL",
            "HOME",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
