//! What somebody may see of an owner's endpoints, as a filter for a list.

use syfthub_core::ids::UserId;
use syfthub_core::model::{Access, Action, EndpointFacts, Principal, Visibility, authorize};

const ALL: [Visibility; 3] = [Visibility::Public, Visibility::Internal, Visibility::Private];

/// The visibilities a principal reaches with one owner, by asking `authorize` about each kind of endpoint there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Among endpoints that are switched on.
    pub(crate) active: Vec<Visibility>,
    /// Among those that are switched off.
    pub(crate) inactive: Vec<Visibility>,
}

impl Reach {
    /// What `principal` may read of the endpoints of `owner`.
    pub(crate) fn of(principal: Principal, owner: UserId, owner_is_active: bool) -> Self {
        let readable = |is_active| {
            let granted = |visibility: &Visibility| {
                let facts =
                    EndpointFacts { owner, owner_is_active, visibility: *visibility, is_active };
                authorize(principal, Action::Read, facts) == Access::Granted
            };
            ALL.into_iter().filter(granted).collect()
        };
        Self { active: readable(true), inactive: readable(false) }
    }
}

#[cfg(test)]
mod tests {
    use syfthub_core::model::Role;

    use super::*;

    #[test]
    fn an_owner_reaches_everything_and_a_stranger_what_is_on_and_not_private() {
        let user = |id| Principal::User { id: UserId(id), role: Role::User };
        let own = Reach::of(user(1), UserId(1), true);
        assert_eq!((own.active.len(), own.inactive.len()), (3, 3));
        let other = Reach::of(user(2), UserId(1), true);
        assert_eq!(other.active, [Visibility::Public, Visibility::Internal]);
        assert!(other.inactive.is_empty());
        assert_eq!(Reach::of(Principal::Anonymous, UserId(1), true).active, [Visibility::Public]);
        assert!(Reach::of(Principal::Anonymous, UserId(1), false).active.is_empty());
    }
}
