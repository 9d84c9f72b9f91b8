"""HTML: every visible block in order, what surrounds the main text marked as such, what is hidden set apart.

Nothing is fetched: no picture, style sheet or script. A block is furniture by where it stands (navigation, forms,
asides), by being nearly all links, or when trafilatura, which looks at the page as a whole, leaves it out and it holds
no full sentence. The curator sees all of it, with the reason.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rag.ingest.document import Block, Document, Format, Guesses, Hidden, one_line
from rag.ingest.limits import Limits, Unreadable

_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table
    tbody td tfoot th thead tr ul""".split()
)
_SILENT = frozenset(
    "script style noscript template head iframe object embed svg math canvas audio video map select datalist".split()
)
_FURNITURE = {
    "nav": "navigation",
    "footer": "page footer",
    "aside": "text beside the main text",
    "form": "form",
    "button": "button",
    "dialog": "dialog",
    "menu": "navigation",
}
_ROLES = {"navigation": "navigation", "banner": "page header", "search": "search", "complementary": "text beside the main text", "contentinfo": "page footer", "dialog": "dialog"}  # fmt: skip
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:(cookies?|consent|gdpr)|(comments?|respond|disqus)|(share|social|sharing)|(sidebar|widget)|"
    r"(related|recommended|more-stories)|(newsletter|subscribe|signup)|(breadcrumbs?|menu|navbar|nav|skip-link|skip)|"
    r"(advert|ads?|promo|sponsor))(?:$|[\s_-])",
    re.IGNORECASE,
)
_NAMED_AS = ("cookie notice", "comments", "sharing links", "text beside the main text", "links to other pages", "newsletter form", "navigation", "advertisement")  # fmt: skip
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?<![-\w])opacity\s*:\s*0(?:\.0*)?(?![.\d])|font-size\s*:\s*[01](?:px|pt|em|%)?\s*(?:;|$|!)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}|clip\s*:\s*rect\(0|(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_WHITE = re.compile(
    r"#(?:fff|ffffff|fefefe|fdfdfd)\b|\bwhite\b|rgba?\(\s*25[0-5]\s*,\s*25[0-5]\s*,\s*25[0-5]|transparent|rgba\([^)]*,\s*0?\.?0+\s*\)",
    re.IGNORECASE,
)
_DEEP = 400  # nested elements; a page has some dozens


def read(path: Path, kind: Format, limits: Limits) -> Document:
    """The blocks of a page, with what it says of itself. Raises Unreadable."""
    data = path.read_bytes()
    blocks, hidden = blocks_of(data)
    return Document(
        format=kind, unit="paragraph", blocks=blocks, hidden=hidden, guesses=_guesses(data, blocks)
    )


def blocks_of(
    data: bytes, *, whole: bool = False, encoding: str | None = None
) -> tuple[tuple[Block, ...], tuple[Hidden, ...]]:
    """Blocks and hidden text of HTML; `whole` for markup that is all main text, such as a chapter of a book."""
    from lxml import etree, html

    if encoding is None:
        from rag.ingest.readers.plain import decoded

        declared = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
        try:
            encoding = declared[1].decode() if declared else None
            text = data.decode(encoding) if encoding else decoded(data)[0]
        except (LookupError, UnicodeDecodeError):
            text = decoded(data)[0]
        data, encoding = text.encode("utf-8", "replace"), "utf-8"
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding=encoding, no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as e:
        raise Unreadable(f"no text was found in it ({str(e)[:80]})") from e
    walk = _Walk(root)
    main = "" if whole else _main_text(data)
    return tuple(_judged(b, links, main, whole) for b, links in walk.blocks), tuple(walk.hidden)


class _Walk:
    """One pass over the tree, by hand because the depth of a page is not to be trusted."""

    def __init__(self, root: Any) -> None:
        self.blocks: list[tuple[Block, float]] = []
        self.hidden: list[Hidden] = []
        self._pieces: list[tuple[str, bool]] = []
        self._rules = _hiding_rules(root)
        self._state: tuple[str, str] = ("text", "")
        self._visit(root)
        self._flush("text", "")

    def _visit(self, root: Any) -> None:
        # (element, kind, why, inside a link) on the way in; a closing step flushes what the element held.
        todo: list[Any] = [("in", root, "text", "", False, 0)]
        while todo:
            step, element, kind, why, link, depth = todo.pop()
            if step == "text":
                if element:
                    self._pieces.append((element, link))
                continue
            if step == "out":
                self._flush(kind, why)
                continue
            if depth > _DEEP:
                raise Unreadable("its elements are nested deeper than any page needs")
            tag = element.tag if isinstance(element.tag, str) else None
            if tag is None:
                if not callable(element.tag) or type(element).__name__ not in ("HtmlComment", "_Comment"):
                    continue
                comment = one_line(element.text or "")
                if re.search(r"\w+\W+\w+\W+\w+", comment):
                    self.hidden.append(Hidden(text=comment[:4000], how="HTML comment"))
                continue
            if tag in _SILENT:
                continue
            how = self._hides(element)
            if how:
                said = one_line(" ".join(element.itertext()))
                if said:
                    self.hidden.append(Hidden(text=said[:4000], how=how))
                continue
            is_block = tag in _BLOCKS
            outer = (kind, why)
            if kind != "furniture":
                found = _furniture(element, tag)
                if found:
                    kind, why = "furniture", found
                elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                    kind = "heading"
            if is_block or (kind, why) != outer:
                self._flush(*outer)
                todo.append(("out", None, kind, why, False, depth))
            elif tag == "br":
                self._pieces.append((" ", link))
            inside = link or tag == "a"
            children: list[Any] = [("text", element.text, kind, why, inside, depth)]
            for child in element:
                children.append(("in", child, kind, why, inside, depth + 1))
                children.append(("text", child.tail, kind, why, inside, depth))
            todo.extend(reversed(children))

    def _flush(self, kind: str, why: str) -> None:
        text = one_line("".join(piece for piece, _ in self._pieces))
        if text:
            linked = sum(len(one_line(piece)) for piece, link in self._pieces if link)
            self.blocks.append((Block(text=text, kind=kind, why=why), linked / len(text)))
        self._pieces = []

    def _hides(self, element: Any) -> str:
        style = element.get("style") or ""
        names = [f".{c}" for c in (element.get("class") or "").split()] + [f"#{element.get('id')}"]
        style += ";" + ";".join(self._rules.get(n, "") for n in names)
        if element.get("hidden") is not None or _HIDING.search(style):
            return "not displayed"
        colour = _COLOUR.search(style) or (
            element.tag == "font" and re.match("(.*)", element.get("color") or "")
        )
        if colour and _WHITE.search(colour[1]):
            ground = next((g[1] for e in (element, *element.iterancestors()) if (g := _GROUND.search(e.get("style") or ""))), "")  # fmt: skip
            if not ground or _WHITE.search(ground):
                return "white on white"
        return ""


def _hiding_rules(root: Any) -> dict[str, str]:
    """What the page's own style sheets say of single classes and ids that has to do with being seen."""
    rules: dict[str, str] = {}
    for sheet in root.iter("style"):
        for selectors, body in _RULE.findall((sheet.text or "")[:200_000]):
            for selector in selectors.split(","):
                name = re.sub(r"^\w+(?=[.#])", "", selector.strip())
                if re.fullmatch(r"[.#][\w-]+", name):
                    rules[name] = f"{rules.get(name, '')};{body}"
    return rules


def _furniture(element: Any, tag: str) -> str:
    if tag == "header" and not any(e.tag in ("article", "main") for e in element.iterancestors()):
        return "page header" if not len(element.xpath(".//h1")) else ""
    if tag in _FURNITURE:
        return _FURNITURE[tag]
    role = _ROLES.get(element.get("role") or "")
    if role:
        return role
    if tag in ("html", "body", "main", "article"):
        return ""
    found = _NAMED.search(f"{element.get('class') or ''} {element.get('id') or ''}")
    return next((as_ for as_, hit in zip(_NAMED_AS, found.groups(), strict=True) if hit), "") if found else ""


def _judged(block: Block, links: float, main: str, whole: bool) -> Block:
    if block.kind == "furniture" or whole:
        return block
    words = len(block.text.split())
    if links > 0.6 and words < 30:
        return block.model_copy(update={"kind": "furniture", "why": "links to other pages"})
    plain = _letters(block.text)
    sentence = words >= 12 or re.search(r"[.!?…][\"”’)]*$", block.text)
    if main and block.kind == "text" and plain and plain not in main and not sentence:
        return block.model_copy(update={"kind": "furniture", "why": "not part of the main text"})
    return block


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def _main_text(data: bytes) -> str:
    """The letters of what trafilatura takes for the main text; empty where it finds too little to go by."""
    from trafilatura import extract

    found = extract(
        data.decode("utf-8", "replace"), include_comments=False, favor_recall=True, include_tables=True
    )
    return _letters(found) if found and len(found) >= 200 else ""


def _guesses(data: bytes, blocks: tuple[Block, ...]) -> Guesses:
    from trafilatura import extract_metadata

    try:
        found = extract_metadata(data.decode("utf-8", "replace"))
    except Exception:  # a guess is not worth a file; the library raises whatever its date parser does
        found = None
    heading = next((b.text for b in blocks if b.kind == "heading"), None)
    if found is None:
        return Guesses(title=heading)
    return Guesses(
        title=found.title or heading,
        authors=tuple(a.strip() for a in (found.author or "").split(";") if a.strip()),
        published=found.date,
        publisher=found.sitename,
        url=found.url,
        language=found.language,
    )
