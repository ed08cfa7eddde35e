//! The domain's own types as parameters and columns: each is kept as the text or number it has on the wire.

use syfthub_core::model::{EndpointType, HealthStatus, OrgRole, Role, Visibility};
use syfthub_core::{
    AccessTokenId, AggregatorId, Email, EndpointId, OrganizationId, Slug, Timestamp, UserId,
    Username, Version,
};

use super::{FromValue, ToValue, Value};

macro_rules! numbers {
    ($($type:ty: $expected:literal, $wrap:path, $unwrap:expr;)*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Integer($unwrap(*self))
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &Value) -> Option<Self> {
                i64::from_value(value).map($wrap)
            }
        }
    )* };
}

numbers! {
    UserId: "a user's number", UserId, |id: UserId| id.0;
    OrganizationId: "an organization's number", OrganizationId, |id: OrganizationId| id.0;
    EndpointId: "an endpoint's number", EndpointId, |id: EndpointId| id.0;
    AccessTokenId: "a token's number", AccessTokenId, |id: AccessTokenId| id.0;
    AggregatorId: "an aggregator's number", AggregatorId, |id: AggregatorId| id.0;
    Timestamp: "microseconds since 1970", Timestamp::from_micros, Timestamp::micros;
}

macro_rules! texts {
    ($($type:ty: $expected:literal;)*) => { $(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::Text(self.as_str().to_owned())
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::Text(text) => Self::parse(text).ok(),
                    _ => None,
                }
            }
        }
    )* };
}

texts! {
    Username: "a username";
    Email: "an e-mail address";
    Slug: "a slug";
    Version: "a version";
    Role: "a role";
    OrgRole: "a role in an organization";
    Visibility: "a visibility";
    EndpointType: "an endpoint type";
    HealthStatus: "a health status";
}
