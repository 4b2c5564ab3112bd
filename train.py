"""Train the shipped model from data/: ``python train.py``.

The same data and library versions give the same weights, byte for byte.
"""

from __future__ import annotations

from pathlib import Path

from grounds import read
from grounds.corpus import fold_of, folder_of, read_folds, read_labelled, read_sentences
from grounds.training import train

ROOT = Path(__file__).parent
DATA, MODEL = ROOT / "data", ROOT / "models" / "grounds"


def main() -> None:
    """Train on everything in data/ and save the model in models/."""
    folds = read_folds(DATA / "corpus" / "folds.json")
    corpus, voices = (list(read_labelled([DATA / name])) for name in ("corpus", "voices"))
    subjects = [fold_of(item.decision.source, folds) for item in corpus]
    model = train(
        [*corpus, *voices],
        read_sentences([DATA]),
        groups=[*subjects, *map(folder_of, voices)],
        others=[read(text) for text in sorted((DATA / "elsewhere").glob("*/*.txt"))],
        jobs=2,
    )
    model.save(MODEL)
    learnt = len(corpus) + len(voices)
    print(f"{MODEL.relative_to(ROOT)}: trained on {learnt} decisions, {model.sha256[:12]}")


if __name__ == "__main__":
    main()
