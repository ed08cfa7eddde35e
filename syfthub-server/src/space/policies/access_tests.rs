use proptest::prelude::*;

use super::*;

fn rule(mode: Mode, allowed: &[&str], denied: &[&str]) -> AccessRule {
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(text)).collect();
    AccessRule { allowed: patterns(allowed), denied: patterns(denied), mode }
}

fn lets_in(rules: &[AccessRule], email: &str) -> bool {
    let rules: Vec<&AccessRule> = rules.iter().collect();
    judge(&rules, email) == Verdict::Allowed
}

fn settle(configuration: &Value) -> Result<Map<String, Value>, BadConfiguration> {
    Access.settle(configuration.as_object().unwrap())
}

#[test]
fn the_four_rows_of_the_compat_matrix_hold() {
    let one = |allowed: &[&str], denied: &[&str]| {
        lets_in(&[rule(Mode::Compat, allowed, denied)], "ada@acme.org")
    };
    // Neither list matches: allowed when nobody is named, else denied.
    assert!(one(&[], &[]) && one(&[], &["bob@*"]));
    assert!(!one(&["bob@*"], &[]));
    // Denied alone, allowed alone.
    assert!(!one(&[], &["ada@*"]) && !one(&["bob@*"], &["ada@*"]));
    assert!(one(&["ada@*"], &[]) && one(&["ada@*"], &["bob@*"]));
    // Both: the more specific one, and a deny at a tie.
    assert!(one(&["ada@acme.org"], &["*@acme.org"]));
    assert!(!one(&["*@acme.org"], &["ada@acme.org"]));
    assert!(!one(&["ada@acme.org"], &["ada@acme.org"]));
    assert!(!one(&["*"], &["*"]));
}

#[test]
fn in_compat_mode_one_policy_that_lets_in_is_enough() {
    let closed = rule(Mode::Compat, &[], &["*@acme.org"]);
    let open = rule(Mode::Compat, &[], &[]);
    assert!(!lets_in(std::slice::from_ref(&closed), "ada@acme.org"));
    assert!(lets_in(&[closed, open], "ada@acme.org"));
}

#[test]
fn a_deny_wins_over_every_allow() {
    let rules = [
        rule(Mode::DenyOverrides, &["ada@acme.org"], &[]),
        rule(Mode::DenyOverrides, &[], &["*@acme.org"]),
    ];
    assert!(!lets_in(&rules, "ada@acme.org"));
    // One strict policy makes the endpoint strict.
    let mixed = [
        rule(Mode::Compat, &["ada@acme.org"], &["*@acme.org"]),
        rule(Mode::DenyOverrides, &["*"], &[]),
    ];
    assert!(!lets_in(&mixed, "ada@acme.org"));
}

#[test]
fn where_somebody_is_allowed_nobody_else_is() {
    let rules = [
        rule(Mode::DenyOverrides, &["*@acme.org"], &[]),
        rule(Mode::DenyOverrides, &["bob@*"], &[]),
        rule(Mode::DenyOverrides, &[], &["eve@*"]),
    ];
    assert!(lets_in(&rules, "ada@acme.org") && lets_in(&rules, "bob@x.org"));
    assert!(!lets_in(&rules, "cyd@x.org") && !lets_in(&rules, "eve@acme.org"));
    // A list of denials alone lets everybody else in.
    assert!(lets_in(&rules[2..], "cyd@x.org"));
    assert!(lets_in(&[], "cyd@x.org"));
}

#[test]
fn the_owner_learns_which_pattern_decided() {
    let rules = [rule(Mode::DenyOverrides, &[], &["*@acme.org", "ada@acme.org"])];
    let Verdict::Denied { by, detail } = judge(&[&rules[0]], "ada@acme.org") else {
        panic!("denied")
    };
    assert_eq!((by, detail.as_str()), (Some(0), "denied_users: ada@acme.org"));
}

