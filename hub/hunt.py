"""One question against the directory: lists, a fair share of them, and matches with reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from sqlalchemy.orm import Session

from hub import ranking, sieve
from hub.candidates import Candidate, Candidates
from hub.eligible import ORDER, for_little_ones, kilometres, refusal
from hub.meaning import Floats
from hub.places import spoken_travel
from hub.ranking import Question
from hub.sense import Sense
from hub.shelf import Flags, Shelf
from hub.sieve import FITS
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

# Times are worked out for those that may be shown, and for this many more.
SPARE = 9
# So many are looked at, where much is shut today.
LOOKED_AT_MOST = 400
# A need that was heard at least this surely has a place among the first three.
SURE = 0.7
FIRST = 3


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


@dataclass(frozen=True)
class Offer:
    """One service in a list. `twin` is the same for one service from two feeds or offices."""

    score: float
    need: str
    candidate: Candidate
    twin: str


class Hunt:
    """`by_needs` where needs are certain, `by_words` where they were only heard, or not at all."""

    def __init__(
        self,
        session: Session,
        shelf: Shelf,
        sense: Sense,
        question: Question,
        candidates: Candidates,
        limit: int,
    ) -> None:
        self._session, self._shelf, self._sense = session, shelf, sense
        self._question, self._candidates, self._limit = question, candidates, limit
        self._km = sieve.distances(shelf, question.asker.place)
        self._refused = sieve.refusals(shelf, question.asker, question.profile, self._km)
        self._barred = ranking.unasked(shelf, sense, question)

    def by_needs(self) -> Found:
        """A list for each need, and the best of each in turn."""
        lists: list[list[Offer]] = []
        unmet: list[tuple[str, Unmet]] = []
        for need in self._question.needs:
            relevance, scores = ranking.scores(
                self._shelf, self._sense, self._question, self._km, need
            )
            mine = ranking.listed(self._shelf, self._sense, need) > 0
            if not mine.any() and self._sense.meanings is not None:
                # Nothing is listed under it: only what is close in meaning will do.
                mine = relevance >= ranking.CLOSE
            fitting = self._fitting(mine)
            offers = self._offers(need, scores, self._near_enough(fitting, relevance))
            if offers:
                lists.append(offers)
            else:
                unmet.append((need, self._reason(mine)))
        return self._found(_in_turn(lists, self._limit), unmet)

    def by_words(self) -> Found:
        """One list by what was said, in which each need that was surely heard has its place."""
        relevance, scores = ranking.scores(self._shelf, self._sense, self._question, self._km)
        everything = self._fitting(np.ones(len(self._shelf), dtype=bool))
        near = self._near_enough(everything, relevance)
        sureness = self._question.sureness
        under = {n: ranking.listed(self._shelf, self._sense, n) for n in self._question.needs}
        unmet = [
            (need, self._reason(weights > 0))
            for need, weights in under.items()
            if not (everything & (weights > 0)).any()
        ]
        offers = self._offers("", scores, near)
        sure = [need for need in under if sureness.get(need, 0.0) >= SURE]
        if len(sure) > 1:
            for need in sure:
                offers += self._offers(need, scores, near & (under[need] > 0), spare=0)
        named = [replace(o, need=self._need_of(o.candidate, under, sureness)) for o in offers]
        return self._found(_balanced(named, sure)[: self._limit], unmet)

    def _fitting(self, mine: Flags) -> Flags:
        return np.asarray((self._refused == FITS) & mine & ~self._barred, dtype=bool)

    def _near_enough(self, fitting: Flags, relevance: Floats) -> Flags:
        """Without what is far-fetched, where there are words to tell by."""
        if not self._question.words or self._sense.meanings is None or not fitting.any():
            return fitting
        best = float(relevance[fitting].max())
        return fitting & (relevance >= max(ranking.FLOOR_SHARE * best, ranking.FLOOR))

    def _reason(self, mine: Flags) -> Unmet:
        """Why a need has nothing: the reason of the service that came furthest."""
        found = {ORDER[code] for code in set(self._refused[mine].tolist()) if code != FITS}
        if self._question.asker.today and self._fitting(mine).any():
            found.add(Unmet.CLOSED_THEN)
        return max(found, key=ORDER.index, default=Unmet.NO_SERVICE)

    def _offers(self, need: str, scores: Floats, fitting: Flags, spare: int = SPARE) -> list[Offer]:
        """The best of a list, each looked at closely, and in the order that their times give."""
        found: list[Offer] = []
        rows = self._best_first(scores, fitting)
        while len(found) < self._limit:
            chunk = list(islice(rows, self._limit + spare))
            if not chunk:
                break
            entries = [self._shelf.entries[row] for row in chunk]
            read = self._candidates.of_keys(
                self._session, [(entry.key, entry.content_hash) for entry in entries]
            )
            at = {candidate.key: candidate for candidate in read}
            for row, entry in zip(chunk, entries, strict=True):
                candidate = at.get(entry.key)
                if candidate is None or self._refusal(candidate) is not None:
                    continue
                if for_little_ones(candidate, need, self._question.asker.age):
                    continue
                score = float(scores[row]) + ranking.timing(candidate, self._question)
                found.append(Offer(score, need, candidate, entry.twin))
        found.sort(key=lambda offer: -offer.score)
        return found if self._question.asker.sex else _one_sex_last(found)

    def _refusal(self, candidate: Candidate) -> Unmet | None:
        return refusal(candidate, self._question.asker, self._question.profile)

    def _best_first(self, scores: Floats, fitting: Flags) -> Iterator[int]:
        rows = np.flatnonzero(fitting)
        if len(rows) > LOOKED_AT_MOST:
            rows = rows[np.argpartition(-scores[rows], LOOKED_AT_MOST)[:LOOKED_AT_MOST]]
        seen: set[str] = set()
        for row in rows[np.argsort(-scores[rows], kind="stable")].tolist():
            twin = self._shelf.entries[row].twin
            if twin not in seen:
                seen.add(twin)
                yield row

    def _need_of(
        self, candidate: Candidate, under: dict[str, Floats], sureness: dict[str, float]
    ) -> str:
        """The heard need that a service helps with, the surest first; else its own."""
        row = self._shelf.at[candidate.key]
        helped = {n: sureness.get(n, 0.0) * float(w[row]) for n, w in under.items() if w[row] > 0}
        return max(helped, key=lambda need: helped[need]) if helped else candidate.main_need

    def _found(self, offers: Sequence[Offer], unmet: list[tuple[str, Unmet]]) -> Found:
        return Found(tuple(_match(offer, self._question) for offer in offers), tuple(unmet))


def _in_turn(lists: list[list[Offer]], limit: int) -> list[Offer]:
    """The best of each need in turn, no service twice and no twin of it from another feed."""
    taken: list[Offer] = []
    seen: set[str] = set()
    queues = [iter(one) for one in lists]
    for _ in range(max(map(len, lists), default=0)):
        for queue in queues:
            if len(taken) >= limit:
                return taken
            offer = next((one for one in queue if one.twin not in seen), None)
            if offer is not None:
                seen.add(offer.twin)
                taken.append(offer)
    return taken


def _balanced(offers: list[Offer], sure: list[str]) -> list[Offer]:
    """Best first, but each sure need is served among the first three, as far as there is room."""
    left = list({offer.twin: offer for offer in offers}.values())
    left.sort(key=lambda offer: -offer.score)
    taken: list[Offer] = []
    unserved = list(sure) if len(sure) > 1 else []
    while left:
        pick = left[0]
        if len(taken) < FIRST and len(unserved) >= FIRST - len(taken):
            pick = next((offer for offer in left if offer.need in unserved), pick)
        left.remove(pick)
        taken.append(pick)
        if pick.need in unserved:
            unserved.remove(pick.need)
    return taken


def _one_sex_last(ordered: list[Offer]) -> list[Offer]:
    """Every third place may go to a service for one sex only, if it would have come by then."""
    single = [o for o in ordered if o.candidate.features & {"women_only", "men_only"}]
    everyone = [o for o in ordered if not o.candidate.features & {"women_only", "men_only"}]
    merged: list[Offer] = []
    while everyone:
        last_of_group = len(merged) % ranking.A_GROUP == ranking.A_GROUP - 1
        if last_of_group and single and single[0].score >= everyone[0].score:
            merged.append(single.pop(0))
        else:
            merged.append(everyone.pop(0))
    return merged + single


def _match(offer: Offer, question: Question) -> Match:
    candidate, asker = offer.candidate, question.asker
    when = spoken_when(candidate, asker.now)
    km = kilometres(candidate, asker.place)
    travel = spoken_travel(km) if km is not None else None
    why = reasons(candidate, when=when, travel=travel, barriers=asker.barriers)
    return Match(
        service_id=candidate.id,
        name=texted(candidate.name),
        need=offer.need or candidate.main_need,
        score=round(offer.score, 3),
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
