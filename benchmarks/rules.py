"""Keyword rules: what a careful lawyer could write in a day from docs/codebook.md alone.

They were written without a look at the labelled decisions, and must not be tuned on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from grounds.decision import Decision, counts_in

NOT = r"(?:not|no|nothing|never|cannot|can't|couldn't|won't|wouldn't|unable|unlikely|little|too little|in?sufficient|without|n't)"
NO_POWER = (
    r"(?:cannot|can ?not|can't|could not|may not|no power|not able|unable|beyond our|outside our"
    r"|does not let us|not something we can|not (?:a matter|one) (?:that )?we can|no jurisdiction)"
)
LOOK = r"(?:investigat\w+|look|consider\w*|pursue|question)"

REASONS = {
    "no_fault": [
        rf"\b{NOT}\b[^.;]{{0,40}}\b(?:evidence|sign|indication|suggestion)[^.;]{{0,20}}\bfault\b",
        r"\b(?:unlikely|not likely)\b[^.;]{0,40}\bfault\b",
        r"\b(?:too )?little\b[^.;]{0,30}\bfault\b",
        r"\bnothing to criticise\b",
        r"\b(?:see|is|was) no fault\b",
    ],
    "no_injustice": [
        rf"\b{NOT}\b[^.;]{{0,40}}\bcaus\w+(?:(?!significant|serious)[^.;]){{0,30}}\binjustice\b",
        r"\bfault (?:which|that)? ?caus\w+ (?:(?!significant|serious)[^.;]){0,20}\binjustice\b",
        r"\bno (?:personal |direct )?injustice\b",
        r"\bwithout (?:an )?injustice\b",
        r"\b(?:was|were|is|are) not caused by\b",
        r"\binjustice\b[^.;]{0,40}\bnot (?:flow|result|stem|arise)\b",
        r"\blost nothing\b",
        r"\b(?:not|no) disadvantag\w*\b",
    ],
    "minor_injustice": [
        rf"\b{NOT}\b[^.;]{{0,60}}\b(?:significant|serious|sufficient|substantial|great)"
        r"(?:ly)?(?: enough)?(?: personal)? (?:injustice|harm|loss|impact|effect)\b",
        r"\b(?:injustice|impact|effect)\b[^.;]{0,40}\bnot\b[^.;]{0,20}\b(?:significant|serious|enough)\b",
        r"\bnot\b[^.;]{0,20}\baffect\b[^.;]{0,30}\bso (?:serious|significant|bad)ly\b",
        r"\b(?:minor|slight|limited|small) (?:injustice|impact|inconvenience)\b",
    ],
    "nothing_to_add": [
        r"\b(?:not|nothing|unlikely|unable)\b[^.;]{0,40}\badd(?:ed)?\b[^.;]{0,40}"
        r"\b(?:to|investigation|response|reply|report)\b",
        r"\bunlikely\b[^.;]{0,30}\btake the matter (?:any )?(?:further|beyond)\b",
        r"\badd (?:nothing|little|anything)\b",
    ],
    "same_outcome": [
        r"\b(?:not|unlikely)\b[^.;]{0,50}\b(?:different|another) (?:outcome|result|conclusion|decision)\b",
        r"\b(?:not|unlikely)\b[^.;]{0,40}\b(?:end|turn out) (?:any )?different\w*\b",
        r"\bwould (?:still |also )?(?:have been|be) the same\b",
        r"\bwould still have\b",
        r"\bthe same (?:outcome|result|decision)\b",
    ],
    "outcome_unavailable": [
        rf"\b{NO_POWER}\b[^.;]{{0,30}}\b(?:achieve|give|get|bring|secure|provide)\b[^.;]{{0,60}}"
        r"\b(?:outcome|result|want\w*|seek\w*|ask\w*|bring about)\b",
        r"\b(?:wants?|seeks?|asks? for)\b[^.;]{0,80}\b(?:not something|cannot|no power|could not)\b",
        r"\b(?:we|I) (?:cannot|could not|have no power to|are unable to) (?:make|order|tell|require|have|"
        r"quash|overturn|change|direct|dismiss|discipline)\b",
    ],
    "no_worthwhile_outcome": [
        rf"\b{NOT}\b[^.;]{{0,40}}\b(?:worthwhile|meaningful|useful)\b",
        r"\b(?:achieve|achieved|gain|gained)\b[^.;]{0,20}\b(?:nothing|anything)\b",
        r"\bnothing (?:more |further |significant )?(?:to|would be|could be|we could) (?:be )?achieve\w*\b",
        r"\b(?:not|dis|out of) ?proportion\w*\b",
        r"\bnot\b[^.;]{0,40}\b(?:public (?:money|funds|resources)|good use)\b",
        r"\b(?:not|unlikely)\b[^.;]{0,30}\bachieve anything significant\b",
    ],
    "better_body": [
        r"\bbetter (?:placed|suited|able)\b",
        r"\b(?:proper|appropriate|right) (?:body|place|authority)\b",
        r"\b(?:better|best) (?:taken|put|raised|dealt with)\b[^.;]{0,30}\b(?:to|with|by)\b",
    ],
    "review_available": [
        r"\b(?:ask|asked|request|seek|apply)\b[^.;]{0,40}\b(?:review|reconsider\w*)\b[^.;]{0,80}\breasonabl\w+\b",
        r"\breasonabl\w+\b[^.;]{0,80}\b(?:ask|request|seek|use|right)\b[^.;]{0,40}\b(?:review|reconsider\w*)\b",
        r"\bmake (?:formal )?representations to the (?:council|authority)\b",
        r"\b(?:can ask (?:the council )?for an?|internal|statutory) (?:review|appeal)\b",
    ],
    "related_proceedings": [
        r"\b(?:family court|care proceedings|court proceedings|legal proceedings)\b[^.;]{0,80}"
        r"\b(?:raise|challenge|raised|argue|point)\b",
        r"\b(?:raise|challenge|raised|argue|made|make)\b[^.;]{0,60}"
        r"\b(?:in|during|as part of|when)\b[^.;]{0,30}\b(?:proceedings|hearing|appeal\b[^.;]{0,30} heard|court case)\b",
        r"\bclosely (?:related|linked|connected)\b[^.;]{0,40}\b(?:proceedings|appeal|tribunal|court)\b",
    ],
    "complaint_handling": [
        r"\bcomplaints? (?:handling|process|procedure)\b[^.;]{0,60}\b(?:alone|substan\w+|underlying|issue|not)\b",
        r"\bnot\b[^.;]{0,60}\b(?:complaints? (?:handling|process|procedure)|handled (?:the|his|her|their) complaint)\b",
        r"\bas we are not (?:looking|investigating)\b",
    ],
    "satisfied_with_action": [
        r"\b(?:we are|I am|we're|is) satisfied (?:with|that)\b",
        r"\b(?:suitable|appropriate|adequate|satisfactory|sufficient|fair|reasonable|proportionate) "
        r"(?:remedy|steps|action|response|redress)\b",
        r"\b(?:already )?(?:remedied|put (?:this|things|the matter|it) right)\b",
        r"\bis enough to (?:put|remedy)\b",
    ],
    "late": [
        r"\b(?:complaint|complained|part|it|this|matter)\b[^.;]{0,30}\b(?:is|was|comes|came|made) (?:too )?late\b",
        r"\btoo late\b",
        r"\bno good reasons?\b",
        r"\bmore than (?:12|twelve) months (?:ago|before)\b",
        r"\bout of time\b",
    ],
    "premature": [
        r"\b(?:premature|too (?:early|soon))\b",
        r"\bnot\b[^.;]{0,30}\b(?:complained|put (?:this|it|the matter|her complaint|his complaint)) to the (?:council|body|home)\b",
        r"\b(?:chance|opportunity) to (?:answer|respond|deal|consider|investigate|reply|put)\b",
        r"\bstill (?:working|going) through\b[^.;]{0,40}\bcomplaints?\b",
        r"\bnot (?:yet )?(?:completed|finished|been through)\b[^.;]{0,40}\bcomplaints? (?:procedure|process)\b",
    ],
    "appeal_right": [
        r"\b(?:appeal\w*|right)\b[^.;]{0,60}\b(?:tribunal|inspector\w*|minister|secretary of state|adjudicator)\b",
        r"\b(?:tribunal|inspector\w*|adjudicator)\b[^.;]{0,60}\bappeal\w*\b",
        r"\bright of appeal\b",
    ],
    "court_remedy": [
        r"\b(?:go|take\w*|taken|apply|appeal\w*|claim\w*|gone|sue\w*)\b[^.;]{0,60}\bcourts?\b",
        r"\b(?:court|legal) (?:claim|action)\b",
        r"\bjudicial review\b",
        r"\bremedy in (?:the )?courts?\b",
        r"\bnegligence\b",
    ],
    "court_matter": [
        rf"\b{NO_POWER}\b[^.;,]{{0,80}}\b(?:court (?:action|case|hearing|proceedings)|in court)\b",
        r"\b(?:start|commencement|conduct)\b[^.;]{0,20}\b(?:court|legal) (?:action|proceedings)\b",
        r"\bwhat (?:happened|was said)\b[^.;]{0,20}\bin court\b",
        r"\btold (?:the )?(?:court|magistrates|judge)\b",
        r"\bpart of the hearing\b",
    ],
    "excluded_matter": [
        r"\binternal management of (?:a |the )?schools?\b",
        r"\b(?:personnel|employment|contractual|commercial) (?:matter|issue|dealing|transaction)s?\b",
        r"\bas (?:its|an) employee\b",
        r"\b(?:investigation|prevention) (?:or prevention )?of crime\b",
        r"\bwhat happens? (?:in|inside) (?:a |the )?schools?\b",
    ],
    "whole_area": [
        r"\b(?:all or most|most|all|every)\b[^.;]{0,30}\b(?:people|residents|households?|inhabitants)\b"
        r"[^.;]{0,60}\b(?:area|borough|district|county|city|live there|charge|tax)\b",
    ],
    "outside_body": [
        r"\bacadem(?:y|ies)\b",
        r"\bsocial (?:landlord|housing)\b",
        r"\b(?:as (?:her|his|a|their) landlord|housing ombudsman|parish council|town council|tenancy)\b",
        r"\bnot (?:a body|an organisation) (?:that )?we can\b",
    ],
    "no_standing": [
        r"\b(?:no|not|without)\b[^.;]{0,30}\b(?:consent\w*|authori[sz]\w+|agreed to (?:his|her|their) complaint)\b",
        r"\bnot (?:a )?(?:suitable|entitled|proper)\b[^.;]{0,40}\b(?:representative|complain|person)\b",
        r"\bno right to complain\b",
        r"\bis a public body\b",
    ],
}
"""For each ground and bar, patterns of which one must be found in a sentence."""

KINDS = {
    "apology": r"\b(?:apolog\w+|sorry)\b",
    "payment": r"\b(?:compensat\w+|refund\w*|reimburs\w+|pay|pays|paid|payments?|money|waive\w*)\b|£ ?\d"
    r"|\b(?:cancel\w*|reduc\w+|writ\w+ off)\b.{0,40}\b(?:penalty|bill|debt|charge|fine|fee)",
    "records": r"\b(?:correct|delet|remov|amend|annotat|releas|destroy|add|take|chang|rectif)\w*\b.{0,50}"
    r"\b(?:records?|files?|notes?|minutes|reports?|data|assessment)\b",
    "staff_action": r"\b(?:disciplin\w+|dismiss\w*|sack\w*)\b|\b(?:different|another|new|remov\w+|chang\w+|replac\w+)"
    r"\b.{0,30}\b(?:officer|social worker|manager|councillor|case ?worker|member of staff)\b",
    "service_change": r"\b(?:train\w*|procedures?|polic(?:y|ies)|systems?|remind\w*|guidance|lessons|script)\b"
    r"|\b(?:nobody|no one|others?|anyone) else\b",
    "decision_change": r"\b(?:revers|reconsider|reassess|retak|reinstat|restor|overturn|quash|grant|rehous|"
    r"repair|resurfac|approv|enforc|provid)\w*\b|\b(?:afresh|again|carr\w+ out|school place)\b",
    "explanation": r"\b(?:expla\w+|meet|meeting|told why|reasons|repl(?:y|ies)|answers?)\b",
}
"""What each kind of remedy is called."""

WE = r"\b(?:we|I|us|our|the Ombudsman)\b"
STATUSES = {
    "declined": rf"{WE}.{{0,30}}\b(?:cannot|can't|not|no reason|no need|no power|nor)\b"
    rf"|\bnot for {WE}|\bnot (?:warranted|justified|called for|necessary)\b",
    "agreed": rf"\b(?:agreed|recommend\w*|accepted our)\b|\bat our request\b"
    rf"|\b(?:as|because) {WE} (?:asked|recommended|suggested)\b|\bfollowing our\b",
    "sought": r"\b(?:wants?|wanted|wish\w*|would like|asks?|asked|seeks?|hopes?|expects?)\b",
    "provided": r"\b(?:has|have|had)\b.{0,20}\b(?:already|since|now)\b|\balready\b|\boffer\w*\b"
    r"|\bapologised\b|\brefunded\b|\b(?:council|it|provider|manager|home)\b.{0,10}"
    r"\b(?:has|have|gave|paid|sent|wrote|corrected|reminded|trained|explained|changed|cancelled)\b",
}
"""How each status is told, the surest first: a part of a sentence has the first that is found."""

MENTION = re.compile(
    r"\b(?:mr|mrs|ms|miss|dr|she|he|they|council)\b[^.;]{0,15}"
    r"\b(?:says?|said|feels?|felt|believes?|thinks?|argue[sd]?|claims?|told)\b"
    r"|\bconsidered whether\b|\bthere are good reasons\b|\bwe (?:normally|usually|would normally)\b",
    re.IGNORECASE,
)
"""Someone else's view, a rule in general, a reason rejected: mentioned, not relied on."""

