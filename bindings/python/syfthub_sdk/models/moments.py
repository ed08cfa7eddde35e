"""Points in time as the hub writes them."""

from __future__ import annotations

from datetime import datetime


def moment(text: str) -> datetime:
    """The point in time of RFC 3339 text; one without a zone has none. Raises `ValueError` for other text.

    Python before 3.11 reads neither `Z` nor fractions of another length than three or six digits.
    """
    plain = text[:-1] + "+00:00" if text.endswith(("Z", "z")) else text
    head, dot, rest = plain.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        plain = f"{head}.{rest[:digits][:6]:0<6}{rest[digits:]}"
    return datetime.fromisoformat(plain)
