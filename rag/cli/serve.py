"""`serve`: the page, after the index is in order."""

from __future__ import annotations

import os
import socket
import sys
from typing import Annotated

import typer

from rag.cli.console import CallError, report

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def serve(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; unset: EXITVOICES_PORT.", show_default=False)
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; unset: EXITVOICES_HOST.", show_default=False)
    ] = None,
) -> None:
    """Opens the page in a browser's reach, at http://localhost:8501 unless told otherwise."""
    from rag.cli.index import bring_up_to_date
    from rag.ingest.draft import Jobs
    from rag.settings import ROOT, get_settings

    settings = get_settings()
    address, number = host or settings.host, port or settings.port
    page = ROOT / "app.py"
    if not page.is_file():
        raise CallError(f"{page} is missing; run this from a checkout of the project.")
    _refuse_taken(address, number)
    bring_up_to_date(settings)
    report(f"the page is at http://{address}:{number} (stop it with Ctrl+C)")
    if address not in _LOOPBACK and Jobs(settings).there():
        report(
            "drafts wait for review: the page shows them to curators who have signed in; without sign-in only to a "
            "browser on this machine, never through the port of a container or a proxy (docs/pages.md)"
        )
    options = {
        "server.port": str(number),
        "server.address": address,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    # The page's process takes this one's place, so that whoever stops the command stops the page.
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(page), *flags])


def _refuse_taken(host: str, port: int) -> None:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as e:
        raise CallError(
            f"Cannot listen on {host}:{port} ({e.strerror or e}); choose another with --port."
        ) from e
