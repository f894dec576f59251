"""Needs, place, time and person in; ranked services with reasons out, or why there is none.

Hard filters come first (`hub.sieve`, `hub.eligible`). Then each need has a list of its own, ranked
by what a service is known to help with and what it means, then by what is in the person's way,
freshness and distance. Stray words reorder a list; they never add a far-fetched service to it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hub import sieve
from hub.candidates import Candidates
from hub.catalogue import Catalogue
from hub.database import Database
from hub.eligible import Asker
from hub.hunt import Found, Hunt, Match
from hub.meaning import Embed, Meaning, Telling
from hub.places import Place, Places
from hub.profile import Profile
from hub.ranking import Question
from hub.sense import sense_of
from hub.shelf import Shelf
from hub.stated import own_sex
from hub.unread import make_meanings

# Texts in the words of residents to plain ones (`nlu.normalise.plain`).
Plain = Callable[[str], str]
# New texts that a whole preparation embeds: some minutes of work at most.
PREPARED_AT_ONCE = 20_000


class Matcher:
    """Finds services for one hub, keeping what it read. Safe to share between threads.

    `plain` puts residents' words into plain English before they are compared.
    """

    def __init__(
        self,
        profile: Profile,
        places: Places,
        embed: Embed | None = None,
        model: str = "default",
        plain: Plain | None = None,
    ) -> None:
        self.profile, self.places = profile, places
        self._plain = plain
        rule = profile.bank_holidays
        terms = [(term.first, term.last) for term in profile.school_terms]
        self._candidates = Candidates(profile.zone, rule.country, rule.subdivision, terms)
        self._catalogue = Catalogue(profile, places, Meaning(embed, model) if embed else None)

    def prepare(self, session: Session, telling: Telling | None = None) -> int:
        """Read the whole directory, and its meaning, before the first question; how many."""
        return self._read(session, PREPARED_AT_ONCE, telling)

    def prepare_words(self, session: Session) -> bool:
        """Read the directory with the meanings there are; whether none is missing."""
        self._read(session, 0)
        return self._catalogue.complete

    def make_meanings(
        self, database: Database, telling: Telling | None = None, most: int | None = None
    ) -> int:
        """Embed what is new and write it down, batch by batch; how many texts were new.

        See `hub.unread`. Questions are answered meanwhile.
        """
        if self._catalogue.meaning is None:
            return 0
        return make_meanings(
            database, self.profile, self.places, self._catalogue.meaning, telling, most
        )

    def _read(self, session: Session, most: int, telling: Telling | None = None) -> int:
        shelf, _ = self._catalogue.read(session, most=most, telling=telling, complete=True)
        # Words are counted when they are first asked for: better now than in the first question.
        shelf.keywords.scores("")
        return len(shelf)

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
        sure: Mapping[str, float] | None = None,
    ) -> Found:
        """The services that fit, at most `limit`, a fair share for each need.

        `when` is now, with a zone. `words` are the resident's own. `outcode` may be any part of a
        postcode, `place` a name that people use. `exclude` holds ids that were shown and not
        wanted. `today` refuses what does not open any more today. `sure` says how surely each
        need was heard, where nobody has confirmed them: then what was said decides as well.
        Without needs, services are found by the words alone.
        """
        shelf, meanings = self._catalogue.read(session)
        where = self._here(shelf, self.where(outcode, place))
        said = " ".join(words.split())
        plain = self._plain(said) if self._plain and said else said
        question = Question(
            needs=tuple(dict.fromkeys(needs)),
            words=said,
            plain_words=plain,
            asker=Asker(
                now=when,
                place=where,
                age=age,
                sex=sex or own_sex(f"{said} {plain}"),
                barriers=frozenset(barriers),
                exclude=frozenset(exclude),
                today=today,
            ),
            strengths=frozenset(strengths),
            profile=self.profile,
            sure=dict(sure) if sure is not None else None,
        )
        sense = sense_of(
            self._catalogue,
            shelf,
            meanings,
            words=question.words,
            plain_words=question.plain_words,
            needs=question.needs,
        )
        hunt = Hunt(session, shelf, sense, question, self._candidates, limit)
        return hunt.by_words() if sure is not None or not needs else hunt.by_needs()

    def where(self, outcode: str | None, place: str | Place | None = None) -> Place | None:
        """The place of a postcode or a name; a known name is finer than its district."""
        if isinstance(place, Place):
            return place
        named = self.places.of_name(place) if place else None
        return named or (self.places.of_outcode(outcode) if outcode else None)

    def _here(self, shelf: Shelf, place: Place | None) -> Place | None:
        """A place, unless the directory is of another part of the world: then it says nothing."""
        venue = (self.profile.venue.latitude, self.profile.venue.longitude)
        point = place.point if place and place.point else venue
        return None if place is None or sieve.is_elsewhere(shelf, point) else place


__all__ = ["Found", "Match", "Matcher"]
