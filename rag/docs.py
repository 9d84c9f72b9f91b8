"""The parts of docs/ that are made from the code: `python -m rag.docs` writes them, a test says when they are stale."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from rag.cli import app
from rag.guard.policy import policy
from rag.settings import ROOT, Settings

MADE = "<!-- Made by `python -m rag.docs`; change the code instead. -->"
BEGIN, END = "<!-- settings: made by `python -m rag.docs` -->", "<!-- /settings -->"
WIDTH = 100


def rendered(docs: Path) -> dict[Path, str]:
    """The text that each generated page should have now."""
    operations = docs / "operations.md"
    head, _, rest = operations.read_text("utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    return {
        docs / "cli.md": command_line(),
        docs / "policy.md": policy_page(),
        operations: f"{head}{BEGIN}\n{settings_table()}\n{END}{tail}",
    }


def command_line() -> str:
    """The help of every command as Markdown."""
    texts = [
        f"## `{name}`\n\n```text\n{text}\n```"
        for name, text in _helps(typer.main.get_command(app), None, app.info.name)
    ]
    return "\n\n".join(["# Command line", MADE, *texts]) + "\n"


def _helps(command: Any, parent: Any, name: Any) -> Iterator[tuple[str, str]]:
    context = command.context_class(
        command, parent=parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context.command_path, command.get_help(context).rstrip()
    for child, inner in getattr(command, "commands", {}).items():
        yield from _helps(inner, context, child)


def policy_page() -> str:
    """The policy of the guard as Markdown."""
    held = policy()
    decisions = {
        "decline": "declined",
        "support": "answered with help",
        "continue": "answered, or not held here",
    }
    blocks = [
        f"# Policy, version {held.version}",
        MADE.replace("the code", "rag/guard/policy.yaml"),
        held.purpose,
    ]
    for c in held.categories:
        lines = [f"## {c.title}", c.definition, f"**Decision:** {decisions.get(c.decision, c.decision)}."]
        if c.wording:
            lines.append(f"**Said:** {c.wording}")
        lines.append(f"**Welcome beside it:** {c.allowed}")
        examples = [f"- Not served: \u201c{x}\u201d" for x in c.examples.not_served]
        examples += [f"- Served: \u201c{x}\u201d" for x in c.examples.served]
        blocks.append("\n\n".join([*lines, "\n".join(examples)]))
    return "\n\n".join(blocks) + "\n"


def settings_table() -> str:
    """Every setting with its environment variable, default and meaning, as a Markdown table."""
    prefix = str(Settings.model_config["env_prefix"])
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{prefix}{name.upper()}` | {_shown(field.default)} | {field.description} |")
    return "\n".join(rows)


def _shown(default: object) -> str:
    if default is None:
        return "unset"
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}` of the project"
    return f"`{default}`"


def main() -> int:
    for path, text in rendered(ROOT / "docs").items():
        path.write_text(text, "utf-8")
        typer.echo(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
