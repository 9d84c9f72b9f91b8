"""Signing in with OpenID Connect: the whole round trip with a small provider on loopback, in a real browser."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rag.index import Index
from rag.settings import Settings
from tests.ports import free_port

from .conftest import at_home, served

pytest.importorskip("authlib", reason="sign-in needs the extra: pip install 'exitvoices[auth]'")
from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider(ThreadingHTTPServer):
    """Authorization code flow of OpenID Connect Core 1.0 for one client; `roles` are those of whoever signs in next."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoints)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.roles: list[str] = []
        self.nonces: dict[str, str] = {}
        self.exchanged = 0


class _Endpoints(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts, own = urlsplit(self.path), self.server.issuer
        asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": own,
                    "authorization_endpoint": f"{own}/authorize",
                    "token_endpoint": f"{own}/token",
                    "jwks_uri": f"{own}/keys",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif parts.path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif parts.path == "/authorize" and asked.get("client_id") == "exitvoices":
            code = f"code{len(self.server.nonces)}"
            self.server.nonces[code] = asked.get("nonce", "")
            self.send_response(302)
            back = urlencode({"code": code, "state": asked["state"]})
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        nonce = self.server.nonces.pop(sent["code"][0], None)  # a code is good for once
        if nonce is None:
            self.send_error(400)
            return
        self.server.exchanged += 1
        now = int(time.time())
        claims = {
            "iss": self.server.issuer,
            "aud": "exitvoices",
            "sub": "somebody",
            "iat": now,
            "exp": now + 600,
            "realm": {"roles": self.server.roles},
            **({"nonce": nonce} if nonce else {}),
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.server.key)
        self._json({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _json(self, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def guarded(
    provider: Provider,
    settings: Settings,
    index: Index,
    neutral_site: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The page with sign-in set up as docs/operations.md says."""
    home, port = tmp_path_factory.mktemp("guarded"), free_port()
    secrets = home / "secrets.toml"
    secrets.write_text(
        f"""
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "only for this test, and long enough for it"
client_id = "exitvoices"
client_secret = "secret"
server_metadata_url = "{provider.issuer}/.well-known/openid-configuration"
""",
        "utf-8",
    )
    more = {"STREAMLIT_SECRETS_FILES": str(secrets), "EXITVOICES_ROLES_CLAIM": "realm.roles"}
    with served(
        ["rag", "serve", "--port", str(port)], port, settings, neutral_site, home / "log", **more
    ) as url:
        yield url


@pytest.fixture(scope="module")
def profile_of_one(chromium: Browser) -> Iterator[BrowserContext]:
    context = at_home(chromium.new_context())
    yield context
    context.close()


@pytest.fixture
def stranger(profile_of_one: BrowserContext) -> Iterator[Page]:
    """A tab of somebody who has never been here."""
    profile_of_one.clear_cookies()
    page = profile_of_one.new_page()
    yield page
    page.close()


def pages(page: Page) -> list[str]:
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(links.first).to_be_visible(timeout=30_000)
    return links.all_inner_texts()


READER = ["Ask", "Explore", "Sources", "Privacy"]
PRACTITIONER = ["Ask", "Explore", "Prepare", "Sources", "Privacy"]
EVALUATOR = ["Ask", "Explore", "Prepare", "Sources", "Evaluate", "Privacy"]
CURATOR = ["Ask", "Explore", "Prepare", "Sources", "Evaluate", "Review", "Privacy"]


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ([], READER),
        (["something"], READER),
        (["practitioner"], PRACTITIONER),
        (["Reader", "Evaluator"], EVALUATOR),
        (["curator"], CURATOR),
    ],
    ids=["none", "unknown", "practitioner", "evaluator", "curator"],
)
def test_the_claim_of_the_sign_in_decides_which_pages_there_are(
    stranger: Page, provider: Provider, guarded: str, roles: list[str], seen: list[str]
) -> None:
    provider.roles = roles
    before = provider.exchanged
    page = stranger
    page.goto(guarded)
    assert pages(page) == READER
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=30_000)
    assert provider.exchanged == before + 1
    assert pages(page) == seen
    page.goto(f"{guarded}/evaluate")
    evaluate = page.get_by_role("heading", name="How well it does")
    if "Evaluate" in seen:
        expect(evaluate).to_be_visible(timeout=30_000)
    else:
        expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=30_000)
        expect(evaluate).to_have_count(0)
        page.goto(guarded)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)
    assert pages(page) == READER


def test_without_sign_in_set_up_none_is_shown_and_every_page_is_open(stranger: Page, address: str) -> None:
    page = stranger
    page.goto(address)
    assert pages(page) == EVALUATOR
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