#[test]
fn an_empty_policy_is_refused_and_a_pattern_that_matches_nobody() {
    let refused = |configuration: Value| settle(&configuration).unwrap_err().0;
    assert!(refused(json!({})).contains("has to name somebody"));
    assert!(refused(json!({"allowed_users": ["acme.org"]})).contains("allowed_users.0"));
    assert!(refused(json!({"allowed_users": ["acme.org"]})).contains("matches no e-mail address"));
    assert!(
        refused(json!({"denied_users": ["*@*"], "denied": []}))
            .contains("configuration.denied: there is no such setting")
    );
    assert!(refused(json!({"allowed_users": "*"})).contains("valid list"));
    assert!(refused(json!({"allowed_users": ["*"], "mode": "loose"})).contains("mode"));
    assert!(settle(&json!({"mode": "compat"})).is_ok());
}

#[test]
fn a_configuration_is_written_out_in_full() {
    let full = settle(&json!({"allowed_users": ["*@Acme.org"]})).unwrap();
    let expected =
        json!({"allowed_users": ["*@acme.org"], "denied_users": [], "mode": "deny_overrides"});
    assert_eq!(Value::Object(full.clone()), expected);
    assert_eq!(settle(&Value::Object(full.clone())).unwrap(), full);
}

#[test]
fn an_allow_that_a_deny_shadows_is_pointed_out() {
    let warnings = |configuration: Value| Access.warnings(&settle(&configuration).unwrap(), &[]);
    let lists =
        json!({"allowed_users": ["a*@acme.org", "*@b.org"], "denied_users": ["*@acme.org"]});
    assert_eq!(
        warnings(lists),
        ["allowed_users: a*@acme.org lets nobody in, since *@acme.org is denied"]
    );
    let by_specificity = |allowed: &str| json!({"allowed_users": [allowed], "denied_users": ["*@acme.org"], "mode": "compat"});
    assert!(warnings(by_specificity("ada@acme.org")).is_empty());
    assert_eq!(warnings(by_specificity("*@acme.org")).len(), 1);
    let beside = Rule::Access(rule(Mode::DenyOverrides, &[], &["*@acme.org"]));
    let invites = settle(&json!({"allowed_users": ["ada@acme.org"]})).unwrap();
    assert_eq!(Access.warnings(&invites, &[beside]).len(), 1);
    let beside = Rule::Access(rule(Mode::Compat, &[], &["*@acme.org"]));
    let invites = settle(&json!({"allowed_users": ["ada@acme.org"], "mode": "compat"})).unwrap();
    assert!(Access.warnings(&invites, &[beside]).is_empty());
}

#[test]
fn the_public_line_names_nobody() {
    let full = settle(&json!({"allowed_users": ["ada@acme.org"]})).unwrap();
    assert_eq!(Access.public(&full), ("For chosen callers".to_owned(), Map::new()));
    let full = settle(&json!({"denied_users": ["ada@acme.org"]})).unwrap();
    assert_eq!(Access.public(&full).0, "Open to nearly everybody");
}

fn lists() -> impl Strategy<Value = Vec<AccessRule>> {
    let pattern = prop::sample::select(vec!["*", "*@a", "b*", "ada@a", "bob@b", "?d?@*"]);
    let list = prop::collection::vec(pattern, 0..3);
    let mode = prop::sample::select(vec![Mode::DenyOverrides, Mode::Compat]);
    let rule = (mode, list.clone(), list)
        .prop_map(|(mode, allowed, denied)| rule(mode, &allowed, &denied));
    prop::collection::vec(rule, 0..4)
}

proptest! {
    #[test]
    fn one_more_strict_policy_never_opens_an_endpoint(rules in lists(), more in lists(), email in prop::sample::select(vec!["ada@a", "bob@b", "cyd@c"])) {
        let mut strict = rules;
        strict.push(rule(Mode::DenyOverrides, &[], &["nobody@nowhere"]));
        prop_assume!(!lets_in(&strict, email));
        let denied = strict.iter().any(|rule| rule.denied.iter().any(|denied| denied.matches(email)));
        strict.extend(more.iter().cloned());
        // What is denied stays so; who was merely not invited may be invited by another policy, and by nothing else.
        let invited = more.iter().any(|rule| rule.allowed.iter().any(|allowed| allowed.matches(email)));
        prop_assert!(!lets_in(&strict, email) || (!denied && invited));
    }

    #[test]
    fn the_order_of_policies_does_not_matter(mut rules in lists(), email in prop::sample::select(vec!["ada@a", "bob@b", "cyd@c"])) {
        let forwards = lets_in(&rules, email);
        rules.reverse();
        prop_assert_eq!(forwards, lets_in(&rules, email));
    }
}
