"""One need's list: what a service is for, what it means, what it eases, how fresh, how far."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from hub.candidates import Candidate, Candidates
from hub.crosswalk import crosswalk
from hub.eligible import Asker, kilometres, refusal, scope
from hub.meaning import Floats, Meaning, sentences, word_scores
from hub.profile import Profile

# Ranking: one scale, where nearness of meaning (a cosine) runs from about 0.1 to 0.7.
BY_SENTENCE, BY_NEED, BY_WORDS = 1.0, 0.2, 0.15
MAIN_NEED = (0.12, 0.05)
SOURCE = {"feed": 0.0, "crosswalk": -0.03, "words": -0.10}
OTHER_NEED = 0.05
# A service that is first of all for this is not offered for something else unless it is far
# nearer: nobody who said they are lonely wants to be sent to a recovery group.
ABOUT_ONE_THING = frozenset(
    {"addiction", "offending", "domestic_abuse", "bereavement", "migration", "disability", "caring"}
)
ABOUT_ANOTHER = -0.15
SOME_PEOPLE_ONLY = -0.04
BARRIER, BARRIER_AGAIN = 0.15, 0.06
STRENGTH = 0.05
NATIONAL_LINE = -0.15
FOR_CHILDREN, FOR_CHILDREN_ASKED = -0.35, 0.06
FOR_OLDER = -0.12
# Of three services at most one is for women or for men only, where that was not asked: the last.
A_GROUP = 3
REFERRAL = -0.08
TIMES_UNKNOWN, RAN_OUT = -0.04, -0.15
SOON, TODAY = 0.03, 0.12
STALE = ((5 * 365, -0.15), (2 * 365, -0.06))
NEVER_CHECKED = -0.02
A_KILOMETRE, FARTHEST = -0.006, -0.10
# By meaning alone, where no service is listed under the need: only a close one will do.
CLOSE = 0.50
# Times are worked out only for those that may be shown.
LOOKED_AT = 24
CONSIDERED = 300

CHILD_WORDS = re.compile(
    r"\b(kids?|child(ren)?|sons?|daughters?|lads?|boys?|girls?|teen(s|agers?)?|bab(y|ies)|toddlers?|"
    r"grand(son|daughter|kids?|children)|school|youngest|eldest|\d{1,2}[ -]?(yr|year)s?[ -]?old)\b",
    re.IGNORECASE,
)
OLDER_WORDS = re.compile(
    r"\b(older|elderly|pension(er)?|retired|nans?|nana|gran(dad|dma|ny)?|mum|mam|dad|widow(er)?)\b",
    re.IGNORECASE,
)
TODAY_WORDS = re.compile(r"\b(today|tonight|right now|this (morning|afternoon|evening))\b", re.I)
# What makes a service easier for somebody with this in the way.
EASED_BY: dict[str, frozenset[str]] = {
    "social": frozenset({"accompanies", "visits_home"}),
    "practical": frozenset({"helps_with_forms", "by_phone", "drop_in"}),
    "procedural": frozenset({"helps_with_forms", "no_referral", "drop_in"}),
    "informational": frozenset({"helps_with_forms", "drop_in"}),
    "financial": frozenset({"free"}),
    "physical": frozenset({"visits_home", "by_phone"}),
}


# Score, need, service.
Ranked = tuple[float, str, Candidate]


@dataclass(frozen=True)
class Question:
    """What was asked, as all of the ranking needs it."""

    needs: tuple[str, ...]
    words: str
    asker: Asker
    strengths: frozenset[str]
    profile: Profile
    children: bool = field(init=False)
    older: bool = field(init=False)
    urgent: bool = field(init=False)

    def __post_init__(self) -> None:
        age = self.asker.age
        object.__setattr__(self, "children", bool(CHILD_WORDS.search(self.words)))
        older = age is not None or bool(OLDER_WORDS.search(self.words))
        object.__setattr__(self, "older", older)
        object.__setattr__(self, "urgent", bool(TODAY_WORDS.search(self.words)))


def ranked(
    session: Session,
    meaning: Meaning | None,
    question: Question,
    need: str,
    fitting: list[Candidate],
) -> list[Ranked]:
    """The services of one need, best first."""
    relevance = _relevance(session, meaning, question, need, fitting)
    # All else adds or takes less than what lies between the first and the last of so many.
    likely = np.argsort(-relevance, kind="stable")[:CONSIDERED]
    fits = np.array([_fit(fitting[i], need, question) for i in likely], dtype=np.float32)
    scores = relevance[likely] + fits
    order = np.argsort(-scores, kind="stable")
    entries = [(float(scores[i]), need, fitting[likely[i]]) for i in order]
    first = [(score + _timing(c, question), need, c) for score, need, c in entries[:LOOKED_AT]]
    first.sort(key=lambda entry: -entry[0])
    if not question.asker.sex:
        first = _one_sex_last(first)
    return first + entries[LOOKED_AT:]


def _one_sex_last(ordered: list[Ranked]) -> list[Ranked]:
    """Every third place may go to a service for one sex only, if it would have come by then."""
    single = [r for r in ordered if r[2].features & {"women_only", "men_only"}]
    everyone = [r for r in ordered if not r[2].features & {"women_only", "men_only"}]
    merged: list[Ranked] = []
    while everyone:
        last_of_group = len(merged) % A_GROUP == A_GROUP - 1
        if last_of_group and single and single[0][0] >= everyone[0][0]:
            merged.append(single.pop(0))
        else:
            merged.append(everyone.pop(0))
    return merged + single


def _relevance(
    session: Session,
    meaning: Meaning | None,
    question: Question,
    need: str,
    fitting: list[Candidate],
) -> Floats:
    about = crosswalk().means.get(need, "")
    by_words = word_scores(question.words or about, fitting)
    if meaning is None:
        return np.float32(BY_WORDS + BY_NEED) * by_words
    said = sentences(question.words)
    near = meaning.nearness(session, [*said, *([about] if about else [])], fitting)
    total = np.float32(BY_WORDS) * by_words
    if said:
        total = total + np.float32(BY_SENTENCE) * near[: len(said)].max(axis=0)
    if about:
        weight = BY_NEED if said else BY_NEED + BY_SENTENCE
        total = total + np.float32(weight) * near[-1]
    return np.asarray(total, dtype=np.float32)


def _fit(candidate: Candidate, need: str, question: Question) -> float:
    """All that is known of a service apart from what its text is near to."""
    score = 0.0
    if need:
        source, position = candidate.needs.get(need, ("words", 9))
        score += SOURCE.get(source, 0.0)
        score += MAIN_NEED[position] if position < len(MAIN_NEED) else 0.0
        score += OTHER_NEED * sum(n in candidate.needs for n in question.needs if n != need)
        if candidate.main_need in ABOUT_ONE_THING - set(question.needs):
            score += ABOUT_ANOTHER
    has = candidate.features | ({"free"} if candidate.free else set())
    for barrier in question.asker.barriers:
        eased = len(EASED_BY.get(barrier, frozenset()) & has)
        score += BARRIER + BARRIER_AGAIN * (eased - 1) if eased else 0.0
    if "volunteering" in candidate.needs and question.strengths:
        score += STRENGTH
    if scope(candidate, question.profile) == "national":
        score += NATIONAL_LINE
    score += _audience(candidate, question)
    if "referral_only" in has:
        score += REFERRAL
    score += _freshness(candidate, question.asker.now)
    km = kilometres(candidate, question.asker.place)
    return score + (max(FARTHEST, A_KILOMETRE * km) if km is not None else 0.0)


def _audience(candidate: Candidate, question: Question) -> float:
    score = 0.0
    high, low = candidate.maximum_age, candidate.minimum_age
    if high is not None and high < 19 and question.asker.age is None:
        score += FOR_CHILDREN_ASKED if question.children else FOR_CHILDREN
    if low is not None and low >= 50 and not question.older:
        score += FOR_OLDER
    if candidate.eligibility:
        score += SOME_PEOPLE_ONLY
    return score


def _freshness(candidate: Candidate, now: datetime) -> float:
    if candidate.assured is None:
        return NEVER_CHECKED
    days = (now.date() - candidate.assured).days
    return next((loss for limit, loss in STALE if days > limit), 0.0)


def _timing(candidate: Candidate, question: Question) -> float:
    now = question.asker.now
    if not candidate.times.known(now):
        return RAN_OUT if candidate.has_schedules else TIMES_UNKNOWN
    hours = candidate.times.next_open(now)
    if hours is None:
        return RAN_OUT
    if question.urgent:
        today = now.astimezone(candidate.times.zone).date()
        return TODAY if hours.opens.date() <= today else 0.0
    return SOON if hours.opens - now < timedelta(days=2) else 0.0


def close_ones(
    session: Session,
    candidates: Candidates,
    meaning: Meaning | None,
    question: Question,
    need: str,
) -> list[Candidate]:
    """Where no service is listed under a need: those whose text is close to it all the same."""
    if meaning is None:
        return []
    asked = [*sentences(question.words), crosswalk().means.get(need, need)]
    pool = candidates.all(session, question.profile.id)
    near = meaning.nearness(session, asked, pool).max(axis=0)
    return [
        c
        for c, cosine in zip(pool, near, strict=True)
        if cosine >= CLOSE and refusal(c, question.asker, question.profile) is None
    ]
