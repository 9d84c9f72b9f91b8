"""Who may see which page. Without sign-in all pages are open; with it, a claim of the sign-in names a visitor's role.

Sign-in is Streamlit's own (OpenID Connect, `[auth]` in secrets.toml). The roles are a ladder: each sees what those
before it see. Somebody who has not signed in, or of whom the claim says nothing that is known here, is a reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

Role = Literal["reader", "practitioner", "evaluator", "curator"]
ROLES: tuple[Role, ...] = get_args(Role)
NEEDED: Mapping[str, Role] = {"prepare": "practitioner", "evaluate": "evaluator", "review": "curator"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def role_of(user: Mapping[str, Any], claim: str) -> Role:
    """The highest role that a visitor has; `user` is what Streamlit knows of them, empty of "is_logged_in" where no
    sign-in is set up."""
    if "is_logged_in" not in user:
        return ROLES[-1]
    if user["is_logged_in"] is not True:
        return ROLES[0]
    named = _claimed(user, claim)
    values = named.split() if isinstance(named, str) else named if isinstance(named, (list, tuple)) else ()
    held = [ROLES.index(v) for v in (str(x).strip().lower() for x in values) if v in ROLES]
    return ROLES[max(held, default=0)]


def may_see(role: Role, page: str) -> bool:
    return ROLES.index(role) >= ROLES.index(NEEDED.get(page, ROLES[0]))


def at_this_machine(headers: Mapping[str, str], address: str | None) -> bool:
    """Whether a visit comes from a browser on the machine that serves the page, and through nothing in between.

    `headers` are those of the visit's connection, `address` where it comes from (None: this machine). What has not
    been released may be seen without sign-in only so: a page on a network or behind a proxy shows it to nobody. So
    does one in a container, which sees every visit through its published port come from the container's network.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    if address is not None or any(name in sent for name in _PASSED_ON):
        return False
    places = (f"//{sent.get('host', '')}", sent.get("origin", ""))
    return all(urlsplit(place).hostname in _LOOPBACK for place in places)


def may_see_unreleased(user: Mapping[str, Any], headers: Mapping[str, str], address: str | None) -> bool:
    """Whether a visitor whose role opens a page may see there what people left and nobody has released: drafts with
    personal data, readers' feedback. Who has signed in may; where no sign-in is set up, who is `at_this_machine`."""
    if "is_logged_in" in user:
        return user["is_logged_in"] is True
    return at_this_machine(headers, address)


def name_of(user: Mapping[str, Any]) -> str:
    """What somebody who has signed in is called where their decisions are recorded; empty for anybody else."""
    if user.get("is_logged_in") is not True:
        return ""
    return next(
        (str(user[k]).strip() for k in ("name", "email", "sub") if str(user.get(k) or "").strip()), ""
    )


def _claimed(user: Mapping[str, Any], claim: str) -> object:
    """The value of a claim by its whole name, which may be an address with dots, else by a path into nested claims."""
    if claim in user:
        return user[claim]
    found: object = user
    for part in claim.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
