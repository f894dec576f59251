"""Which fixed line the gate says: to whom, about which danger, and for the how-manieth time."""

import re
from typing import Any

from bot.situation import CHECK
from hub.gsm7 import parts
from hub.messages import Reply
from nlu.heard import Heard

# The first reply follows the most pressing risk. Several risks: the earliest in this list.
URGENCY = (
    "overdose_medical",
    "violence_now",
    "suicide",
    "harm_to_others",
    "self_harm",
    "sexual_violence",
    "child_at_risk",
    "domestic_abuse",
    "adult_at_risk",
    "no_shelter_tonight",
    "no_essentials",
)
# Risks that leave the rest of the conversation open: what was asked is still answered.
PRACTICAL = frozenset({"no_shelter_tonight", "no_essentials"})
# Which kind of help a danger calls for: the advice after "no" and who is there all night.
KINDS = {
    "overdose_medical": "medical",
    "violence_now": "attack",
    "suicide": "crisis",
    "self_harm": "crisis",
    "harm_to_others": "crisis",
    "sexual_violence": "sexual",
    "child_at_risk": "child",
    "domestic_abuse": "abuse",
    "adult_at_risk": "adult",
    "no_shelter_tonight": "practical",
    "no_essentials": "practical",
}
# A second risk in the same message gets a line of its own where its help is another.
ALSO = {
    "suicide": "crisis",
    "self_harm": "crisis",
    "domestic_abuse": "abuse",
    "sexual_violence": "sexual_violence",
    "child_at_risk": "child",
    "no_shelter_tonight": "shelter",
    "no_essentials": "essentials",
}
# Under 18: these lines instead.
YOUNG = {
    "suicide": "suicide_young",
    "self_harm": "suicide_young",
    "harm_to_others": "harm_to_others_young",
    "crisis_other": "crisis_other_young",
    "sexual_violence": "sexual_violence_young",
    "child_at_risk": "child_at_risk_young",
    "domestic_abuse": "child_at_risk_young",
    "adult_at_risk": "child_at_risk_young",
    "no_shelter_tonight": "no_shelter_tonight_young",
    "no_essentials": "no_essentials_young",
}
# Told about somebody else: these lines instead. The others speak to both.
SOMEONE_ELSE = {
    "suicide": "crisis_other",
    "self_harm": "crisis_other",
    "overdose_medical": "overdose_medical_other",
    "violence_now": "violence_now_other",
    "sexual_violence": "sexual_violence_other",
    "domestic_abuse": "domestic_abuse_other",
    "no_shelter_tonight": "no_shelter_tonight_other",
    "no_essentials": "no_essentials_other",
}
# Below this share of the strongest risk's score another one counts as heard faintly.
FAINT = 0.5
ADULT = 18
TWO_PARTS = 306
# "i think he wants to die" is about him, "i want to die" is not.
_NOT_ABOUT_ME = re.compile(
    r"\b(i think|i know|i found|i'?m (worried|scared|afraid)|worried|"
    r"(told|tells|telling|said to|rang|called|texted|messaged) me)\b",
    re.I,
)
_ME = re.compile(r"\b(i|i'?m|i'?ve|i'?d|i'?ll|me|myself|my life)\b", re.I)


def first(heard: Heard) -> str:
    """The risk that is answered."""
    return spoken(heard)[0]


def also(heard: Heard) -> str | None:
    """One more kind of help, where a second risk was heard as plainly. A child has one line."""
    if young(heard):
        return None
    kinds = [ALSO[risk] for risk in spoken(heard) if risk in ALSO]
    return next((kind for kind in kinds if kind != ALSO.get(first(heard))), None)


def line_for(risk: str, heard: Heard, text: str) -> str:
    """The line of a risk for this person: a child, a worried friend, or neither."""
    line = SOMEONE_ELSE.get(risk, risk) if about_someone_else(risk, heard, text) else risk
    return YOUNG.get(line, line) if young(heard) else line


def young(heard: Heard) -> bool:
    """Whether the writer said that they are under 18."""
    return heard.age is not None and heard.age < ADULT


def about_someone_else(risk: str, heard: Heard, text: str) -> bool:
    """Whether the danger is another person's, as far as the words tell."""
    return heard.third_party and not _about_me(risk, heard, text)


def wording(line: str, times: int) -> str:
    """The first time in full, then by turns shorter and in other words, so as not to echo."""
    if not times:
        return f"gate.{line}"
    return f"gate.{line}_again" if times % 2 else "gate.stay"


def together(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Texts put together where two parts of SMS hold them; the options of the last stay."""
    texts: list[str] = []
    for reply in replies:
        longer = f"{texts[-1]}\n{reply.text}" if texts else ""
        if longer and parts(longer).units <= TWO_PARTS and not reply.options:
            texts[-1] = longer
        else:
            texts.append(reply.text)
    last = len(texts) - 1
    options = replies[-1].options if replies else ()
    return tuple(Reply(text, options if at == last else ()) for at, text in enumerate(texts))


def question(asked: str, safety: dict[str, Any]) -> str:
    """The line of one of our questions, for this person."""
    if asked == CHECK:
        return f"gate.check.ask_{safety[CHECK]['line']}"
    if asked == "company" and safety.get("young"):
        return "gate.ask_company_young"
    if asked == "company" and safety.get("someone_else"):
        return "gate.ask_company_other"
    return f"gate.ask_{asked}"


def all_night(kind: str, *, young: bool) -> str:
    """Which line says who is there at every hour."""
    return "young" if young and kind != "medical" else kind


def spoken(heard: Heard) -> list[str]:
    """The risks that are spoken to, most pressing first. All of them stand on the ticket.

    A frightened person is not sent six helplines for one sentence: a risk that was heard only
    faintly, beside one that was heard plainly, is left to the worker.
    """
    strongest = max(risk.score for risk in heard.risks)
    plain = [risk.id for risk in heard.risks if risk.score >= FAINT * strongest]
    return sorted(plain, key=URGENCY.index)


def _about_me(risk: str, heard: Heard, text: str) -> bool:
    """Whether the words of the risk stand in a clause with "I" or "me"."""
    found = next(one for one in heard.risks if one.id == risk)
    clauses = re.split(r"[,.;!?\n]|\b(?:but|and|so|because)\b", text)
    frightening = [c for c in clauses if any(w.lower() in c.lower() for w in found.words)]
    # The words are those of the plain text: where none is found in what was typed, all count.
    return any(_ME.search(_NOT_ABOUT_ME.sub("", clause)) for clause in frightening or clauses)
