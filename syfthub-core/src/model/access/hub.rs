//! Rights to the hub as a whole (contract hub 1.6).

use super::{Access, Principal, Resource};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubAction {
    /// See all users and what the hub holds, and decide who runs it.
    Administer,
}

/// The hub. No decision about it depends on anything but who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubFacts;

impl Resource for HubFacts {
    type Action = HubAction;

    fn judge(self, principal: Principal, action: HubAction) -> Access {
        match action {
            HubAction::Administer => Access::of(true, principal.is_site_admin()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorize;
    use super::*;
    use crate::ids::UserId;
    use crate::model::kinds::Role;

    #[test]
    fn only_site_admins_run_the_hub() {
        let ask = |who| authorize(who, HubAction::Administer, HubFacts);
        let user = |role| Principal::User { id: UserId(1), role };
        assert_eq!(ask(user(Role::Admin)), Access::Granted);
        for other in [Principal::Anonymous, user(Role::User), user(Role::Guest)] {
            assert_eq!(ask(other), Access::Refused);
        }
    }
}
