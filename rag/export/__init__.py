"""What leaves the program as a document: citations in the styles of the schools, conversations, packs."""

from rag.export.cite import STYLES, Style, citation, in_text, reference
from rag.export.conversation import Exchanged, conversation_docx, conversation_markdown

__all__ = [
    "STYLES",
    "Exchanged",
    "Style",
    "citation",
    "conversation_docx",
    "conversation_markdown",
    "in_text",
    "reference",
]
