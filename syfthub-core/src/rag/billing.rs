//! What the policies of the endpoints behind an answer charged (contract aggregator 1.14).

use crate::Money;
use crate::wire::billing::{Billing, BillingEntry};
use crate::wire::space::PolicyEntry;

/// The most entries that one endpoint's reply may add; no real endpoint has as many policies.
const MAX_ENTRIES: usize = 32;

/// The most characters of each text of an entry; what is said beyond them is cut.
const TEXT_CHARS: usize = 300;

/// The most bytes of an entry's details; larger ones are left out.
const DETAIL_BYTES: usize = 2048;

/// What one endpoint charged for its part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// The sum of what was charged.
    pub amount: Money,
    /// Of which currency, where the endpoint says it.
    pub currency: Option<String>,
}

impl Cost {
    /// The sum over the charged ones of `entries`: none when nothing was charged, when they do not share one currency,
    /// or when an amount cannot be read.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a PolicyEntry>) -> Option<Self> {
        let mut sum: Option<Self> = None;
        for entry in entries.into_iter().filter(|entry| entry.status == "charged") {
            let amount = amount(entry)?;
            match &mut sum {
                None => sum = Some(Self { amount, currency: entry.currency.clone() }),
                Some(sum) if sum.currency == entry.currency => sum.amount = sum.amount.plus(amount),
                Some(_) => return None,
            }
        }
        sum
    }
}

/// What the entry says was charged, to the nearest millionth.
fn amount(entry: &PolicyEntry) -> Option<Money> {
    const MICROS: f64 = 1e6;
    let micros = (entry.amount? * MICROS).round();
    Money::from_units(micros / MICROS).ok()
}

/// What an endpoint said of its policies, within bounds: whoever charges is not thereby trusted to be brief.
pub(super) fn within_bounds(mut entries: Vec<PolicyEntry>) -> Vec<PolicyEntry> {
    entries.truncate(MAX_ENTRIES);
    entries.iter_mut().for_each(shorten);
    entries
}

fn shorten(entry: &mut PolicyEntry) {
    let PolicyEntry {
        policy_type,
        kind,
        status,
        currency,
        reason_code,
        reason,
        transaction,
        details,
        ..
    } = entry;
    let moved = transaction.iter_mut().flat_map(|moved| [&mut moved.rail, &mut moved.id]);
    let said = [policy_type, kind, status].into_iter().chain(moved);
    said.chain([currency, reason_code, reason].into_iter().flatten()).for_each(cut);
    if serde_json::to_string(details).is_ok_and(|json| json.len() > DETAIL_BYTES) {
        details.clear();
    }
}

fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS) {
        text.truncate(end);
    }
}

/// The block of an answer whose endpoints, given by path, said these things; none when they said nothing.
pub(super) fn billing<'a>(
    said: impl IntoIterator<Item = (&'a str, Vec<PolicyEntry>)>,
) -> Option<Billing> {
    let mut entries = Vec::new();
    for (path, said) in said {
        let named = |entry| BillingEntry { source: path.to_owned(), entry };
        entries.extend(said.into_iter().map(named));
    }
    if entries.is_empty() {
        return None;
    }
    let cost = Cost::of(entries.iter().map(|named| &named.entry));
    let (total, currency) = cost.map(|cost| (cost.amount.to_units(), cost.currency)).unzip();
    Some(Billing { total_cost: total, currency: currency.flatten(), entries })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(status: &str, amount: Option<f64>, currency: Option<&str>) -> PolicyEntry {
        PolicyEntry {
            policy_type: "accounting".into(),
            kind: "payment".into(),
            status: status.into(),
            amount,
            currency: currency.map(str::to_owned),
            ..PolicyEntry::default()
        }
    }

    fn charged(amount: f64, currency: Option<&str>) -> PolicyEntry {
        entry("charged", Some(amount), currency)
    }

    fn total(said: Vec<PolicyEntry>) -> (Option<f64>, Option<String>) {
        let billing = billing([("ada/notes", said)]).unwrap();
        (billing.total_cost, billing.currency)
    }

    #[test]
    fn the_total_is_the_exact_sum_of_what_was_charged() {
        let said = vec![
            charged(0.1, Some("USD")),
            charged(0.2, Some("USD")),
            entry("refunded", Some(5.0), Some("USD")),
            entry("rejected", Some(7.0), Some("EUR")),
            entry("applied", None, None),
        ];
        assert_eq!(total(said), (Some(0.3), Some("USD".to_owned())));
        assert_eq!(total(vec![charged(0.5, None), charged(0.25, None)]), (Some(0.75), None));
    }

    #[test]
    fn there_is_no_total_of_several_currencies_of_odd_amounts_or_of_nothing() {
        for said in [
            vec![charged(1.0, Some("USD")), charged(1.0, Some("EUR"))],
            vec![charged(1.0, Some("USD")), charged(1.0, None)],
            vec![charged(1.0, None), charged(-1.0, None)],
            vec![charged(f64::NAN, None)],
            vec![charged(1e300, None)],
            vec![entry("charged", None, None)],
            vec![entry("free", None, None)],
        ] {
            assert_eq!(total(said.clone()), (None, None), "{said:?}");
        }
    }

    #[test]
    fn what_an_endpoint_says_is_kept_within_bounds() {
        let mut wordy = PolicyEntry { reason: Some("é".repeat(5000)), ..charged(1.0, None) };
        wordy.details.insert("x".into(), "y".repeat(5000).into());
        let mut brief = entry("applied", None, None);
        brief.details.insert("retry_after".into(), 7.into());
        let kept =
            within_bounds([vec![wordy, brief.clone()], vec![charged(1.0, None); 100]].concat());
        assert_eq!(kept.len(), MAX_ENTRIES);
        assert_eq!(kept[0].reason.as_ref().map(|reason| reason.chars().count()), Some(300));
        assert!(kept[0].details.is_empty() && kept[1] == brief);
    }

    #[test]
    fn every_entry_names_the_endpoint_that_said_it() {
        let said = [
            ("ada/notes", vec![charged(1.0, None)]),
            ("bob/model", vec![charged(2.0, None), entry("applied", None, None)]),
            ("eve/quiet", Vec::new()),
        ];
        let billing = billing(said).unwrap();
        let sources: Vec<&str> = billing.entries.iter().map(|e| e.source.as_str()).collect();
        assert_eq!(sources, ["ada/notes", "bob/model", "bob/model"]);
        assert_eq!(billing.total_cost, Some(3.0));
        assert_eq!(super::billing([("ada/notes", Vec::new())]), None);
    }
}
