"""Labelled data, records and models, fuzzed a little; ``reliability/fuzz.py`` does it at length."""

from __future__ import annotations

import warnings
from itertools import islice

import pytest
from inputs import generated
from targets import all_targets, labels, models, records

from grounds.errors import GroundsError

NAMES = [target.name for module in (labels, records, models) for target in module.TARGETS]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_is_right_and_the_rest_is_refused(name: str) -> None:
    target = all_targets()[name]
    refused = read = 0
    for data in islice(generated(target.seeds(), target.change, 7), 60):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # scikit-learn's, of versions
                target.check(data)
            read += 1
        except GroundsError:
            refused += 1
    assert min(read, refused) > 0
