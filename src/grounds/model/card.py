"""What a model says of itself: the card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeGuard

from grounds.codebook import codebook
from grounds.decision import Decision, LabelledDecision
from grounds.model.weigh import families

if TYPE_CHECKING:
    from grounds.corpus import LabelledSentence  # slow to import, and tagging needs none

LIBRARIES = ("lgsco-grounds", "spacy", "scikit-learn", "numpy")

_LONGEST = 100  # characters of a name, which stands in every record
_MOST = 10**9  # decisions and sentences


def fingerprint(decision: Decision) -> str:
    """Return 16 hexadecimal characters by which a decision is known again, from any copy of it."""
    words = " ".join(word for paragraph in decision.paragraphs for word in paragraph.text.split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def make_card(
    name: str,
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    out_of_fold: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Return the card of a model.

    Parameters
    ----------
    name
        What the model is called.
    labelled, sentences
        What it was trained on.
    out_of_fold
        Figures of its inner folds, by family: micro_f1, macro_f1, exact.
    """
    relied = Counter(tag for item in labelled for tag in item.tags)
    return {
        "name": name,
        "version": "1",
        "codebook": codebook().version,
        "trained_on": {
            "decisions": len(labelled),
            "sentences": len(sentences),
            "tags": {tag: relied[tag] for tag in codebook().tags},
            "fingerprints": sorted(fingerprint(item.decision) for item in labelled),
        },
        "out_of_fold": out_of_fold,
        "libraries": {library: version(library) for library in LIBRARIES},
    }


def is_card(card: Any) -> TypeGuard[dict[str, Any]]:
    """Say whether something is a card such as `make_card` makes; models come from strangers.

    >>> is_card({"name": "grounds", "version": "1"})
    False
    """
    try:
        trained, figures = card["trained_on"], card["out_of_fold"]
        names = (card["name"], card["version"], card["codebook"])
        counts = (trained["decisions"], trained["sentences"], *trained["tags"].values())
        rates = [f[name] for f in figures.values() for name in ("micro_f1", "macro_f1", "exact")]
        return (
            all(map(_is_name, (*names, *card["libraries"], *card["libraries"].values())))
            and set(trained["tags"]) <= set(codebook().tags)
            and set(figures) <= set(families())
            and all(type(count) is int and 0 <= count <= _MOST for count in counts)
            and all(type(rate) in (int, float) and 0 <= rate <= 1 for rate in rates)
            and isinstance(trained["fingerprints"], list)
            and all(isinstance(one, str) for one in trained["fingerprints"])
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _LONGEST and name.isprintable()


def card_page(card: Mapping[str, Any], sha256: str) -> str:
    """Return the card as a page of Markdown."""
    trained = card["trained_on"]
    libraries = ", ".join(f"{name} {number}" for name, number in card["libraries"].items())
    figures = "\n".join(
        f"| {family} | {f['micro_f1']:.3f} | {f['macro_f1']:.3f} | {f['exact']:.3f} |"
        for family, f in card["out_of_fold"].items()
    )
    counts = "\n".join(f"| `{tag}` | {number} |" for tag, number in trained["tags"].items())
    names = {name: card[name] for name in ("name", "version", "codebook")}
    learnt = {name: trained[name] for name in ("decisions", "sentences")}
    return _PAGE.format(
        **names, **learnt, sha256=sha256, packages=libraries, figures=figures, counts=counts
    )


_PAGE = """\
# Model card: {name} {version}

Made from the model when it was saved.

- **What it does:** finds the grounds, jurisdiction bars and remedies that decisions of the Local
  Government and Social Care Ombudsman (England) rely on, by version {codebook} of the codebook.
- **Trained on:** {decisions} labelled decisions and {sentences} single sentences.
- **SHA-256** of `model.safetensors`: `{sha256}`
- **Libraries:** {packages}
- **Not for:** decisions of other ombudsmen or from outside England, reports of investigations (most
  of these are noticed, and not tagged), or anything that affects a person where nobody reads the
  paragraphs it names.

## Figures

On its training decisions, each judged by a model that had not seen its group. The thresholds were
chosen on these judgements, so expect a little less on new text.

| | micro F1 | macro F1 | all right |
| --- | --- | --- | --- |
{figures}

## Training decisions with each tag

| tag | decisions |
| --- | --- |
{counts}
"""
