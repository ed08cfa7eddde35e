//! Slugs out of names.

use syfthub_client::Slug;

use crate::operation::operations;

operations! {
    /// Slugs out of names.
    OPERATIONS on ();

    /// The slug that the hub tries first for a name; `fallback` stands in where the name has no usable characters.
    call "slug.of_name" [], (name: String, fallback: Option<String>, organization: Option<bool>) |_offline| {
        let fallback = fallback.unwrap_or_default();
        Ok(if organization.unwrap_or_default() {
            Slug::organization_candidates(&name, &fallback).next()
        } else {
            Slug::candidates(&name, &fallback).next()
        })
    }
}
