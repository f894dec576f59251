"""`goodhelp chat`: a conversation in the terminal, through the same rows as any channel."""

import secrets
import time

from rich.console import Console
from sqlalchemy import select

from app.house import House
from hub import messages
from hub.messages import Direction, Inbound, Message
from hub.people import Channel, Reach

PATIENCE_SECONDS = 15.0
console = Console(highlight=False)


def converse(house: House) -> None:
    """Talk until an empty line or Ctrl-D. Needs Rasa, actions and a worker to be running."""
    reach = Reach(Channel.SIMULATOR, f"sms:chat-{secrets.token_hex(4)}")
    console.print("Write as a resident would. An empty line ends the conversation.\n")
    seen = 0
    while True:
        try:
            text = console.input("[bold]you[/bold]  ")
        except (EOFError, KeyboardInterrupt):
            return
        if not text.strip():
            return
        inbound = Inbound(reach, f"chat-{secrets.token_hex(8)}", text)
        with house.database.writing() as session:
            received = messages.receive(session, house.profile.id, inbound, house.clock())
        seen = _print_replies(house, received.conversation_id, received.message_id, seen)


def _print_replies(house: House, conversation_id: int, message_id: int, seen: int) -> int:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with house.database.reading() as session:
            handled = session.get_one(Message, message_id).status == messages.Status.HANDLED
            replies = session.scalars(
                select(Message)
                .where(
                    Message.conversation_id == conversation_id,
                    Message.direction == Direction.OUT,
                    Message.id > seen,
                )
                .order_by(Message.id)
            ).all()
        if handled:
            for reply in replies:
                options = "".join(f"\n       [{option}]" for option in reply.options)
                console.print(f"[green]hub[/green]  {reply.text}{options}\n")
            return max([seen, *(reply.id for reply in replies)])
        time.sleep(0.1)
    console.print("No answer yet. Is the worker running?  `goodhelp work`\n")
    return seen
