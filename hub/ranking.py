"""One list: what a service is for and means, what it eases, for whom, how fresh, how far."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from hub.candidates import Candidate
from hub.catalogue import PLAINLY
from hub.eligible import Asker
from hub.meaning import Floats
from hub.profile import Profile
from hub.sense import SPOKEN_OF, Sense
from hub.shelf import Flags, Shelf

# One scale: nearness of meaning runs from about 0.2 to 1.4, listed needs are added to it.
BY_NEED = 0.35
# A need that nobody listed, told by meaning from what a topic says plainly.
SUGGESTED = 0.3
OTHER_NEED = 0.05
# Help first of all for one of these is not offered to somebody who did not speak of it.
NOT_UNASKED = frozenset({"addiction", "offending", "domestic_abuse", "bereavement"})
# And what is first of all for one of these, only where it is far nearer than all else.
ABOUT_ONE_THING = frozenset({"migration", "disability", "caring"})
ABOUT_ANOTHER = -0.15
NOT_SPOKEN_OF = -0.15
# Help for one thing may well be for another too.
ALSO_FOR = 0.5
# Text this near was asked for, whatever it is about.
ASKED_FOR = 0.5
SOME_PEOPLE_ONLY = -0.04
MANY_TOPICS = -0.01
BARRIER, BARRIER_AGAIN = 0.15, 0.06
# A service with less than this share of the best relevance eases nothing.
EASES_FROM = 0.4
# Needs that the situations tell, where hearing did not: how likely, and how far they are believed.
IMPLIED_FROM, IMPLIED_TO, IMPLIED = 0.45, 0.70, 0.8
STRENGTH = 0.05
NATIONAL_LINE = -0.08
FOR_CHILDREN, FOR_CHILDREN_ASKED, CHILDREN_HINTED = -0.35, 0.06, -0.12
FOR_OLDER, OLDER_HINTED = -0.12, -0.06
FOR_VETERANS = -0.10
# Of three services at most one is for women or for men only, where that was not asked: the last.
A_GROUP = 3
REFERRAL = -0.08
TIMES_UNKNOWN, RAN_OUT = -0.04, -0.15
SOON, TODAY = 0.03, 0.12
STALE = ((5 * 365, -0.15), (2 * 365, -0.06))
NEVER_CHECKED = -0.02
A_KILOMETRE, FARTHEST = -0.006, -0.10
TOO_FAR_SAID = 2.0
# Below this share of the best, and below this nearness, a service is far-fetched.
FLOOR_SHARE, FLOOR = 0.5, 0.3
# By meaning alone, where no service is listed under a need: only a close one will do.
CLOSE = 0.62

CHILD_WORDS = re.compile(
    r"\b(kids?|child(ren)?|sons?|daughters?|lads?|boys?|girls?|teen(s|agers?)?|bab(y|ies)|toddlers?|"
    r"grand(son|daughter|kids?|children)|school|youngest|eldest|\d{1,2}[ -]?(yr|year)s?[ -]?old)\b",
    re.IGNORECASE,
)
OLDER_WORDS = re.compile(
    r"\b(older|elderly|pension(er)?|retired|nans?|nana|gran(dad|dma|ny)?|mum|mam|dad|widow(er)?)\b",
    re.IGNORECASE,
)
VETERAN_WORDS = re.compile(r"\b(army|navy|raf|forces|veteran|soldier|military|war|served)\b", re.I)
TODAY_WORDS = re.compile(r"\b(today|tonight|right now|this (morning|afternoon|evening))\b", re.I)
FAR_WORDS = re.compile(r"\b(too far|can'?t travel|can not travel|no way of getting|bus fare)", re.I)
# What makes a service easier for somebody with this in the way.
EASED_BY: dict[str, tuple[str, ...]] = {
    "social": ("accompanies", "visits_home"),
    "practical": ("helps_with_forms", "by_phone", "drop_in"),
    "procedural": ("helps_with_forms", "no_referral", "drop_in"),
    "informational": ("helps_with_forms", "drop_in"),
    "financial": ("free",),
    "physical": ("visits_home", "by_phone"),
}


@dataclass(frozen=True)
class Question:
    """What was asked, as all of the ranking needs it.

    `sure` says how sure each need is, where needs were heard and not yet confirmed.
    """

    needs: tuple[str, ...]
    words: str
    asker: Asker
    strengths: frozenset[str]
    profile: Profile
    plain_words: str = ""
    sure: dict[str, float] | None = None
    children: bool = field(init=False)
    older: bool = field(init=False)
    veteran: bool = field(init=False)
    urgent: bool = field(init=False)
    far: bool = field(init=False)

    def __post_init__(self) -> None:
        said = f"{self.words} {self.plain_words}"
        older = self.asker.age is not None or bool(OLDER_WORDS.search(said))
        for name, value in (
            ("children", bool(CHILD_WORDS.search(said))),
            ("older", older),
            ("veteran", bool(VETERAN_WORDS.search(said))),
            ("urgent", bool(TODAY_WORDS.search(said))),
            ("far", bool(FAR_WORDS.search(said))),
        ):
            object.__setattr__(self, name, value)

    @property
    def sureness(self) -> dict[str, float]:
        """How sure each need is: 1 for those that were confirmed."""
        return self.sure if self.sure is not None else dict.fromkeys(self.needs, 1.0)


def listed(shelf: Shelf, sense: Sense, need: str) -> Floats:
    """How well each service is listed under a need, 0 to 1: by its record, or by what it says."""
    column = shelf.need_at.get(need)
    if column is None:
        return np.zeros(len(shelf), dtype=np.float32)
    weights = shelf.needs[:, column]
    if sense.meanings is None:
        return weights
    suggested = sense.meanings.suggested[column]
    return np.maximum(weights, np.where(suggested >= PLAINLY, SUGGESTED * suggested, 0.0))


def scores(
    shelf: Shelf, sense: Sense, question: Question, km: Floats | None, need: str = ""
) -> tuple[Floats, Floats]:
    """For each service how much it is for what was asked, and its whole score.

    `need` looks through one need's eyes.
    """
    sure = sureness(sense, question)
    relevance = sense.relevance(shelf, question.sureness, need)
    if need:
        relevance += np.float32(BY_NEED) * listed(shelf, sense, need)
    elif sure:
        each = [sure[n] * listed(shelf, sense, n) for n in sure]
        relevance += np.float32(BY_NEED) * np.max(each, axis=0)
    total = relevance + _eased(shelf, question, relevance) + _fit(shelf, question, km)
    for other in question.needs if need else ():
        if other != need:
            total += np.float32(OTHER_NEED) * (listed(shelf, sense, other) > 0)
    for about in ABOUT_ONE_THING - set(sure):
        total += np.float32(ABOUT_ANOTHER) * shelf.main_need(about)
    return relevance, total + _not_spoken_of(shelf, sense)


def sureness(sense: Sense, question: Question) -> dict[str, float]:
    """How sure each need is; what was only heard is joined by what the situations tell."""
    sure = question.sureness
    if question.sure is None or sense.likely is None or sense.situated is None:
        return sure
    joined = dict(sure)
    for situation, likely in zip(sense.situated.all, sense.likely.tolist(), strict=True):
        told = min(1.0, (likely - IMPLIED_FROM) / (IMPLIED_TO - IMPLIED_FROM))
        if told > 0:
            joined[situation.need] = max(joined.get(situation.need, 0.0), IMPLIED * told)
    return joined


def unasked(shelf: Shelf, sense: Sense, question: Question) -> Flags:
    """Sensitive help that nobody here spoke of: never offered, however it is listed."""
    barred = np.zeros(len(shelf), dtype=bool)
    sure = sureness(sense, question)
    for need in NOT_UNASKED - set(sure):
        barred |= shelf.main_need(need)
    if sense.likely is None or sense.situated is None or sense.meanings is None:
        return barred
    for number, situation in enumerate(sense.situated.all):
        if situation.sensitive:
            mine = sense.meanings.sensitive == number
            if question.words and sense.likely[number] >= SPOKEN_OF:
                barred &= ~mine
            elif situation.need not in sure:
                barred |= mine
    if question.words and sense.text is not None:
        barred &= sense.text < ASKED_FOR
    return barred


def _not_spoken_of(shelf: Shelf, sense: Sense) -> Floats:
    """Sensitive help of a need that was voiced, but for something else than what was said."""
    loss = np.zeros(len(shelf), dtype=np.float32)
    if sense.likely is None or sense.meanings is None or sense.situated is None:
        return loss
    spoken = sense.likely >= min(SPOKEN_OF, float(sense.likely.max(initial=0.0)))
    has = np.flatnonzero(sense.meanings.sensitive >= 0)
    fits = sense.meanings.fits[np.ix_(spoken, has)].max(axis=0, initial=0)
    silent = ~spoken[sense.meanings.sensitive[has]] & (fits < ALSO_FOR)
    loss[has] = np.where(silent, NOT_SPOKEN_OF, 0.0)
    return loss


def _fit(shelf: Shelf, question: Question, km: Floats | None) -> Floats:
    """All that is known of a service apart from what it is near to."""
    asker = question.asker
    fit = np.zeros(len(shelf), dtype=np.float32)
    if question.strengths:
        fit += np.float32(STRENGTH) * (shelf.needs[:, shelf.need_at["volunteering"]] > 0)
    fit += np.float32(NATIONAL_LINE) * shelf.scope("national")
    fit += np.float32(REFERRAL) * shelf.feature("referral_only")
    fit += np.float32(SOME_PEOPLE_ONLY) * shelf.narrow
    fit += np.float32(MANY_TOPICS) * shelf.breadth
    fit += _audience(shelf, question)
    fit += _freshness(shelf, asker.now)
    if km is not None:
        steep = TOO_FAR_SAID if question.far else 1.0
        near = np.maximum(FARTHEST * steep, A_KILOMETRE * steep * km)
        fit += np.where(np.isnan(km), 0.0, near).astype(np.float32)
    return fit


def _eased(shelf: Shelf, question: Question, relevance: Floats) -> Floats:
    """What helps past a barrier, as far as the service is for what was asked at all."""
    gain = np.zeros(len(shelf), dtype=np.float32)
    for barrier in question.asker.barriers:
        eased = np.zeros(len(shelf), dtype=np.float32)
        for name in EASED_BY.get(barrier, ()):
            eased += _has(shelf, name)
        gain += np.where(eased > 0, BARRIER + BARRIER_AGAIN * (eased - 1), 0.0).astype(np.float32)
    best = float(relevance.max(initial=0.0))
    if best <= 0 or not question.words:
        return gain
    near = np.clip((relevance / np.float32(best) - EASES_FROM) / (1 - EASES_FROM), 0.0, 1.0)
    return np.asarray(gain * near, dtype=np.float32)


def _has(shelf: Shelf, feature: str) -> Flags:
    return shelf.free if feature == "free" else shelf.feature(feature)


def _audience(shelf: Shelf, question: Question) -> Floats:
    fit = np.zeros(len(shelf), dtype=np.float32)
    age = question.asker.age
    if age is None:
        young = shelf.high < 19
        fit += np.where(young, FOR_CHILDREN_ASKED if question.children else FOR_CHILDREN, 0.0)
        if not question.children:
            fit += np.where(shelf.audience("children") & ~young, CHILDREN_HINTED, 0.0)
    elif age >= 20 and not question.children:
        fit += np.where(shelf.audience("children"), CHILDREN_HINTED, 0.0)
    if not question.older:
        old = shelf.low >= 50
        fit += np.where(old, FOR_OLDER, 0.0)
        fit += np.where(shelf.audience("older") & ~old, OLDER_HINTED, 0.0)
    if not question.veteran:
        fit += np.where(shelf.audience("veterans"), FOR_VETERANS, 0.0)
    return fit


def _freshness(shelf: Shelf, now: datetime) -> Floats:
    days = now.date().toordinal() - shelf.assured
    losses = [np.float32(loss) for _, loss in STALE]
    found = np.select([days > limit for limit, _ in STALE], losses, default=np.float32(0))
    return np.where(shelf.assured == 0, np.float32(NEVER_CHECKED), found).astype(np.float32)


def timing(candidate: Candidate, question: Question) -> float:
    """Sooner is better; a timetable that ran out is worse than none."""
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
