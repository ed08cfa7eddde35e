//! Ids of what a space stores: UUIDs, one type per kind, so that none is taken for another.

use serde::Serialize;
use serde_json::Value as Json;
use syfthub_core::Invalid;
use syfthub_core::input::{Input, Place};
use uuid::Uuid;

use crate::db::{FromValue, ToValue, Value};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, greater than those made before it.
            pub(crate) fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// Reads the id's text form.
            pub(crate) fn parse(text: &str) -> Option<Self> {
                Uuid::parse_str(text).ok().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Input for $name {
            fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
                let read = value.as_str().and_then(Self::parse);
                read.or_else(|| place.refuse(Invalid::new("uuid_parsing", "Input should be a valid UUID"), value))
            }
        }

        impl ToValue for $name {
            fn to_value(&self) -> Value {
                Value::Text(self.to_string())
            }
        }

        impl FromValue for $name {
            const EXPECTED: &'static str = "a UUID";

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::Text(text) => Self::parse(text),
                    _ => None,
                }
            }
        }
    };
}

id!(
    /// A dataset of this space.
    DatasetId
);
id!(
    /// A model of this space.
    ModelId
);
id!(
    /// An endpoint of this space; callers know it by its slug.
    EndpointKey
);
id!(
    /// The work on one file of a dataset; it also names the file in the index.
    JobId
);
id!(
    /// A hub that this space is connected to.
    MarketplaceId
);
id!(
    /// A tenant of this space: an owner of datasets, models and endpoints of their own.
    TenantId
);
id!(
    /// Somebody who administers a tenant.
    AccountId
);
id!(
    /// A policy of an endpoint.
    PolicyId
);
id!(
    /// Money that is reserved, charged or given back for one question.
    ChargeId
);

impl TenantId {
    /// The tenant that every space has.
    pub const ROOT: Self = Self(Uuid::nil());
}
