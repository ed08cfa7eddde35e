//! Whom to pay, as one text.

use std::str::FromStr;

use serde::Deserialize;
use syfthub_client::Payee;

/// An address when there is an `@`, else the name of a user or an organization.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Recipient(pub(super) Payee);

impl TryFrom<String> for Recipient {
    type Error = <Payee as FromStr>::Err;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}
