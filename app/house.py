"""The composition root: settings in, running parts out. The command line is `app/cli.py`."""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.keys import local_key
from hub import migrations, users
from hub.calendar import Calendar
from hub.clock import Clock, clock_from
from hub.crypto import Cipher
from hub.database import Database
from hub.errors import Misconfigured
from hub.places import Places, places_of
from hub.profile import Profile, load_profile
from hub.settings import Settings
from hub.words import Words

# Each process imports only the parts it uses: the action server needs no ears, the web no Rasa.
if TYPE_CHECKING:
    from actions.turn import Office
    from bot.channels.registry import Registry
    from bot.channels.telegram_polling import Poller
    from bot.chores import Chores
    from bot.converse import Desk
    from bot.deliver import Deliverer
    from bot.sweep import Sweep
    from directory_sync.files import Progress
    from directory_sync.run import SyncResult
    from hub.matching import Matcher
    from nlu.embedding import Embedding
    from nlu.hearer import Hearer

MIN_SECRET = 32
# New texts that somebody waits for: some minutes of work at most. The worker makes the others.
PREPARED_AT_ONCE = 20_000


@dataclass(frozen=True)
class House:
    """Everything the processes share. Parts are made when they are first used."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        """The record. Raises Misconfigured where PostgreSQL is used without an encryption key.

        A hub on one machine, with SQLite, gets a key of its own at first use (`app/keys.py`).
        """
        key = self.settings.encryption_key.get_secret_value() or local_key(self.settings)
        return Database(self.settings.database_url, Cipher(key))

    @cached_property
    def profile(self) -> Profile:
        """The hub's own settings."""
        return load_profile(self.settings.hub_folder)

    @cached_property
    def calendar(self) -> Calendar:
        """The hub's opening hours."""
        return Calendar(self.profile)

    @cached_property
    def words(self) -> Words:
        """Every line a resident can read."""
        return Words.load("en", own=self.profile.folder / "words", hub=self.profile.name)

    @cached_property
    def clock(self) -> Clock:
        """The time, rehearsed or real: with PostgreSQL, its server's."""
        return clock_from(self.settings.clock) if self.settings.clock else self.database.clock()

    @property
    def hearer_model(self) -> Path:
        """The folder of the newest trained hearer; it may not exist yet."""
        return self.settings.models_folder / "hearer"

    @cached_property
    def hearer(self) -> "Hearer":
        """Ears, with the newest trained model; words only where there is none."""
        from nlu.hearer import Hearer

        return Hearer.load(
            self.hearer_model,
            embedding=self.settings.embedding_model,
            places=self.places.names(),
        )

    @cached_property
    def channels(self) -> "Registry":
        """Every channel whose settings are filled in."""
        from bot.channels.registry import make_registry

        return make_registry(self.settings)

    @cached_property
    def embedding(self) -> "Embedding | None":
        """The embedding as it comes, for the directory; None where none is installed."""
        from nlu.embedding import Embedding, EmbeddingMissing

        try:
            return Embedding.open(self.settings.embedding_model)
        except EmbeddingMissing:
            return None

    @cached_property
    def matcher(self) -> "Matcher":
        """Finds services: by need, by meaning and by words. On one core, as all of a process."""
        from threadpoolctl import threadpool_limits

        from hub.matching import Matcher
        from nlu.normalise import plain

        # One question is a few short products; threads that wait for a busy core cost far more.
        threadpool_limits(1, "blas")
        opened = self.embedding
        embed, model = (opened.encode, opened.fingerprint) if opened else (None, "")
        return Matcher(self.profile, self.places, embed, model, plain)

    @cached_property
    def places(self) -> Places:
        """The districts and place names of the hub."""
        return places_of(self.profile.folder)

    @cached_property
    def desk(self) -> "Desk":
        """What the worker needs for a turn."""
        from bot.converse import Desk
        from bot.rasa import Rasa

        if self.profile.on_call:
            # Saying "I have told the worker on call" without telling anybody would be a lie.
            raise Misconfigured("hub.yml: on_call: paging is not built yet; leave it empty")
        return Desk(
            hub_id=self.profile.id,
            database=self.database,
            hearer=self.hearer,
            rasa=Rasa(self.settings.rasa_url, self.settings.rasa_timeout),
            words=self.words,
            calendar=self.calendar,
            clock=self.clock,
            places=self.places,
        )

    @cached_property
    def office(self) -> "Office":
        """What every action may use."""
        from actions.turn import Office

        return Office(
            database=self.database,
            words=self.words,
            profile=self.profile,
            calendar=self.calendar,
            clock=self.clock,
            match=self.matcher,
        )

    @cached_property
    def deliverer(self) -> "Deliverer":
        """Sends what is queued."""
        from bot.deliver import Deliverer

        return Deliverer(
            self.database,
            self.channels,
            self.clock,
            self.profile.id,
            self.settings.send_lease_seconds,
        )

    @cached_property
    def sweep(self) -> "Sweep":
        """Reads Twilio's lists for what its webhooks missed."""
        from bot.sweep import Sweep

        return Sweep(
            self.database,
            self.channels,
            self.settings.hub,
            self.clock,
            self.settings.sweep_seconds,
        )

    @cached_property
    def chores(self) -> "Chores":
        """What the worker does besides answering: follow-ups, erasures, retention."""
        from app.feeds import FeedsOnTime
        from app.links import LinksOnTime
        from app.meanings import MeaningsOnTime
        from bot.chores import Chores

        more = (FeedsOnTime(self), MeaningsOnTime(self), LinksOnTime(self))
        return Chores(self.desk, self.profile, more=more)

    @cached_property
    def poller(self) -> "Poller | None":
        """Asks Telegram for updates, where polling is turned on."""
        from functools import partial

        from bot.channels.telegram_polling import poller
        from bot.webhooks import take_in

        store = partial(
            take_in,
            self.database,
            self.settings.hub,
            clock=self.clock,
            ways=self.channels.ways,
        )
        return poller(self.settings, self.database, self.clock, store)

    def read_directory(self) -> int:
        """Read the directory and its meaning into memory; what is new is kept as it is made."""

        def telling(done: int, of: int) -> None:
            print(f"goodhelp: reading new services, {done} of {of}", file=sys.stderr)

        self.matcher.make_meanings(self.database, telling, PREPARED_AT_ONCE)
        with self.database.reading() as session:
            return self.matcher.prepare(session)

    def prepare(self, hub: str = "") -> Database:
        """The record, brought to the newest schema, with the hub's row. Safe to run again."""
        migrations.upgrade(self.database)
        profile = load_profile(self.settings.hubs_folder / hub) if hub else self.profile
        with self.database.writing() as session:
            users.add_hub(session, profile.id, profile.name)
        return self.database

    def ready_database(self) -> Database:
        """The record, refused where its schema is older than the code."""
        if not migrations.is_current(self.database):
            raise Misconfigured("the database has an older schema: run `goodhelp migrate`")
        return self.database

    def refuse_weak_keys(self) -> None:
        """Raises Misconfigured where staff sessions could be forged."""
        if len(self.settings.secret_key.get_secret_value()) < MIN_SECRET:
            raise Misconfigured(
                f"GOODHELP_SECRET_KEY needs {MIN_SECRET} characters or more: run `goodhelp keys`"
            )

    def train_hearer(self, say: Callable[[str], None]) -> None:
        """Train the hearer, or find that the one on disk is up to date."""
        from nlu import train

        train.ensure(self.hearer_model, embedding=self.settings.embedding_model, say=say)

    def sync(
        self,
        source: str,
        *,
        hub: str = "",
        dry_run: bool = False,
        force: bool = False,
        progress: "Progress | None" = None,
    ) -> "SyncResult":
        """Read a directory in. See `app.feeds.read_feed`."""
        from app.feeds import read_feed

        profile = load_profile(self.settings.hubs_folder / hub) if hub else self.profile
        return read_feed(self, profile, source, dry_run=dry_run, force=force, progress=progress)


def quiet_logging() -> None:
    """Ids and names of failures only. Libraries that print addresses or bodies are silenced."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "httpcore", "twilio", "rasa_sdk", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # These write down what a provider answered, and a text of ours may stand in it.
    for name in ("twilio.http_client", "telegram", "sqlalchemy.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
