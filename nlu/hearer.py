"""The whole hearing: a text in, `Heard` out. Any text, and never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from nlu import answerable, barriers, needs, risk_words, risks, strengths
from nlu.adapter import open_adapted
from nlu.embedding import DEFAULT_MODEL, Embedding, EmbeddingMissing
from nlu.heard import Heard, Scored
from nlu.language import Language
from nlu.linear import Floats
from nlu.model import Model, ModelMissing
from nlu.normalise import MAX_CHARACTERS, clean, plain
from nlu.tokens import Reader, Reading

ENGLISH = "en"
# Most messages of a talk are short answers that everybody gives ("yes", "2", "L11"). What is heard
# depends on the words alone, so for these it is remembered.
SHORT_CHARACTERS = 12
SHORT_REMEMBERED = 2_000
# Risk words are looked for in the whole of a text, up to what any channel can carry.
RISK_CHARACTERS = 20_000


class Hearer:
    """Hears needs, risks, strengths, barriers and places. Made by `load`."""

    def __init__(
        self, model: Model | None, embedding: Embedding | None, reader: Reader, language: Language
    ) -> None:
        self.model = model if embedding is not None else None
        self.embedding = embedding
        self.reader = reader
        self.language = language
        self._hear_short = lru_cache(SHORT_REMEMBERED)(self._hear_afresh)
        if self.model is not None:
            self._at = {label: at for at, label in enumerate(self.model.labels)}

    @property
    def has_model(self) -> bool:
        """False where it hears by words alone."""
        return self.model is not None

    @classmethod
    def load(
        cls,
        model_dir: Path | str | None,
        *,
        embedding: str | Path = DEFAULT_MODEL,
        places: Iterable[str] = (),
    ) -> Hearer:
        """With the model in a folder, or by words alone where there is none.

        `embedding` is a folder or a package name; `places` are names of the hub's own area.
        """
        model = opened = None
        if model_dir is not None:
            try:
                model = Model.load(Path(model_dir))
                opened, _ = open_adapted(embedding)
            except (ModelMissing, EmbeddingMissing):
                model = opened = None
        known = (t for t in model.grams.terms if t.isalpha()) if model is not None else ()
        return cls(model, opened, Reader(places), Language(frozenset(known)))

    def hear(self, text: str) -> Heard:
        """What is heard in one message."""
        return self._hear_short(text) if len(text) <= SHORT_CHARACTERS else self._hear_afresh(text)

    def _hear_afresh(self, text: str) -> Heard:
        return self.hear_many([text])[0]

    def hear_many(self, texts: Sequence[str]) -> list[Heard]:
        """What is heard in each message, in the order given. Keep batches to some hundreds."""
        cleaned = [clean(text) for text in texts]
        plains = [plain(text) for text in cleaned]
        readings = [self.reader.read(text) for text in cleaned]
        languages = [self.language.of(text) for text in cleaned]
        if self.model is None or self.embedding is None:
            rows = [self._by_words(*row) for row in zip(plains, readings, languages, strict=True)]
        else:
            believed = self.model.believe(self.embedding, plains)
            rows = [
                self._decide(self.model, *row)
                for row in zip(believed, plains, readings, languages, strict=True)
            ]
        return [
            heard if len(text) <= MAX_CHARACTERS else _with_rest(heard, text)
            for heard, text in zip(rows, texts, strict=True)
        ]

    def _by_words(self, plain_text: str, reading: Reading, language: str) -> Heard:
        heard_needs = needs.by_words(plain_text)
        return _heard(
            heard_needs,
            risks.by_words(plain_text),
            barriers.find(plain_text),
            plain_text,
            reading,
            language,
            answered=True,
        )

    def _decide(
        self,
        model: Model,
        believed: Floats,
        plain_text: str,
        reading: Reading,
        language: str,
    ) -> Heard:
        if not any(c.isalpha() for c in plain_text):
            # Digits, emoji, nothing at all: nothing to hear, and nothing to refuse.
            return _heard((), (), (), plain_text, reading, language, answered=True)
        values = {label: float(believed[at]) for label, at in self._at.items()}
        limits = {label: float(model.thresholds[at]) for label, at in self._at.items()}
        heard_needs = needs.decide(values, limits, plain_text)
        heard_risks = risks.decide(
            _of(values, "!"),
            values[risks.ANY],
            _of(limits, "!"),
            plain_text,
            chat=values["none"],
            weighed=lambda risk: model.words_for(f"!{risk}", plain_text),
        )
        answered = language != ENGLISH or answerable.decide(
            values["oos"], limits["oos"], bool(heard_needs or heard_risks)
        )
        return _heard(
            heard_needs,
            heard_risks,
            barriers.find(plain_text, _of(values, "@")),
            plain_text,
            reading,
            language,
            answered=answered,
        )


def _heard(
    heard_needs: tuple[Scored, ...],
    heard_risks: tuple[Scored, ...],
    heard_barriers: tuple[str, ...],
    plain_text: str,
    reading: Reading,
    language: str,
    *,
    answered: bool,
) -> Heard:
    return Heard(
        needs=heard_needs,
        risks=heard_risks,
        strengths=tuple(strengths.find(plain_text)),
        barriers=heard_barriers,
        postcode=reading.postcode,
        place=reading.place,
        language=language,
        answerable=answered,
        age=reading.age,
        third_party=reading.third_party,
    )


def _with_rest(heard: Heard, text: str) -> Heard:
    """Adds the risks that plain words name anywhere in a very long text."""
    whole = " ".join(
        plain(text[at : at + MAX_CHARACTERS])
        for at in range(0, min(len(text), RISK_CHARACTERS), MAX_CHARACTERS)
    )
    known = set(heard.risk_ids)
    more = tuple(
        Scored(found.id, risks.BY_PLAIN_WORDS, found.plain)
        for found in risk_words.find(whole).values()
        if found.plain and found.id not in known
    )
    return Heard(**{**vars(heard), "risks": heard.risks + more}) if more else heard


def _of(values: dict[str, float], mark: str) -> dict[str, float]:
    return {label[1:]: value for label, value in values.items() if label.startswith(mark)}
