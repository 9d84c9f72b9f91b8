"""`answer`, and reading and writing files of JSON lines for it and for `search`."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer

from rag.cli.console import (
    CallError,
    LanguageOption,
    Length,
    LengthOption,
    Level,
    LevelOption,
    ModeOption,
    WriteMode,
    progress,
    ready_assistant,
    report,
    with_model,
)

Record = dict[str, Any]


def answer(
    source: Annotated[
        Path,
        typer.Option(
            "--in",
            metavar="FILE.jsonl",
            help='Lines of {"id", "question"}, or {"id", "messages": [{"role": "user"|"assistant", "content"}, …]}.',
        ),
    ],
    target: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.jsonl", help='One line for each, in order: {"id", …answer}.'),
    ],
    mode: ModeOption = WriteMode.QUOTE,
    level: LevelOption = Level.STUDENT,
    length: LengthOption = Length.MEDIUM,
    language: LanguageOption = None,
) -> None:
    """Answers every line of a file.

    In a conversation the last user message is the one to answer; where an assistant turn is missing between two user
    turns, it is answered first. A bad line gives an output line with "error", and the run goes on.
    """
    from rag.answer.write.prompt import Style
    from rag.bulk import answers

    style = Style(level=level.value, length=length.value, language=language)
    with Files(source, target) as files:
        assistant = with_model(ready_assistant(), mode.value)
        files.run("answered", lambda lines: answers(assistant, lines, mode.value, style))


def screen(
    source: Annotated[
        Path,
        typer.Option(
            "--in",
            metavar="FILE.jsonl",
            help='Lines of {"id", "text"}, or {"id", "messages": [{"role": "user"|"assistant", "content"}, …]}.',
        ),
    ],
    target: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE.jsonl",
            help='One line for each: {"id", "decision", "category", "scores", "layer"}.',
        ),
    ],
) -> None:
    """Runs the guard alone on every line of a file: what it decides, by which layer, and on which scores.

    Nothing is answered. A bad line gives an output line with "error", and the run goes on.
    """
    from rag.bulk import screens
    from rag.embed.tuned import encoder
    from rag.guard.screen import make_guard
    from rag.settings import get_settings

    with Files(source, target) as files:
        settings = get_settings()
        guard = make_guard(settings, encoder())
        files.run("screened", lambda lines: screens(guard, lines, settings.max_question_chars))


class Files:
    """An input file and where its output goes. Output is written line by line, so a crash leaves complete lines."""

    def __init__(self, source: Path, target: Path) -> None:
        """Raises CallError when both are the same file, and OSError when the input cannot be read."""
        same = target.exists() and source.exists() and source.samefile(target)
        if same or source.resolve() == target.resolve():
            raise CallError(f"--out {target} would overwrite --in; name another file.")
        if source.is_dir() or target.is_dir():
            raise CallError(f"{source if source.is_dir() else target} is a folder; name a file.")
        if not target.parent.is_dir():
            raise CallError(f"--out: there is no folder {target.parent}; make it first.")
        self._source = source.open("rb")
        self._target = target

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None
    ) -> None:
        self._source.close()

    def run(self, done: str, work: Callable[[Iterable[bytes]], Iterator[Record]]) -> None:
        """Writes what `work` makes of the input; says at the end how many lines there were and how many failed."""
        from rag.bulk import to_line

        about = os.fstat(self._source.fileno())
        size = about.st_size if stat.S_ISREG(about.st_mode) else 0
        count = failed = read = 0

        def lines() -> Iterator[bytes]:
            nonlocal read
            for line in self._source:
                read += len(line)
                yield line

        with self._target.open("wb", buffering=0) as out, progress(done) as moved:
            for record in work(lines()):
                try:
                    _write_whole(out, to_line(record))
                except OSError as e:
                    raise OSError(e.errno, e.strerror, str(self._target)) from e
                count += 1
                failed += "error" in record
                moved(read, size)
        said = f'; {failed} could not be, each says why in "error"' if failed else ""
        report(f"{done} {count:,} line{'' if count == 1 else 's'} in {self._target}{said}")


def _write_whole(out: io.FileIO, line: bytes) -> None:
    """All of a line or nothing of it: what a full disk cut off is taken back before the error is raised."""
    start = out.tell() if out.seekable() else None
    try:
        rest = memoryview(line)
        while rest:
            rest = rest[out.write(rest) :]
    except OSError:
        if start is not None:
            out.truncate(start)
        raise
