"""Signing in: passwords are hashed with Argon2id, and a wrong name costs the same time."""

from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.errors import BadInput
from hub.people import Hub, Role, User

MIN_PASSWORD = 10


def add_hub(session: Session, hub_id: str, name: str) -> Hub:
    """The hub's row; made where it is not there yet."""
    hub = session.get(Hub, hub_id)
    if hub is None:
        hub = Hub(id=hub_id, name=name)
        session.add(hub)
        session.flush()
    return hub


def add_user(
    session: Session, hub_id: str, name: str, role: Role, password: str, now: datetime
) -> User:
    """Add somebody who may sign in. Raises BadInput for a taken name or a short password."""
    if len(password) < MIN_PASSWORD:
        raise BadInput(f"The password needs at least {MIN_PASSWORD} characters.")
    if session.scalar(select(User).where(User.hub_id == hub_id, User.name == name)):
        raise BadInput("There is already somebody with that name at this hub.")
    user = User(
        hub_id=hub_id,
        name=name,
        role=role,
        password_hash=PasswordHasher().hash(password),
        active=True,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def sign_in(session: Session, hub_id: str, name: str, password: str) -> User | None:
    """The user whose name and password these are, or None."""
    hasher = PasswordHasher()
    user = session.scalar(
        select(User).where(User.hub_id == hub_id, User.name == name, User.active.is_(True))
    )
    if user is None:
        hasher.hash(password)
        return None
    try:
        hasher.verify(user.password_hash, password)
    except VerifyMismatchError:
        return None
    return user


def known(session: Session, hub_id: str, name: str) -> User | None:
    """The user of that name at a hub, if there is one."""
    return session.scalar(select(User).where(User.hub_id == hub_id, User.name == name))
