"""The spaCy component ``grounds``: a text that is a whole decision in, its evidence as spans out.

spaCy imports this module by its entry point whenever it builds a pipeline, ours or another's. So
it imports little, and sets no extension before the component is asked for.
"""

# Annotations are not postponed: older versions of spaCy 3.8 cannot read those of a factory then.

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, SpanGroup
from spacy.util import minibatch

if TYPE_CHECKING:
    from grounds.decision import Decision
    from grounds.limits import Limits
    from grounds.model import Model
    from grounds.reading.origins import Origins
    from grounds.record import Record

_KEY = "grounds"
"""Where the record is in ``doc.user_data``, as plain values: docs are sent and saved with them."""

_SHOWN = 40
"""Characters of a text that an error quotes."""


class GroundsComponent(Pipe):
    """Tags the decision that a Doc's text is.

    It sets ``doc.spans["grounds"]``, ``doc.cats`` and ``doc._.decision``, and looks at no token:
    any tokenizer will do, and no other component is needed.

    Parameters
    ----------
    name
        The component's name in the pipeline.
    model
        A model's folder; the shipped model where left out. It is loaded when it is first needed.
    spans_key
        The name of the span group.
    text_limit
        How many characters of text are read, 3,000,000 where left out; a longer one is an error.

    Raises
    ------
    ValueError
        If ``doc._.decision`` is there already and means something else.
    """

    def __init__(
        self,
        name: str = "grounds",
        model: str | Path | None = None,
        spans_key: str = "grounds",
        text_limit: int | None = None,
    ) -> None:
        from grounds.limits import Limits

        self.name, self.spans_key = name, spans_key
        self._limits = Limits() if text_limit is None else Limits(text=text_limit)
        self._path = model
        self._model: Model | None = None
        known = Doc.get_extension("decision") if Doc.has_extension("decision") else None
        if known is None or known[2] is not _record:
            Doc.set_extension("decision", getter=_record)

    def loaded(self) -> "Model":
        """Return the model, which is loaded when it is first asked for.

        It is no attribute ``model``: spaCy looks whether there is one, before it is needed.
        """
        if self._model is None:
            from grounds.bundle import load_model

            self._model = load_model(self._path)
        return self._model

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags that spans and categories are labelled with: all of the codebook."""
        from grounds.model.heads import tags

        return tags()

    def __call__(self, doc: Doc) -> Doc:
        """Tag one decision.

        Raises
        ------
        InputError
            If the text does not look like a decision of the Ombudsman.
        """
        return next(self._tagged([(doc, *_read(doc, self._limits))]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Tag decisions in batches; one that cannot be read goes to the error handler instead."""
        handle: Callable[..., Any] = self.get_error_handler()
        for docs in minibatch(stream, batch_size):  # type: ignore[no-untyped-call]
            read = []
            for doc in docs:
                try:
                    read.append((doc, *_read(doc, self._limits)))
                except Exception as error:  # noqa: BLE001 - the handler decides, as in spaCy's pipes
                    handle(self.name, self, [doc], error)
            yield from self._tagged(read)

    def _tagged(self, read: list[tuple[Doc, "Decision", "Origins"]]) -> Iterator[Doc]:
        from grounds.tagging import judge_all, records

        model = self.loaded()
        answers = (
            answer
            for batch, judgement in judge_all((decision for _, decision, _ in read), model)
            for answer in zip(
                records(batch, judgement, model),
                judgement.relied_probability.tolist(),
                strict=True,
            )
        )
        for (doc, _, origins), (record, scores) in zip(read, answers, strict=True):
            doc.user_data[_KEY] = record.to_dict()
            doc.cats.update(zip(self.labels, scores, strict=True))
            doc.spans[self.spans_key] = _evidence(doc, record, origins, self.spans_key)
            yield doc

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the model as a folder; see `grounds.bundle.save`."""
        self.loaded().save(path)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "GroundsComponent":
        """Load the model that `to_disk` saved; nothing that it holds is executed."""
        from grounds.bundle import load_model

        self._model = load_model(path)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the model as the bytes of its file."""
        from grounds.bundle import packed

        return packed(self.loaded())

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "GroundsComponent":
        """Load the model from the bytes of its file."""
        from grounds.bundle import unpacked

        self._model = unpacked(data, "the bytes of a model")
        return self


@Language.factory(
    "grounds",
    default_config={"model": None, "spans_key": "grounds", "text_limit": None},
    assigns=["doc.spans", "doc.cats", "doc._.decision"],
)
def make_grounds(
    nlp: Language, name: str, model: str | None, spans_key: str, text_limit: int | None
) -> GroundsComponent:
    """Make the component, as ``nlp.add_pipe("grounds")`` does."""
    return GroundsComponent(name, model, spans_key, text_limit)


def _read(doc: Doc, limits: "Limits") -> tuple["Decision", "Origins"]:
    from grounds.errors import InputError
    from grounds.reading import read_with_origins

    try:
        return read_with_origins(doc.text, limits=limits)
    except InputError as error:
        words = " ".join(doc.text[: 2 * _SHOWN].split())
        shown = words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
        raise InputError(f"the text {shown!r}", error.problem) from None


def _evidence(doc: Doc, record: "Record", origins: "Origins", name: str) -> SpanGroup:
    """Return the evidence of all tags as spans in the order of the text."""
    first = record.decision.paragraphs[0].number
    found = []
    for tag in (*record.tags, *record.remedies):
        for words in tag.evidence:
            start, end = origins.origin(words.paragraph - first, words.start, words.end)
            span = doc.char_span(start, end, label=tag.tag, alignment_mode="expand")
            assert span is not None  # it is only where no token stands
            found.append((span, words.score))
    found.sort(key=lambda one: (one[0].start_char, one[0].end_char))
    # The scores as spaCy's own span categorizer gives them. An extension of spans would not do:
    # spaCy 3 keeps one value for all spans over the same words, whatever their labels.
    scores = np.array([score for _, score in found], np.float32)
    return SpanGroup(doc, name=name, spans=[span for span, _ in found], attrs={"scores": scores})


def _record(doc: Doc) -> "Record | None":
    """Return the record of a Doc, ``None`` where it was not tagged."""
    from grounds.record import Record

    values = doc.user_data.get(_KEY)
    return None if values is None else Record.from_dict(values)
