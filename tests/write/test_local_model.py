"""A real language model, weak as it is: it writes over HTTP, and nothing false of it is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.support import bears
from rag.answer.write.checkup import check
from rag.answer.write.prompt import Style
from rag.settings import Settings
from tests.local_model import HINT, NAME, local_model, weights
from tests.write.conftest import WriterMade

pytestmark = pytest.mark.skipif(weights() is None, reason=HINT)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with local_model() as served:
        yield served


def test_a_model_is_checked_in_plain_words(url: str, settings: Settings) -> None:
    found = check(settings.model_copy(update={"write_model": NAME, "write_url": url, "write_timeout": 60.0}))
    assert found.works, found.problem
    assert found.streams
    assert found.schema_honoured
    assert found.per_second is not None
    assert found.per_second > 0


@pytest.mark.parametrize("question", ["Why did Erion go to Syria?", "What made people doubt ISIS?"])
def test_whatever_it_makes_up_what_is_shown_rests_on_the_testimony(
    question: str, url: str, writing: WriterMade
) -> None:
    made = writing(url, write_timeout=60.0, write_max_tokens=80, write_context=250)
    answer = made.answer(question, mode="write", style=Style(length="short"))
    assert answer.sentences
    assert answer.writing is not None
    for sentence in answer.sentences:
        assert bears([made.corpus.statements[c].text for c in sentence.citations], sentence.text)
    assert (answer.mode == "write") == (answer.writing.fell_back is None)
