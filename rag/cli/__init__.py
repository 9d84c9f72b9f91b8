"""The command line, `exitvoices` or `python -m rag`: thin, every command calls the library and shows what it gave."""

from rag.cli.app import app, main

__all__ = ["app", "main"]
