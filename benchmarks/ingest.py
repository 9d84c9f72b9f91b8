"""How fast documents become drafts: `python -m benchmarks.ingest [--pages N] [--out FILE]`. Nothing is embedded.

A text PDF is made from statements of the corpus, forty lines a page, and read, cleaned, cut and checked by the code of
the product, once as `ingest` does it and once by its parts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from fpdf import FPDF

from rag.corpus import load_corpus
from rag.ingest.clean import cleaned
from rag.ingest.cut import cut
from rag.ingest.isolated import read_safely
from rag.ingest.run import ingest
from rag.settings import ROOT, Settings


def make_pdf(path: Path, pages: int) -> None:
    """A PDF of full pages of prose."""
    said = [
        s.text.encode("latin-1", "replace").decode("latin-1")
        for s in load_corpus(ROOT / "corpus").statements.values()
    ]
    pdf = FPDF()
    pdf.set_font("Helvetica", size=10)
    at = 0
    while pdf.page_no() < pages:
        pdf.add_page()
        while pdf.get_y() < 255:
            words = " ".join(said[(at + n) % len(said)] for n in range(4))
            pdf.multi_cell(0, 5, f"{words} Entry {at}.", new_x="LMARGIN", new_y="NEXT", align="L")
            pdf.ln(2.5)
            at += 4
    pdf.output(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "long.pdf"
        make_pdf(path, given.pages)
        settings = Settings(_env_file=None, data_dir=Path(home) / "data")  # type: ignore[call-arg]
        wall, cpu = time.perf_counter(), time.process_time()
        report = ingest(settings, [path])
        whole, own = time.perf_counter() - wall, time.process_time() - cpu
        start = time.perf_counter()
        document = read_safely(path)
        reading = time.perf_counter() - start
        start = time.perf_counter()
        pieces = list(cut("long", document, cleaned(document)))
        cutting = time.perf_counter() - start
    found = {
        "pages": given.pages,
        "passages": report.files[0].passages,
        "ingest_s": round(whole, 1),
        "pages_per_second": round(given.pages / whole, 1),
        "of_which_this_process_cpu_s": round(own, 1),
        "reading_s": round(reading, 1),
        "cleaning_and_cutting_s": round(cutting, 1),
        "pieces": len(pieces),
    }
    print(json.dumps(found, indent=1))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
