"""What several test modules share: the shipped model, and a small one that is trained here."""

from __future__ import annotations

import pytest
from hypothesis import settings
from records import CORPUS

import grounds
from grounds.decision import LabelledDecision
from grounds.model import Model

# A first example builds the pipeline and a busy machine is slow: neither is a failure.
settings.register_profile("grounds", deadline=None)
settings.load_profile("grounds")


@pytest.fixture(scope="session")
def shipped() -> Model:
    """Return the model that comes with the package."""
    return grounds.load_model()


@pytest.fixture(scope="session")
def few() -> list[LabelledDecision]:
    """Return sixty short decisions of the corpus, in which every tag occurs."""
    return list(grounds.read_labelled([CORPUS / "short"]))


@pytest.fixture(scope="session")
def tiny(few: list[LabelledDecision]) -> Model:
    """Return a model trained on the short decisions alone."""
    return grounds.train(few)
