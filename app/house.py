"""The composition root: settings in, running parts out. The command line is `app/cli.py`."""

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hub import migrations
from hub.calendar import Calendar
from hub.clock import Clock, clock_from
from hub.crypto import Cipher
from hub.database import Database
from hub.errors import Misconfigured
from hub.profile import Profile, load_profile
from hub.settings import Settings
from hub.words import Words

# Each process imports only the parts it uses: the action server needs no ears, the web no Rasa.
if TYPE_CHECKING:
    from actions.turn import Office
    from bot.channels.registry import Registry
    from bot.converse import Desk
    from bot.deliver import Deliverer
    from hub.matching import Matcher
    from nlu.hearer import Hearer


@dataclass(frozen=True)
class House:
    """Everything the processes share. Parts are made when they are first used."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        """The record. Raises Misconfigured where the encryption key is missing."""
        key = self.settings.encryption_key.get_secret_value()
        if not key:
            raise Misconfigured(
                "GOODHELP_ENCRYPTION_KEY is not set: run `goodhelp keys` and keep what it prints"
            )
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
        return Words.load("en", hub=self.profile.name)

    @cached_property
    def clock(self) -> Clock:
        """The time, real or rehearsed."""
        return clock_from(self.settings.clock)

    @property
    def hearer_model(self) -> Path:
        """The folder of the newest trained hearer; it may not exist yet."""
        return self.settings.models_folder / "hearer"

    @property
    def rasa_model(self) -> Path:
        """The newest trained Rasa model; it may not exist yet."""
        return self.settings.models_folder / "rasa" / "current.tar.gz"

    @cached_property
    def hearer(self) -> "Hearer":
        """Ears, with the newest trained model; words only where there is none."""
        from nlu.hearer import Hearer

        return Hearer.load(self.hearer_model, self.settings.embedding_model)

    @cached_property
    def channels(self) -> "Registry":
        """Every channel whose settings are filled in."""
        from bot.channels.registry import make_registry

        return make_registry(self.settings)

    @cached_property
    def matcher(self) -> "Matcher":
        """Finds services: by need, by meaning and by words."""
        from hub.matching import Matcher
        from hub.places import Places
        from nlu.embedding import Embedding

        places = Places.load(self.profile.folder / "places.csv")
        return Matcher(self.profile, places, Embedding.load(self.settings.embedding_model))

    @cached_property
    def desk(self) -> "Desk":
        """What the worker needs for a turn."""
        from bot.converse import Desk
        from bot.rasa import Rasa

        return Desk(
            database=self.database,
            hearer=self.hearer,
            rasa=Rasa(self.settings.rasa_url, self.settings.rasa_timeout),
            words=self.words,
            calendar=self.calendar,
            clock=self.clock,
            on_call=bool(self.profile.on_call),
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

        return Deliverer(self.database, self.channels, self.clock)

    def ready_database(self) -> Database:
        """The record, refused where its schema is older than the code."""
        if not migrations.is_current(self.database):
            raise Misconfigured("the database has an older schema: run `goodhelp migrate`")
        return self.database


def quiet_logging() -> None:
    """Ids and names of failures only. Libraries that print addresses or bodies are silenced."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "httpcore", "twilio", "telegram", "rasa_sdk", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("twilio.http_client").setLevel(logging.CRITICAL)
