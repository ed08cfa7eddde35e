//! What somebody may see of an owner's endpoints, as a filter for a list.

use syfthub_core::model::{
    EndpointAction, EndpointFacts, Ownership, Principal, Visibility, authorize,
};

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
    pub(crate) fn of(principal: Principal, owner: Ownership, owner_is_active: bool) -> Self {
        let readable = |is_active| {
            let granted = |visibility: &Visibility| {
                let facts =
                    EndpointFacts { owner, owner_is_active, visibility: *visibility, is_active };
                authorize(principal, EndpointAction::Read, facts).is_granted()
            };
            Visibility::ALL.into_iter().filter(granted).collect()
        };
        Self { active: readable(true), inactive: readable(false) }
    }
}

#[cfg(test)]
mod tests {
    use syfthub_core::UserId;
    use syfthub_core::model::{OrgRole, Role};

    use super::*;

    #[test]
    fn an_owner_reaches_everything_and_a_stranger_what_is_on_and_not_private() {
        let user = |id| Principal::User { id: UserId(id), role: Role::User };
        let of_first =
            |principal, is_active| Reach::of(principal, Ownership::User(UserId(1)), is_active);
        let own = of_first(user(1), true);
        assert_eq!((own.active.len(), own.inactive.len()), (3, 3));
        let other = of_first(user(2), true);
        assert_eq!(other.active, [Visibility::Public, Visibility::Internal]);
        assert!(other.inactive.is_empty());
        assert_eq!(of_first(Principal::Anonymous, true).active, [Visibility::Public]);
        assert!(of_first(Principal::Anonymous, false).active.is_empty());
    }

    #[test]
    fn a_member_reaches_everything_of_the_organization_and_nothing_once_it_is_gone() {
        let member = Principal::User { id: UserId(1), role: Role::User };
        let owned = Ownership::Organization(Some(OrgRole::Viewer));
        let reach = Reach::of(member, owned, true);
        assert_eq!((reach.active.len(), reach.inactive.len()), (3, 3));
        let gone = Reach::of(member, owned, false);
        assert_eq!((gone.active.len(), gone.inactive.len()), (0, 0));
    }
}
