//! The closed sets of words: roles, visibilities and types.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::{Input, Place};
use crate::invalid::Invalid;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $(
                $(#[$item_doc])*
                #[serde(rename = $word)]
                #[cfg_attr(feature = "openapi", schema(rename = $word))]
                $item
            ),+
        }

        impl $name {
            /// Every one there is, in the order in which they compare.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$item),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word),+ }
            }

            /// Reads the word; lower case only.
            ///
            /// # Errors
            /// When it is none of the set.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                match text {
                    $($word => Ok(Self::$item),)+
                    _ => Err(Invalid::not_one_of(&[$($word),+])),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Self::parse(text)
            }
        }

        impl Input for $name {
            fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
                let text = value.as_str().unwrap_or_default();
                Self::parse(text).map_or_else(|refusal| place.refuse(refusal, value), Some)
            }
        }
    };
}

words! {
    /// What a user is to the hub.
    Role {
        /// Runs the hub.
        Admin = "admin",
        /// Has an account.
        User = "user",
        /// Has none, but holds a guest token.
        Guest = "guest",
    }
}

words! {
    /// What a member is to an organization, from the least right to the most (contract hub 5.1): each role may do all
    /// that those before it may.
    OrgRole {
        /// Sees the organization and all its endpoints.
        Viewer = "viewer",
        /// Publishes endpoints for it, too.
        Member = "member",
        /// Changes and deletes its endpoints, too.
        Manager = "manager",
        /// Changes its profile and speaks for its space, too, and decides on members who are no owners.
        Admin = "admin",
        /// Decides on owners and on its end, too. There is always one.
        Owner = "owner",
    }
}

words! {
    /// Who sees an endpoint.
    Visibility {
        /// Everybody.
        Public = "public",
        /// Every signed-in user.
        Internal = "internal",
        /// Its owner.
        Private = "private",
    }
}

words! {
    /// Whether an endpoint answered when it was last heard of.
    HealthStatus {
        /// It did.
        Healthy = "healthy",
        /// It did not.
        Unhealthy = "unhealthy",
    }
}

words! {
    /// What an endpoint offers.
    EndpointType {
        /// Generates text.
        Model = "model",
        /// Retrieves documents.
        DataSource = "data_source",
        /// Does both.
        ModelDataSource = "model_data_source",
        /// Holds sessions.
        Agent = "agent",
    }
}

words! {
    /// How much a personal access token may do. Each scope includes those before it (contract hub 4.5).
    Scope {
        /// Read, search, ask endpoints, and mint and verify satellite tokens.
        Read = "read",
        /// Change what the user owns.
        Write = "write",
        /// Everything the user may, tokens, password, address and the account's end included.
        Full = "full",
    }
}

impl EndpointType {
    /// Whether an endpoint of this type may generate the answer.
    pub const fn generates(self) -> bool {
        matches!(self, Self::Model | Self::ModelDataSource | Self::Agent)
    }

    /// Whether an endpoint of this type may be asked for documents.
    pub const fn retrieves(self) -> bool {
        matches!(self, Self::DataSource | Self::ModelDataSource)
    }
}
