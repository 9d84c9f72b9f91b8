"""Quote mode needs no language model and never loads what would talk to one."""

from __future__ import annotations

import subprocess
import sys

from rag.index import Index
from rag.settings import ROOT, Settings

LIBRARIES = ("openai", "langchain_openai", "httpx2", "tiktoken", "langchain_core.language_models.chat_models")
ASK = """
import sys
from rag.assistant import Assistant
from rag.settings import Settings
answer = Assistant.open(Settings(_env_file=None)).answer("Why did Erion go to Syria?")
assert answer.mode == "quote" and answer.sentences
print(" ".join(m for m in {libraries} if m in sys.modules))
"""


def test_a_quoted_answer_loads_no_library_of_language_models(index: Index, settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(libraries=LIBRARIES)],
        cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT),
            "PATH": "",
            "EXITVOICES_DATA_DIR": str(settings.data_dir),
            "EXITVOICES_WRITE_MODEL": "a-model-that-is-set-and-not-used",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
