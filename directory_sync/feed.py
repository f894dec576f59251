"""Which feed a source is: by id, by address, by what it holds, or a new one."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.feeds import Feed
from hub.people import Hub
from hub.profile import Profile
from hub.services import Service

# A new address is the same feed when this share of its ids is stored under one feed.
SAME_FEED_SHARE = 0.5


def known_feed(session: Session, profile: Profile, source: str, feed_id: str | None) -> Feed | None:
    """The feed's row by its id or its source; None where only its services could tell."""
    _have_hub(session, profile)
    by_source = {resolved(profile, feed.source): feed.id for feed in profile.feeds}
    name = feed_id or by_source.get(resolved(profile, source)) or by_source.get(source)
    if name is None:
        name = session.scalar(
            select(Feed.id).where(Feed.hub_id == profile.id, Feed.source == source)
        )
    return None if name is None else _named(session, profile, name, source)


def feed_for(
    session: Session, profile: Profile, source: str, feed_id: str | None, ids: Sequence[str]
) -> Feed:
    """The feed's row: by id, by source, by the ids of its services, else a new one."""
    known = known_feed(session, profile, source, feed_id)
    if known is not None:
        return known
    name = _moved(session, profile.id, ids) or _named_after(source)
    return _named(session, profile, name, source)


def _have_hub(session: Session, profile: Profile) -> None:
    if session.get(Hub, profile.id) is None:
        session.add(Hub(id=profile.id, name=profile.name))
        session.flush()


def _named(session: Session, profile: Profile, name: str, source: str) -> Feed:
    order = {feed.id: number for number, feed in enumerate(profile.feeds)}
    feed = session.get(Feed, (profile.id, name))
    if feed is None:
        feed = Feed(hub_id=profile.id, id=name, source=source, owner="")
        session.add(feed)
    configured = next((f for f in profile.feeds if f.id == name), None)
    feed.owner = configured.owner if configured else feed.owner or ""
    feed.position = order.get(name, len(order))
    session.flush()
    return feed


def _moved(session: Session, hub_id: str, ids: Sequence[str]) -> str | None:
    """A feed that already holds most of these ids: it only has a new address."""
    ids = ids[:500]
    if not ids:
        return None
    row = session.execute(
        select(Service.feed_id, func.count())
        .where(Service.hub_id == hub_id, Service.id.in_(ids))
        .group_by(Service.feed_id)
        .order_by(func.count().desc())
    ).first()
    return row[0] if row and row[1] >= SAME_FEED_SHARE * len(ids) else None


def _named_after(source: str) -> str:
    tail = re.sub(r"[^a-z0-9]+", "-", source.lower().split("://")[-1]).strip("-")
    mark = hashlib.sha256(source.encode()).hexdigest()[:6]
    return f"{tail[-40:].strip('-')}-{mark}"


def resolved(profile: Profile, source: str) -> str:
    if "://" in source:
        return source
    path = Path(source)
    beside = profile.folder / source
    return str((beside if not path.exists() and beside.exists() else path).resolve())
