"""Pages of plain words."""

from __future__ import annotations

from rag.model import Frozen
from rag.web.words import t


class Section(Frozen):
    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()


class TextView(Frozen):
    title: str
    lede: str
    sections: tuple[Section, ...]


def privacy(*, feedback: bool) -> TextView:
    """What is kept, what is sent, and how to leave no trace. `feedback` is whether the operator turned it on."""
    return TextView(
        title=t("privacy.title"),
        lede=t("privacy.lede_feedback" if feedback else "privacy.lede"),
        sections=(
            Section(
                title=t("privacy.kept_title"),
                paragraphs=(t("privacy.feedback_on" if feedback else "privacy.kept"),),
                items=tuple(
                    t(f"privacy.not_{n}") for n in ("questions", "accounts", "cookies", "usage")[feedback:]
                ),
            ),
            Section(title=t("privacy.memory_title"), paragraphs=(t("privacy.memory"),)),
            Section(title=t("privacy.sent_title"), paragraphs=(t("privacy.sent_nowhere"),)),
            Section(title=t("privacy.browser_title"), paragraphs=(t("privacy.browser"),)),
        ),
    )
