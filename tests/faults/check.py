"""What must hold once everything has settled, whatever was killed."""

from collections import Counter, defaultdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.messages import WINDOW_CLOSED, Direction, Message, Status
from hub.people import Channel
from hub.tickets import Ticket, TicketEvent, Why


def check(session: Session, sent: list[dict[str, Any]], acknowledged: set[str]) -> str:
    """Every acknowledged message stored, one set of replies each, order kept, none sent twice.

    `sent` is what reached the provider, oldest first. Where it cannot be looked up (Telegram)
    one resend is allowed. Gives the figures in a line.
    """
    rows = session.scalars(select(Message).order_by(Message.id)).all()
    inbound = {row.provider_id: row for row in rows if row.direction == Direction.IN}
    assert acknowledged <= set(inbound), "an acknowledged message was lost"
    assert {row.status for row in inbound.values()} <= {Status.HANDLED}
    outbound: dict[tuple[str, str], list[Message]] = defaultdict(list)
    moments: dict[int, set[Any]] = defaultdict(set)
    for row in rows:
        if row.direction == Direction.OUT:
            if row.status == Status.HELD and row.reason == WINDOW_CLOSED:
                continue
            assert row.status in (Status.SENT, Status.DELIVERED), (row.status, row.reason)
            outbound[row.channel, row.conversation.address.value].append(row)
            moments[row.reply_to_id or 0].add(row.created_at)
    quiet = [row for row in inbound.values() if row.id not in moments]
    _told_to_a_person(session, quiet)
    doubled = [number for number, times in moments.items() if number and len(times) > 1]
    assert not doubled, "two sets of replies to one text"
    resent = 0
    for (channel, address), out in outbound.items():
        if channel == Channel.TELEGRAM:
            told = [one["text"] for one in sent if one["to"] == address]
            resent += _resent(told, out)
        else:
            _once_in_order([_ours(one) for one in sent if one["to"] == address], out)
    return (
        f"{len(inbound)} texts in, {sum(map(len, outbound.values()))} out, "
        f"{resent} sent again on Telegram, 0 on SMS, 0 lost, "
        f"{len(quiet)} behind a holding reply with a ticket"
    )


def _told_to_a_person(session: Session, quiet: list[Message]) -> None:
    """While Rasa is away one holding reply is said, not a row of them: what comes behind it is
    on the ticket, each text as an entry of its own.
    """
    by_conversation = Counter(row.conversation_id for row in quiet)
    for conversation_id, count in by_conversation.items():
        noted = session.scalar(
            select(func.count(TicketEvent.id))
            .join(Ticket)
            .where(Ticket.conversation_id == conversation_id, TicketEvent.text == Why.NO_ANSWER)
        )
        # The first entry came with the holding reply.
        assert noted is not None and noted > count, "somebody was left in silence"


def _ours(one: dict[str, Any]) -> int:
    """Our row of an SMS: each send names it in the address for its status."""
    (ours,) = parse_qs(urlsplit(one["callback"]).query)["message"]
    return int(ours)


def _once_in_order(sent: list[int], out: list[Message]) -> None:
    assert sorted(sent) == [row.id for row in out], "a text was lost or sent twice"
    # What is urgent may overtake; all others keep their order.
    calm = [row.id for row in out if not row.urgent]
    assert [ours for ours in sent if ours in calm] == calm, "out of order"


def _resent(told: list[str], out: list[Message]) -> int:
    """How many were sent again: each row once, or twice in a row where it was tried twice."""
    resent, at = 0, 0
    for number, row in enumerate(out):
        assert at < len(told) and told[at] == row.text, "a text was lost or out of order"
        at += 1
        spare = len(told) - at > len(out) - number - 1
        if spare and row.attempts > 1 and told[at] == row.text:
            at, resent = at + 1, resent + 1
    assert at == len(told), "a text was sent more than twice"
    return resent
