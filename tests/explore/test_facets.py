"""Filters and their counts: whatever is chosen, the numbers on the page add up and lead to what they promise."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import load_corpus
from rag.corpus.stats import stats
from rag.explore import Holdings, Selection, explore, pathway
from rag.explore.facets import OF_PASSAGES, OF_PEOPLE
from rag.settings import ROOT

HELD = Holdings.of(load_corpus(ROOT / "corpus"))
ALL = explore(HELD, Selection())
VALUES = {f.name: [o.value for o in f.options] for f in ALL.facets}
SINGLE = ("ideology", "gender", "age")  # of these a person has exactly one


def some_values(facet: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(VALUES[facet]), unique=True, max_size=2).map(tuple)


selections = st.builds(Selection, **{facet: some_values(facet) for facet in VALUES})


def test_nothing_chosen_is_everything() -> None:
    counted = stats(HELD.corpus)
    assert len(ALL.passages) == ALL.total_passages == counted.totals["passages"]
    assert len(ALL.people) == ALL.total_people == counted.totals["speakers"]
    for facet in ("gender", "country", "role"):
        shown = {o.value: o.count for o in ALL.facet(facet).options}
        assert shown == {v: n for v, n in counted.speakers[facet].items() if n}


@settings(max_examples=60, deadline=None)
@given(selections)
def test_parts_add_up(chosen: Selection) -> None:
    found = explore(HELD, chosen)
    for facet in SINGLE:
        without = explore(HELD, chosen.model_copy(update={facet: ()}))
        assert sum(o.count for o in found.facet(facet).options) == len(without.people)
    assert [o.chosen for f in found.facets for o in f.options].count(True) == sum(
        len(chosen.of(f)) for f in VALUES
    )


@settings(max_examples=60, deadline=None)
@given(selections, st.data())
def test_a_count_is_what_choosing_its_value_alone_leaves(chosen: Selection, data: st.DataObject) -> None:
    facet = data.draw(st.sampled_from(sorted(VALUES)))
    option = data.draw(st.sampled_from(explore(HELD, chosen).facet(facet).options))
    then = explore(HELD, chosen.model_copy(update={facet: (option.value,)}))
    assert option.count == len(then.people if facet in OF_PEOPLE else then.passages)


@settings(max_examples=40, deadline=None)
@given(selections)
def test_what_is_found_fits_every_facet_in_one_person(chosen: Selection) -> None:
    found = explore(HELD, chosen)
    wanted = {f: chosen.of(f) for f in VALUES if chosen.of(f)}
    for passage in found.passages:
        assert all(wanted[f] & HELD.passages[passage][f] for f in wanted if f in OF_PASSAGES)
        people = [HELD.people[x] for x in HELD.speakers_of[passage]]
        traits = {f: v for f, v in wanted.items() if f in OF_PEOPLE}
        assert not traits or any(all(v & p[f] for f, v in traits.items()) for p in people)


@settings(max_examples=40, deadline=None)
@given(selections)
def test_the_pathway_counts_what_choosing_the_stage_shows(chosen: Selection) -> None:
    for stage in pathway(HELD, chosen):
        there = explore(HELD, chosen.model_copy(update={"stage": (stage.id,)}))
        assert stage.passages == len(there.passages)
        assert set(stage.people) == set(there.people)


def test_all_stages_stand_on_the_pathway_also_empty_ones() -> None:
    stages = pathway(HELD, Selection(country=("Kosovo",), gender=("woman",)))
    assert [s.id for s in stages] == [t.id for t in HELD.corpus.taxonomy.stages]
    assert any(s.passages == 0 for s in stages)


def test_a_value_that_nobody_has_leaves_nothing_and_stays_on_the_list() -> None:
    found = explore(HELD, Selection(country=("Atlantis",)))
    assert (found.passages, found.people) == ((), ())
    assert found.facet("country").options[-1].model_dump() == {
        "value": "Atlantis",
        "count": 0,
        "chosen": True,
    }


def test_choosing_twice_is_choosing_and_taking_back() -> None:
    once = Selection().toggled("gender", "woman")
    assert once.gender == ("woman",)
    assert not once.toggled("gender", "woman")
    with pytest.raises(KeyError, match="no facet 'shoe size'"):
        once.toggled("shoe size", "44")
