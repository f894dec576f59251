"""Reading the hub's feeds in, by hand or on time: settings and keys meet `directory_sync` here."""

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from directory_sync.feed import resolved
from directory_sync.fetch import Key, origin_of
from directory_sync.run import SyncResult, sync
from directory_sync.sources import silent
from hub.errors import GoodHelpError, Misconfigured
from hub.feeds import Feed, RunStatus, SyncRun
from hub.profile import FeedSource, Profile
from hub.settings import Settings

if TYPE_CHECKING:
    from app.house import House
    from directory_sync.files import Progress

log = logging.getLogger(__name__)

TRY_AGAIN = timedelta(hours=1)


def read_feed(
    house: "House",
    profile: Profile,
    source: str,
    *,
    dry_run: bool = False,
    force: bool = False,
    changes_only: bool = False,
    progress: "Progress | None" = None,
) -> SyncResult:
    """Read a source in. Whoever names an address at a terminal allows that one address.

    Redirects and links to other private addresses stay refused.
    """
    feed, feed_id = _configured(profile, source), None
    if feed is None and "://" not in source:
        with house.database.reading() as session:
            stored = session.get(Feed, (profile.id, source))
        if stored is not None:
            # Read in by hand before: its name stands for where it came from.
            feed_id, source = stored.id, stored.source
    allow, key = ([origin_of(source)] if "://" in source else []), None
    if feed is not None:
        if feed.allow_private and "://" in feed.source:
            allow = [*allow, origin_of(feed.source)]
        key = key_of(house.settings, feed)
    return sync(
        house.database,
        profile,
        source,
        feed_id=feed_id,
        clock=house.clock,
        dry_run=dry_run,
        force=force,
        allow=allow,
        progress=progress or silent,
        folder=house.settings.sync_folder,
        key=key,
        changes_only=changes_only,
        hold_back=(feed and feed.hold_back) or house.settings.hold_back_share,
    )


def key_of(settings: Settings, feed: FeedSource) -> Key | None:
    """A feed's key; None where it needs none. Raises Misconfigured where it is not set."""
    if not (feed.key_header or feed.key_parameter):
        return None
    secret = settings.feed_keys.get(feed.id)
    if secret is None:
        raise Misconfigured(f"feed {feed.id} needs a key: add it to GOODHELP_FEED_KEYS")
    return Key(
        origin=origin_of(feed.source),
        secret=secret.get_secret_value(),
        header=feed.key_header,
        parameter=feed.key_parameter,
    )


class FeedsOnTime:
    """Called by the worker again and again: reads a feed whose hours are over.

    In a thread of its own and one feed at a time, so that nothing else waits for a supplier. It
    ends with the process: a reading that is cut off goes on with the next.
    """

    def __init__(self, house: "House") -> None:
        self._house = house
        self._thread: threading.Thread | None = None

    def __call__(self) -> bool:
        """Begin the next reading that is due; False where none is."""
        if self._thread is not None and self._thread.is_alive():
            return False
        due = self.due()
        if due is None:
            return False
        self._thread = threading.Thread(target=self.read, args=(due,), name="feeds", daemon=True)
        self._thread.start()
        return True

    def due(self) -> FeedSource | None:
        """The first feed whose last reading is too long ago; a failed one is tried in an hour."""
        now = self._house.clock()
        profile = self._house.profile
        with self._house.database.reading() as session:
            for feed in profile.feeds:
                if not feed.every_hours:
                    continue
                last = session.execute(
                    select(SyncRun.started_at, SyncRun.status)
                    .where(SyncRun.hub_id == profile.id, SyncRun.feed_id == feed.id)
                    .order_by(SyncRun.id.desc())
                    .limit(1)
                ).first()
                wait = timedelta(hours=feed.every_hours)
                if last is None or now - last[0] >= wait:
                    return feed
                if last[1] in (RunStatus.FAILED, RunStatus.ABANDONED) and (
                    now - last[0] >= min(wait, TRY_AGAIN)
                ):
                    return feed
        return None

    def read(self, feed: FeedSource) -> SyncResult | None:
        """Read one feed; changes alone where a full reading is recent."""
        try:
            result = read_feed(self._house, self._house.profile, feed.id, changes_only=True)
        except GoodHelpError as error:
            log.error("feed not read feed=%s error=%s", feed.id, type(error).__name__)
            return None
        log.info("feed read feed=%s run=%s status=%s", feed.id, result.run_id, result.status)
        return result


def _configured(profile: Profile, source: str) -> FeedSource | None:
    for feed in profile.feeds:
        if source in (feed.id, feed.source) or source == resolved(profile, feed.source):
            return feed
    return None
