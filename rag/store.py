"""What readers say about answers, where the operator has turned feedback on: local, and purgeable.

Nothing is written before the first item is sent, and then only that item: the question, the answer as it was shown,
what the reader chose, and their optional words. No name, no address, no time finer than the day.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from typing import Any, Literal, get_args

from sqlalchemy import JSON, Date, Integer, String, Text, create_engine, delete, event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from rag.model import Frozen
from rag.settings import Settings
from rag.text import says

Kind = Literal["helpful", "wrong_citation", "missing", "unsafe"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_WORDS = 500  # characters of a reader's own words that are kept


class Feedback(Frozen):
    """One item. `answer` is the contract JSON of the answer; `id` is 0 until the item is stored."""

    id: int = 0
    on: dt.date
    kind: Kind
    words: str = ""
    question: str
    answer: dict[str, Any]


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    on: Mapped[dt.date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


class Store:
    """The feedback of one installation. Opening it writes nothing."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.data_dir / "feedback.sqlite3" if settings.store_url is None else None
        self._engine: Engine = create_engine(settings.store_url or f"sqlite:///{self._file}")
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _overwrite_what_is_deleted)

    @property
    def empty(self) -> bool:
        """Whether there is no store yet; only a file can be known to be absent without opening it."""
        return self._file is not None and not self._file.exists()

    def add(self, item: Feedback) -> int:
        """Stores an item and returns its id; the first one makes the store."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        _Base.metadata.create_all(self._engine)
        with Session(self._engine) as session:
            row = _Row(**{**item.model_dump(exclude={"id"}), "words": item.words[:MOST_WORDS]})
            session.add(row)
            session.commit()
            return row.id

    def items(self) -> tuple[Feedback, ...]:
        """Everything that was sent, oldest first."""
        if self.empty:
            return ()
        _Base.metadata.create_all(self._engine)
        with Session(self._engine) as session:
            rows = session.scalars(select(_Row).order_by(_Row.id)).all()
            return tuple(
                Feedback.model_validate({name: getattr(r, name) for name in Feedback.model_fields})
                for r in rows
            )

    def forget(self, removed: Collection[str], names: Collection[str] = ()) -> int:
        """Deletes every item whose answer cites or offers one of these passages, or which says one of the names
        anywhere; returns how many.

        The whole item goes: its question and words may tell of the passage too.
        """
        gone = [
            i.id for i in self.items() if _touches(i.answer, set(removed)) or says(i.model_dump_json(), names)
        ]
        if gone:
            with Session(self._engine) as session:
                session.execute(delete(_Row).where(_Row.id.in_(gone)))
                session.commit()
        return len(gone)

    def close(self) -> None:
        self._engine.dispose()


def _touches(answer: dict[str, Any], removed: set[str]) -> bool:
    """Whether an answer names a removed passage, or one of a removed source, anywhere."""
    text = json.dumps(answer, ensure_ascii=False)
    return any(f'"{r}"' in text or f'"{r}#' in text or f'"{r}/' in text for r in removed)


def _overwrite_what_is_deleted(connection: Any, _record: Any) -> None:
    # Without it SQLite leaves deleted text in the file until the page is used again.
    connection.execute("PRAGMA secure_delete = ON")
