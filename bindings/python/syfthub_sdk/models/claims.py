"""What a satellite token says."""

from __future__ import annotations

from .base import Model


class SatelliteClaims(Model):
    """What a satellite token says, once it counts. Times are in seconds since 1970."""

    sub: str
    iss: str
    aud: str
    exp: int
    iat: int
    role: str

    @property
    def is_guest(self) -> bool:
        """Whether the caller has not signed in at the hub: all guests have one subject."""
        return "guest" in (self.sub, self.role)
