"""Authors as given on a source card, taken apart into family and given names; organisations stay whole."""

from __future__ import annotations

# Words that only the name of an organisation, an office or a desk has.
OFFICES = frozenset(
    """academy agency alliance archive archives army associated association authority bbc board bureau campaign
    center centre chamber charity circle club coalition collective commission committee community company council
    court department desk directorate editorial editors embassy federation force forum foundation fund government
    group home initiative institute institution international journal justice league library magazine media ministry
    mission movement museum nations network news newspaper observatory office organisation organization parliament
    party police press programme program project prosecution prosecutor radio review school secretariat senate
    service services society staff state states studies television times trust tribunal union unit united university
    watch""".split()
)
SMALL = frozenset("after against and at by for from in of on the to und et & with without".split())
PARTICLES = frozenset(
    "al ben bin da das de del della den der di dos du el ibn la le ten ter van von zu".split()
)


def parted(author: str) -> dict[str, str]:
    """`family` and `given` of a person's name, or `literal` for a name that has no such parts."""
    if "," in author:
        family, _, given = (part.strip() for part in author.partition(","))
        return {"family": family, "given": given} if family and given else {"literal": author.strip(", ")}
    words = author.split()
    plain = {w.casefold().strip(".") for w in words}
    if len(words) < 2 or plain & OFFICES or plain & SMALL or any(c.isdigit() for c in author):
        return {"literal": author}
    start = len(words) - 1
    while start > 1 and words[start - 1].casefold() in PARTICLES:
        start -= 1
    return {"family": " ".join(words[start:]), "given": " ".join(words[:start])}
