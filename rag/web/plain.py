"""Pages of plain words."""

from __future__ import annotations

from rag.model import Frozen
from rag.settings import Settings
from rag.web.words import t


class Section(Frozen):
    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()


class TextView(Frozen):
    title: str
    lede: str
    sections: tuple[Section, ...]


def sent_to(settings: Settings) -> dict[str, bool]:
    """To which kinds of service questions are sent."""
    return {
        "model": bool(settings.write_model),
        "moderation": bool(settings.moderation_model),
        "embedding": settings.embedding == "openai",
    }


def privacy(settings: Settings, *, sign_in: bool = False) -> TextView:
    """What is kept, what is sent, and how to leave no trace, as the operator has set this site up."""
    feedback = settings.feedback
    kept = [t("privacy.feedback_on" if feedback else "privacy.kept")]
    kept += [t("privacy.packs")] * (settings.packs_dir is not None)
    kept += [t("privacy.accounts")] * sign_in
    told = {"questions": not feedback, "accounts": not sign_in, "cookies": not sign_in, "usage": True}
    sent = [f"privacy.sent_{to}" for to, whether in sent_to(settings).items() if whether]
    more = feedback or sign_in or settings.packs_dir is not None
    return TextView(
        title=t("privacy.title"),
        lede=t(
            "privacy.lede_more"
            if (sent and more) or sign_in or settings.packs_dir
            else "privacy.lede_sent"
            if sent
            else "privacy.lede_feedback"
            if feedback
            else "privacy.lede"
        ),
        sections=(
            Section(
                title=t("privacy.kept_title"),
                paragraphs=tuple(kept),
                items=tuple(t(f"privacy.not_{name}") for name, whether in told.items() if whether),
            ),
            Section(title=t("privacy.memory_title"), paragraphs=(t("privacy.memory"),)),
            Section(
                title=t("privacy.sent_title"),
                paragraphs=tuple(t(key) for key in sent or ["privacy.sent_nowhere"]),
            ),
            Section(title=t("privacy.browser_title"), paragraphs=(t("privacy.browser"),)),
        ),
    )