SENTENCE = re.compile(r"(?<=[.?!])\s+(?=\W?[A-Z])|\n")
PART = re.compile(r"[;:]\s|,? \b(?:but|because|so)\b|,? and (?=we |I |it |the )")
FLAGS = re.IGNORECASE
FOUND = {tag: re.compile("|".join(patterns), FLAGS) for tag, patterns in REASONS.items()}
KIND = {kind: re.compile(pattern, FLAGS) for kind, pattern in KINDS.items()}
STATUS = {status: re.compile(pattern, FLAGS) for status, pattern in STATUSES.items()}


def rule_tags(decision: Decision) -> frozenset[str]:
    """Return the tags whose patterns are found where they count.

    >>> from grounds.decision import Paragraph
    >>> text = "The Council has apologised; we see no reason to ask it to pay her."
    >>> part = Paragraph(1, "assessment", "My assessment", text)
    >>> sorted(rule_tags(Decision("x.md", "", "markup", (part,))))
    ['apology:provided', 'payment:declined']
    """
    return frozenset(
        tag
        for paragraph in decision.paragraphs
        for sentence in SENTENCE.split(paragraph.text)
        for tag in (*_reasons(sentence), *_remedies(sentence, paragraph.section))
        if counts_in(tag, paragraph.section)
    )


def _reasons(sentence: str) -> Iterator[str]:
    if not MENTION.search(sentence):
        yield from (tag for tag, pattern in FOUND.items() if pattern.search(sentence))


def _remedies(sentence: str, section: str) -> Iterator[str]:
    for part in PART.split(sentence):
        status = _status(part, section)
        if status is not None:
            yield from (
                f"{kind}:{status}" for kind, pattern in KIND.items() if pattern.search(part)
            )


def _status(part: str, section: str) -> str | None:
    found = next((status for status, pattern in STATUS.items() if pattern.search(part)), None)
    return found or ("agreed" if section == "remedy" else None)
