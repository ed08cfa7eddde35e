//! Rights to a user's account (contract hub 1.6, 3.2).

use super::{Access, Principal, Resource};
use crate::ids::UserId;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAction {
    /// See the whole profile.
    Read,
    /// Change the profile.
    Write,
    /// Remove the account and all that hangs on it.
    Delete,
    /// Switch the account off or on.
    Switch,
}

/// What the decision about a user's account depends on. Numbers follow one another, so that whether one is in use is no
/// secret: nothing is hidden, and what is refused is refused before anybody looks whether there is such a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserFacts {
    /// The user's number.
    pub id: UserId,
}

impl Resource for UserFacts {
    type Action = UserAction;

    fn judge(self, principal: Principal, action: UserAction) -> Access {
        let own = principal.is(self.id);
        let allowed = match action {
            UserAction::Read | UserAction::Write | UserAction::Delete => {
                own || principal.is_site_admin()
            }
            UserAction::Switch => principal.is_site_admin(),
        };
        Access::of(true, allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorize;
    use super::*;
    use crate::model::kinds::Role;

    #[test]
    fn an_account_is_its_user_s_and_the_site_admins() {
        let user = |id| Principal::User { id: UserId(id), role: Role::User };
        let admin = Principal::User { id: UserId(3), role: Role::Admin };
        let ask = |who, action| authorize(who, action, UserFacts { id: UserId(1) }).is_granted();
        for action in [UserAction::Read, UserAction::Write, UserAction::Delete] {
            assert!(ask(user(1), action) && ask(admin, action), "{action:?}");
            assert!(!ask(user(2), action) && !ask(Principal::Anonymous, action), "{action:?}");
        }
        assert!(ask(admin, UserAction::Switch) && !ask(user(1), UserAction::Switch));
    }
}
