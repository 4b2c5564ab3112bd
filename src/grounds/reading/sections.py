"""Which section of a decision a heading opens."""

from __future__ import annotations

import re

from grounds.decision import Section

_RULES: tuple[tuple[re.Pattern[str], Section], ...] = tuple(
    (re.compile(pattern), section)  # type: ignore[misc]
    for pattern, section in (
        (r"^summary$", "summary"),
        (r"^(the )?complaint$", "complaint"),
        (r"roles? and powers?|^(our|the ombudsm[ae]n'?s'?) powers?$", "powers"),
        (r"^how (i|we) (have )?(considered|investigated)|have(?: and have)? not investigated"
         r"|^what (i|we) (have )?investigated|did not investigate", "method"),
        (r"^(agreed|recommended) (action|remedy)|^recommendations?$", "remedy"),
        (r"^(the )?(final )?decision$", "final"),
        (r"^(my |our )?(assessment|analysis|findings)$|^what (i|we) found|^reasons", "assessment"),
    )
)  # fmt: skip


def section_of(heading: str) -> Section | None:
    """Return the section that `heading` opens, or ``None`` for a sub-heading.

    >>> section_of("The Ombudsman’s role and powers")
    'powers'
    >>> section_of("Analysis")
    'assessment'
    >>> section_of("Ms X's complaint") is None
    True
    """
    plain = heading.replace("’", "'").strip().lower().rstrip(":.")
    return next((section for rule, section in _RULES if rule.search(plain)), None)
