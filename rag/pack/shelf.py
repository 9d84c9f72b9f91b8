"""Packs kept on disk, where the operator has named a folder for them; nothing is kept otherwise."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from rag.pack.files import PackError, as_yaml, file_name, load
from rag.pack.model import Pack
from rag.text import says

MOST = 500  # packs in one folder; a page must not fill a disk


class Shelf:
    """The folder of kept packs. Names are those of its own listing, so that none can lead elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """File names of the kept packs, in order; empty where the folder is not there yet."""
        return tuple(sorted(p.name for p in self._folder.glob("*.yaml") if p.is_file()))

    def keep(self, pack: Pack) -> str:
        """Keeps a pack under a name made from it, over an older one of the same name; returns the name.

        Raises PackError where the shelf is full, and OSError where the folder cannot be written.
        """
        name = f"{file_name(pack)}.yaml"
        if name not in self.names() and len(self.names()) >= MOST:
            raise PackError(f"{MOST} packs are kept already; delete some first.")
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(as_yaml(pack), "utf-8")
        return name

    def open(self, name: str) -> Pack:
        """A kept pack. Raises PackError for a name that is not on the shelf or a file that is no pack."""
        if name not in self.names():
            raise PackError(f"There is no kept pack '{name}'.")
        return load(self._folder / name)

    def forget(self, removed: Collection[str]) -> int:
        """Deletes every kept pack that says one of these ids or names; returns how many. For takedown."""
        gone = 0
        for name in self.names():
            path = self._folder / name
            # As plain text, so that a file that is no whole pack any more is found too.
            if says(path.read_text("utf-8", errors="replace"), removed):
                path.unlink()
                gone += 1
        return gone
