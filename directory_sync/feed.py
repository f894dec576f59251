"""Which feed a source is: by id, by address, by what it holds, or a new one."""

import hashlib
import re
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory_sync.staging import Staged
from hub.feeds import Feed
from hub.people import Hub
from hub.profile import Profile
from hub.services import Service

# A new address is the same feed when this share of its ids is stored under one feed.
SAME_FEED_SHARE = 0.5


def feed_for(
    session: Session, profile: Profile, source: str, feed_id: str | None, staged: Staged
) -> Feed:
    """The feed's row: by id, by source, by the ids of its services, else a new one."""
    if session.get(Hub, profile.id) is None:
        session.add(Hub(id=profile.id, name=profile.name))
        session.flush()
    order = {feed.id: number for number, feed in enumerate(profile.feeds)}
    by_source = {resolved(profile, feed.source): feed.id for feed in profile.feeds}
    name = feed_id or by_source.get(resolved(profile, source)) or by_source.get(source)
    if name is None:
        name = session.scalar(
            select(Feed.id).where(Feed.hub_id == profile.id, Feed.source == source)
        )
    name = name or _moved(session, profile.id, staged) or _named_after(source)
    feed = session.get(Feed, (profile.id, name))
    if feed is None:
        feed = Feed(hub_id=profile.id, id=name, source=source, owner="")
        session.add(feed)
    configured = next((f for f in profile.feeds if f.id == name), None)
    feed.owner = configured.owner if configured else feed.owner or ""
    feed.position = order.get(name, len(order))
    session.flush()
    return feed


def _moved(session: Session, hub_id: str, staged: Staged) -> str | None:
    """A feed that already holds most of these ids: it only has a new address."""
    ids = list(staged.records)[:500]
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
