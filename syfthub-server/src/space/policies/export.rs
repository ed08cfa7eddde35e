//! Decisions as a table for spreadsheets (RFC 4180).

use super::decision_store::Recorded;

/// The decisions, one a line, below a line of names.
pub(crate) fn to_csv(decisions: &[Recorded]) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for decision in decisions {
        let mut decision = decision.clone();
        decision.email = decision.email.map(harmless);
        decision.detail = harmless(decision.detail);
        writer.serialize(decision)?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8(bytes).expect("fields are text"))
}

/// A text that no spreadsheet takes for a formula: what would begin one is put behind an apostrophe.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use syfthub_core::Timestamp;

    use super::*;
    use crate::space::ids::EndpointKey;

    #[test]
    fn a_line_of_names_comes_first_and_no_field_is_a_formula() {
        let decision = Recorded {
            id: 7,
            at: Timestamp::from_secs(1_800_000_000),
            correlation_id: "c".to_owned(),
            endpoint_id: EndpointKey::new(),
            endpoint_slug: "permits".to_owned(),
            issuer: "https://hub".to_owned(),
            subject: "2".to_owned(),
            email: Some("=cmd()@x.org".to_owned()),
            client: "127.0.0.1".to_owned(),
            outcome: "access_denied".to_owned(),
            status: 403,
            policy_id: None,
            policy_type: Some("access".to_owned()),
            reason_code: None,
            detail: "denied, \"twice\"".to_owned(),
            cost: 0.0,
            duration_ms: 1.5,
        };
        let text = to_csv(&[decision]).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("id,at,correlation_id,endpoint_id,endpoint_slug,"));
        assert!(lines[1].starts_with("7,2027-01-15T08:00:00.000000Z,c,"), "{}", lines[1]);
        assert!(
            lines[1].contains(",'=cmd()@x.org,") && lines[1].contains(r#","denied, ""twice""","#)
        );
    }
}
