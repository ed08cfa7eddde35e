//! What a site lets robots visit (RFC 9309).

/// The name that a site's rules may call us by.
const NAME: &str = "syfthub";

/// Bytes of a `robots.txt` that are read; the standard asks for 500 KiB at least.
pub(super) const LARGEST: usize = 512 << 10;

/// The rules of one site for us.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Robots {
    /// Whether the path may be visited, and the pattern.
    rules: Vec<(bool, String)>,
}

impl Robots {
    /// Reads a `robots.txt`: the group for our name, else the one for all.
    pub(super) fn parse(text: &str) -> Self {
        let (mut own, mut all) = (None::<Vec<_>>, Vec::new());
        let (mut for_us, mut for_all, mut names_go_on) = (false, false, false);
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    if !names_go_on {
                        (for_us, for_all) = (false, false);
                    }
                    names_go_on = true;
                    if value == "*" {
                        for_all = true;
                    } else if value.to_ascii_lowercase().split('/').next() == Some(NAME) {
                        for_us = true;
                        own.get_or_insert_default();
                    }
                }
                "allow" | "disallow" => {
                    names_go_on = false;
                    // A rule without a pattern matches nothing.
                    if !value.is_empty() {
                        let rule = (key == "allow", value.to_owned());
                        if for_us {
                            own.get_or_insert_default().push(rule.clone());
                        }
                        if for_all {
                            all.push(rule);
                        }
                    }
                }
                _ => {}
            }
        }
        Self { rules: own.unwrap_or(all) }
    }

    /// Whether a path with its query may be visited: the longest pattern that matches decides, and a leave wins a tie.
    pub(super) fn allow(&self, path: &str) -> bool {
        let matching = self.rules.iter().filter(|(_, pattern)| matches(pattern, path));
        matching
            .max_by_key(|(leave, pattern)| (pattern.len(), *leave))
            .is_none_or(|(leave, _)| *leave)
    }
}

/// Whether `pattern`, in which `*` stands for anything and `$` at its end for the end, begins `path`.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let whole = if to_the_end { pattern.to_owned() } else { format!("{pattern}*") };
    let mut rest = path;
    let parts: Vec<&str> = whole.split('*').collect();
    for (n, part) in parts.iter().enumerate() {
        let last = n + 1 == parts.len();
        if n == 0 {
            let Some(left) = rest.strip_prefix(part) else { return false };
            rest = left;
            if last {
                return rest.is_empty();
            }
        } else if last {
            return rest.ends_with(part);
        } else {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_of_our_own_group_decides() {
        let robots = Robots::parse(
            "User-agent: other\nDisallow: /\n\nUser-agent: *\nDisallow: /private # secret\nAllow: /private/open\n\
             Disallow: /*.pdf$\nDisallow: /search?\nDisallow:\nSitemap: https://example.org/map.xml\n",
        );
        for (path, allowed) in [
            ("/", true),
            ("/private", false),
            ("/private/x", false),
            ("/private/open/x", true),
            ("/a.pdf", false),
            ("/a.pdf?x", true),
            ("/search?q=1", false),
            ("/searching", true),
        ] {
            assert_eq!(robots.allow(path), allowed, "{path}");
        }
    }

    #[test]
    fn rules_for_us_by_name_stand_instead_of_those_for_all() {
        let robots = Robots::parse(
            "User-agent: *\nDisallow: /\nUser-agent: a\nUser-agent: SyftHub/1.0\nDisallow: /x\n",
        );
        assert!(robots.allow("/") && !robots.allow("/x/y"));
        assert!(Robots::parse("").allow("/anything"));
    }
}
