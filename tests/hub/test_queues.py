"""How much waits is what `/metrics` says."""

from prometheus_client import CollectorRegistry, generate_latest

from hub import messages, queues
from hub.conversations import Conversation
from hub.database import Database
from hub.messages import Author, Inbound, Reply
from hub.people import Channel, Reach
from tests.conftest import SetClock

RITA = Reach(Channel.SMS, "+447700900001")


def test_depths(database: Database, clock: SetClock) -> None:
    with database.reading() as session:
        empty = queues.depths(session, "croxteth", clock())
    assert (empty.inbound_waiting, empty.oldest_inbound_seconds, empty.outbound) == (0, 0, {})
    with database.writing() as session:
        for number in range(2):
            messages.receive(session, "croxteth", Inbound(RITA, f"SM{number}", "hi"), clock())
        conversation = session.query(Conversation).one()
        for _ in range(3):
            messages.queue_reply(
                session, conversation, Reply("hello"), author=Author.BOT, now=clock()
            )
    clock.move(seconds=90)
    registry = CollectorRegistry()
    with database.reading() as session:
        found = queues.depths(session, "croxteth", clock())
        queues.collect(session, registry, "croxteth", clock())
    assert found == queues.Depths(2, 90.0, {"queued": 3})
    shown = generate_latest(registry).decode()
    assert "goodhelp_inbound_waiting 2.0" in shown
    assert "goodhelp_inbound_oldest_seconds 90.0" in shown
    assert 'goodhelp_outbound_messages{status="queued"} 3.0' in shown
    assert 'goodhelp_outbound_messages{status="failed"} 0.0' in shown
