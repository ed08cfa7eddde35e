//! The five states of a provisioned store and the moves between them (contract space 5).

use serde::Serialize;

/// What a provisioned store does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Nothing runs.
    #[default]
    Stopped,
    /// It was started and does not answer yet.
    Starting,
    /// It answers.
    Running,
    /// It was told to stop and has not ended yet.
    Stopping,
    /// It could not be started or stopped, or it ended by itself.
    Error,
}

/// Why a store does not make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Immovable {
    /// It is on its way to another state.
    #[error("the store is busy: it is {}", .0.as_str())]
    Busy(Status),
    /// The move makes no sense.
    #[error("the store is {} already", .0.as_str())]
    Invalid(Status),
}

impl Status {
    const ALL: [Self; 5] =
        [Self::Stopped, Self::Starting, Self::Running, Self::Stopping, Self::Error];

    /// The word on the wire and in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Error => "error",
        }
    }

    /// Reads the word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether somebody may move it from here to `next`.
    pub(crate) fn check(self, next: Self) -> Result<(), Immovable> {
        let allowed = matches!(
            (self, next),
            (Self::Starting, Self::Running | Self::Error)
                | (Self::Running, Self::Stopping)
                | (Self::Stopping, Self::Stopped | Self::Error)
                | (Self::Stopped, Self::Starting)
                | (Self::Error, Self::Starting | Self::Stopped)
        );
        match self {
            _ if allowed => Ok(()),
            Self::Starting | Self::Stopping => Err(Immovable::Busy(self)),
            Self::Stopped | Self::Running | Self::Error => Err(Immovable::Invalid(self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_moves_of_the_contract_are_made() {
        use Status::{Error, Running, Starting, Stopped, Stopping};
        let allowed = [
            (Starting, Running),
            (Starting, Error),
            (Running, Stopping),
            (Stopping, Stopped),
            (Stopping, Error),
            (Stopped, Starting),
            (Error, Starting),
            (Error, Stopped),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                assert_eq!(
                    from.check(to).is_ok(),
                    allowed.contains(&(from, to)),
                    "{from:?} -> {to:?}"
                );
            }
        }
        assert_eq!(Starting.check(Stopping), Err(Immovable::Busy(Starting)));
        assert_eq!(Running.check(Starting), Err(Immovable::Invalid(Running)));
    }

    #[test]
    fn a_word_is_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("gone"), None);
    }
}
