//! The lines of an account as a text, for books that are kept elsewhere.

use std::fmt::Write as _;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use syfthub_core::wire::ledger::Entry;

use crate::error::Error;
use crate::ledger::Ledger;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A table (RFC 4180) with a line of names.
    Csv,
    /// A JSON object on each line.
    Jsonl,
}

impl Ledger<'_> {
    /// All lines of the signed-in user's account, oldest first. A line that is added while they are read may or may not be
    /// among them; none is there twice.
    ///
    /// # Errors
    /// When the hub refuses, or cannot be asked.
    ///
    /// ```no_run
    /// # async fn example(hub: syfthub_client::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use syfthub_client::ExportFormat;
    ///
    /// std::fs::write("account.csv", hub.ledger().export(ExportFormat::Csv).await?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn export(&self, format: ExportFormat) -> Result<String, Error> {
        let mut pages = pin!(self.entries().pages());
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(page) = pages.try_next().await? {
            entries.extend(page);
        }
        // A line that came in between moves those behind it to the next page, where they are read again.
        entries.sort_unstable_by_key(|entry| entry.id);
        entries.dedup_by_key(|entry| entry.id);
        Ok(match format {
            ExportFormat::Csv => table(&entries),
            ExportFormat::Jsonl => entries.iter().map(line).collect(),
        })
    }
}

fn line(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("wire types have text keys and become JSON") + "\n"
}

fn table(entries: &[Entry]) -> String {
    let mut text = "id,transaction_id,kind,bucket,amount,created_at\r\n".to_owned();
    for Entry { id, transaction_id, kind, bucket, amount, created_at } in entries {
        let transaction = quoted(transaction_id.as_deref().unwrap_or_default());
        let (kind, bucket) = (quoted(kind), quoted(bucket));
        let row = write!(text, "{id},{transaction},{kind},{bucket},{amount},{created_at}\r\n");
        row.expect("text takes everything");
    }
    text
}

/// A cell, in quotes where it must be.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(id: i64, kind: &str, amount: f64) -> Entry {
        serde_json::from_value(json!({
            "id": id, "transaction_id": null, "kind": kind, "bucket": "available", "amount": amount,
            "created_at": "2026-11-20T12:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn amounts_are_written_out() {
        let text = table(&[entry(1, "deposit", 0.000_001), entry(2, "settle", -2.5)]);
        let rows: Vec<&str> = text.lines().skip(1).collect();
        assert!(rows[0].contains(",0.000001,"), "{text}");
        assert!(rows[1].contains(",-2.5,"), "{text}");
    }

    #[test]
    fn a_cell_cannot_leave_its_place() {
        let text = table(&[entry(1, "a,b\"c\n", 1.0)]);
        assert!(text.contains("1,,\"a,b\"\"c\n\",available,1,"), "{text}");
    }

    #[test]
    fn each_line_is_what_the_hub_said() {
        let said = entry(7, "deposit", 1.5);
        let read: Entry = serde_json::from_str(line(&said).trim_end()).unwrap();
        assert_eq!(read, said);
    }
}
