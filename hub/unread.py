"""Making the meanings of what is new in a directory, a little at a time.

Texts are read, embedded and written down in turn, and no transaction is open while they are
embedded. Each batch is safe once it is written, so whoever is cut off goes on there. Until all is
done, matching goes by needs and words, and by the meanings there are.
"""

from collections.abc import Iterator
from itertools import batched, chain

from sqlalchemy import select

from hub.catalogue import texts_of
from hub.database import Database
from hub.entries import Reader
from hub.keywords import Vocabulary
from hub.meaning import Meaning, Telling
from hub.places import Places
from hub.profile import Profile
from hub.services import Service
from hub.situations import situations

SERVICES_AT_ONCE = 900
TEXTS_AT_ONCE = 256


def make_meanings(
    database: Database,
    profile: Profile,
    places: Places,
    meaning: Meaning,
    telling: Telling | None = None,
    most: int | None = None,
) -> int:
    """Embed every text that has no vector yet, at most `most`; how many were made.

    `telling` hears how many services were looked through, of how many, as long as any is new.
    """
    made = _make(database, meaning, _of_situations(), most)
    keys = _keys(database, profile)
    done = 0
    for some in batched(keys, SERVICES_AT_ONCE):
        reader = Reader(profile, places, Vocabulary())
        with database.reading() as session:
            texts = [
                text
                for entry in reader.read(session, some)
                for text in (*entry.topics, *texts_of(entry))
            ]
        left = None if most is None else most - made
        fresh = _make(database, meaning, texts, left)
        done += len(some)
        if telling and fresh:
            telling(done, len(keys))
        made += fresh
    return made


def _make(database: Database, meaning: Meaning, texts: list[str], most: int | None) -> int:
    with database.reading() as session:
        fresh = meaning.unread(session, texts)[:most]
    for some in batched(fresh, TEXTS_AT_ONCE):
        meaning.make(some)
        with database.writing() as session:
            meaning.save(session)
    return len(fresh)


def _of_situations() -> list[str]:
    parts: Iterator[str] = chain.from_iterable((*one.calls, *one.says) for one in situations())
    return list(parts)


def _keys(database: Database, profile: Profile) -> list[int]:
    with database.reading() as session:
        rows = session.scalars(
            select(Service.key)
            .where(
                Service.hub_id == profile.id,
                Service.withdrawn_at.is_(None),
                Service.twin_of.is_(None),
            )
            .order_by(Service.key)
        )
        return list(rows)
