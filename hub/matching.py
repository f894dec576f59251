"""Needs, place, time and person in; ranked services with reasons out, or why there is none.

Hard filters come first (`hub.eligible`). Then each need has a list of its own, ranked by what a
service is known to help with, then by meaning and words, then by what is in the person's way,
freshness and distance. Stray words reorder a need's list; they never add to it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from hub.candidates import Candidate, Candidates
from hub.crosswalk import plain
from hub.eligible import ORDER, Asker, kilometres, refusal
from hub.meaning import Embed, Meaning
from hub.places import Place, Places, spoken_travel
from hub.profile import Profile
from hub.ranking import Question, Ranked, close_ones, ranked
from hub.topics import Unmet
from hub.wording import (
    reasons,
    spoken_booking,
    spoken_cost,
    spoken_eligibility,
    spoken_when,
    spoken_where,
    texted,
)


@dataclass(frozen=True)
class Match:
    """One service for one need. Every text is short and plain enough for a text message.

    `when` is the next time, `cost` the price or "cost not known". `why` holds up to four reasons.
    `text_to` is a number to text, with its keyword where it has one ("SHOUT to 85258").
    """

    service_id: str
    name: str
    need: str
    score: float
    when: str
    where: str
    cost: str
    why: tuple[str, ...]
    phone: str | None = None
    text_to: str | None = None
    url: str | None = None
    email: str | None = None
    eligibility: str | None = None
    booking: str | None = None
    organization: str = ""


@dataclass(frozen=True)
class Found:
    """Matches, best first, and for each need without one the reason."""

    matches: tuple[Match, ...] = ()
    unmet: tuple[tuple[str, Unmet], ...] = ()


def find(
    session: Session,
    needs: Sequence[str],
    *,
    profile: Profile,
    when: datetime,
    words: str = "",
    place: Place | None = None,
    age: int | None = None,
    sex: str | None = None,
    barriers: Collection[str] = (),
    strengths: Collection[str] = (),
    exclude: Collection[str] = (),
    channel: str = "sms",
    limit: int = 3,
    today: bool = False,
    embed: Embed | None = None,
    candidates: Candidates | None = None,
    meaning: Meaning | None = None,
) -> Found:
    """The services that fit, at most `limit`, a fair share for each need.

    `when` is now, with a zone. `words` are the resident's own. `exclude` holds ids that were
    shown and not wanted. `today` refuses what does not open any more today. Without needs,
    services are found by the words alone. `candidates` and `meaning` keep what was read from one
    question to the next.
    """
    candidates = candidates or candidates_of(profile)
    meaning = meaning or (Meaning(embed) if embed else None)
    question = Question(
        needs=tuple(dict.fromkeys(needs)),
        words=" ".join(words.split()),
        asker=Asker(
            now=when,
            place=place,
            age=age,
            sex=sex,
            barriers=frozenset(barriers),
            exclude=frozenset(exclude),
            today=today,
        ),
        strengths=frozenset(strengths),
        profile=profile,
    )
    if question.needs:
        pool = candidates.of_needs(session, profile.id, question.needs)
    else:
        pool = candidates.all(session, profile.id)
    refusals = {c.key: refusal(c, question.asker, profile) for c in pool}
    lists: list[list[Ranked]] = []
    unmet: list[tuple[str, Unmet]] = []
    for need in question.needs or ("",):
        mine = [c for c in pool if not need or need in c.needs]
        fitting = [c for c in mine if refusals[c.key] is None]
        if need and not fitting and not any(refusals[c.key] for c in mine):
            fitting = close_ones(session, candidates, meaning, question, need)
        if fitting:
            lists.append(ranked(session, meaning, question, need, fitting))
        elif need:
            seen = [reason for c in mine if (reason := refusals[c.key]) is not None]
            unmet.append((need, max(seen, key=ORDER.index, default=Unmet.NO_SERVICE)))
    shared = _share(lists, limit)
    matches = tuple(_match(score, need, c, question, channel) for score, need, c in shared)
    return Found(matches, tuple(unmet))


def candidates_of(profile: Profile) -> Candidates:
    """An empty cache of candidates for a hub."""
    rule = profile.bank_holidays
    terms = [(term.first, term.last) for term in profile.school_terms]
    return Candidates(profile.zone, rule.country, rule.subdivision, terms)


class Matcher:
    """`find` with a hub, its places and an embedding bound, keeping what it read.

    Safe to share between threads: each cache entry is written whole.
    """

    def __init__(
        self, profile: Profile, places: Places, embed: Embed | None = None, model: str = "default"
    ) -> None:
        self.profile, self.places = profile, places
        self._candidates = candidates_of(profile)
        self._meaning = Meaning(embed, model) if embed else None

    def prepare(self, session: Session) -> int:
        """Read the whole directory, and its meaning, before the first question; how many."""
        everything = self._candidates.all(session, self.profile.id)
        if self._meaning:
            self._meaning.prepare(session, everything)
        # Words are counted when they are first asked for: better now than in the first question.
        return sum(candidate.length > 0 for candidate in everything)

    def save_meanings(self, session: Session) -> int:
        """Keep the meaning of each service in the database, after a sync; how many were new."""
        everything = self._candidates.all(session, self.profile.id)
        return self._meaning.save(session, everything) if self._meaning else 0

    def __call__(
        self,
        session: Session,
        needs: Sequence[str],
        *,
        when: datetime,
        words: str = "",
        outcode: str | None = None,
        place: str | Place | None = None,
        age: int | None = None,
        sex: str | None = None,
        barriers: Collection[str] = (),
        strengths: Collection[str] = (),
        exclude: Collection[str] = (),
        channel: str = "sms",
        limit: int = 3,
        today: bool = False,
    ) -> Found:
        """As `find`. `outcode` may be any part of a postcode, `place` a name that people use."""
        return find(
            session,
            needs,
            profile=self.profile,
            when=when,
            words=words,
            place=self.where(outcode, place),
            age=age,
            sex=sex,
            barriers=barriers,
            strengths=strengths,
            exclude=exclude,
            channel=channel,
            limit=limit,
            today=today,
            candidates=self._candidates,
            meaning=self._meaning,
        )

    def where(self, outcode: str | None, place: str | Place | None = None) -> Place | None:
        """The place of a postcode or a name; a known name is finer than its district."""
        if isinstance(place, Place):
            return place
        named = self.places.of_name(place) if place else None
        return named or (self.places.of_outcode(outcode) if outcode else None)


def _share(lists: list[list[Ranked]], limit: int) -> list[Ranked]:
    """The best of each need in turn, no service twice and no twin of it from another feed."""
    taken: list[Ranked] = []
    seen: set[str] = set()
    queues = [iter(one) for one in lists]

    def next_new(queue_number: int) -> Ranked | None:
        for entry in queues[queue_number]:
            twin = plain(entry[2].name) + plain(entry[2].organization)
            if twin not in seen:
                seen.add(twin)
                return entry
        return None

    longest = max(map(len, lists), default=0)
    for _ in range(longest):
        for number in range(len(queues)):
            if len(taken) >= limit:
                return taken
            entry = next_new(number)
            if entry is not None:
                taken.append(entry)
    return taken


def _match(
    score: float, need: str, candidate: Candidate, question: Question, channel: str
) -> Match:
    asker = question.asker
    when = spoken_when(candidate, asker.now)
    km = kilometres(candidate, asker.place)
    travel = spoken_travel(km) if km is not None else None
    why = reasons(candidate, when=when, travel=travel, barriers=asker.barriers)
    return Match(
        service_id=candidate.id,
        name=texted(candidate.name),
        need=need or candidate.main_need,
        score=round(score, 3),
        when=when,
        where=spoken_where(candidate) or "ask where it is",
        cost=spoken_cost(candidate) or "cost not known",
        why=tuple(map(texted, why)),
        phone=candidate.phone,
        text_to=candidate.text_to,
        url=candidate.url,
        email=candidate.email,
        eligibility=spoken_eligibility(candidate),
        booking=spoken_booking(candidate),
        organization=texted(candidate.organization),
    )


__all__ = ["Found", "Match", "Matcher", "candidates_of", "find"]
