//! What administrators see of the whole hub.

use serde::{Deserialize, Serialize};

use super::user::User;
use crate::clock::Timestamp;

/// Answer of `GET /api/v1/admin/overview`: how much there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// Accounts.
    pub users: UserCounts,
    /// Endpoints of users and organizations.
    pub endpoints: EndpointCounts,
    /// Organizations that were not deleted.
    pub organizations: i64,
    /// Sessions that can still be refreshed.
    pub sessions: i64,
    /// Personal access tokens that count.
    pub access_tokens: i64,
    /// When all this was counted; RFC 3339, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub as_of: Timestamp,
}

/// How many accounts there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCounts {
    /// All of them.
    pub total: i64,
    /// Those that are switched on.
    pub active: i64,
    /// Active ones that run the hub.
    pub administrators: i64,
    /// Those made within the last 30 days.
    pub joined_recently: i64,
    /// Those that signed in within the last 30 days.
    pub seen_recently: i64,
}

/// How many endpoints there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointCounts {
    /// All of them.
    pub total: i64,
    /// Those that are switched on and answer.
    pub active: i64,
    /// Those that everybody sees.
    pub public: i64,
    /// Those that every user sees.
    pub internal: i64,
    /// Those that their owners see.
    pub private: i64,
}

/// Answer of `GET /api/v1/admin/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserPage {
    /// A page of those that match, in the order of their numbers.
    pub users: Vec<User>,
    /// How many match on all pages.
    pub total: i64,
    /// How many were left out before this page.
    pub skip: i64,
    /// How many a page has at most.
    pub limit: i64,
}
