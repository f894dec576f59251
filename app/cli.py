"""The command line `goodhelp`. Each command is a few lines over the parts."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.house import House, quiet_logging
from hub.crypto import new_key
from hub.errors import GoodHelpError
from hub.people import Channel, Role
from hub.settings import Settings

app = typer.Typer(
    help="Good Help: from a text at midnight to a warm introduction.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user = typer.Typer(help="People who sign in to the inbox.", no_args_is_help=True)
app.add_typer(user, name="user")
places = typer.Typer(help="Postcodes and wards, offline.", no_args_is_help=True)
app.add_typer(places, name="places")


def main() -> None:
    """Run a command; a failure that we know is one line that says what to do."""
    quiet_logging()
    try:
        app()
    except GoodHelpError as error:
        print(f"goodhelp: {error}", file=sys.stderr)
        sys.exit(2)


@app.command()
def hear() -> None:
    """Hear needs and risks: JSON lines {"id", "text"} in, a line each out. Offline."""
    from nlu.stream import hear_lines, read_lines

    hear_lines(read_lines(sys.stdin.buffer), sys.stdout, House(Settings()).hearer)


@app.command()
def match(
    top: Annotated[int, typer.Option(help="At most this many services a line.")] = 10,
) -> None:
    """Find services: JSON lines {"id", "text"?, "needs"?, "postcode"?, ...} in, a line each out."""
    from hub.match_lines import match_lines

    house = House(Settings())
    house.prepare()
    house.read_directory()
    with house.database.reading() as session:
        match_lines(
            sys.stdin,
            sys.stdout,
            house.matcher,
            session,
            clock=house.clock,
            hear=house.hearer.hear,
            top=top,
        )


@app.command()
def hours() -> None:
    """Read opening hours in words: JSON lines {"id", "text"} in, times and doubts out. Offline."""
    from hub.hours.lines import hours_lines

    hours_lines(sys.stdin, sys.stdout)


@app.command()
def sync(
    source: Annotated[str, typer.Argument(help="A feed's URL, data package, file or feed id.")],
    as_hub: Annotated[str, typer.Option("--as", help="The hub it belongs to.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Say what would change; change nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Apply what was held back: you have looked.")
    ] = False,
) -> None:
    """Read a service directory in. Exit 3 when it is held back for a person to look at."""
    from app.progress import Telling, summary

    house = House(Settings())
    house.prepare(as_hub)
    with Telling() as telling:
        result = house.sync(source, hub=as_hub, dry_run=dry_run, force=force, progress=telling)
    summary(result)
    print(json.dumps(result.to_json()))
    raise typer.Exit(result.exit_status)


@app.command()
def twins(
    same: Annotated[int, typer.Option(help="The number of a pair that is the same service.")] = 0,
    different: Annotated[int, typer.Option(help="The number of a pair that is not.")] = 0,
) -> None:
    """Pairs of services from two feeds that may be the same, and your word on them."""
    from hub.twins import Twin, decide, waiting

    house = House(Settings())
    house.ready_database()
    with house.database.writing() as session:
        if same or different:
            twin = session.get(Twin, same or different)
            if twin is None or twin.hub_id != house.profile.id:
                raise typer.BadParameter("there is no pair with this number")
            decide(session, twin, bool(same), "command line", house.clock())
        for twin, first, second in waiting(session, house.profile.id):
            print(f"{twin.key}: {first.name} ({first.feed_id}, {first.id})")
            print(f"   {second.name} ({second.feed_id}, {second.id}): {twin.reasons}")


@app.command()
def template(path: Annotated[Path, typer.Argument(help="services.xlsx or services.csv")]) -> None:
    """Write a spreadsheet of services to fill in; read it with `goodhelp sync`."""
    from directory_sync.template import write_template

    if path.exists():
        raise typer.BadParameter(f"{path} is there already")
    write_template(path)
    print(f"{path} is ready to be filled in")


@app.command()
def serve(
    host: str = "127.0.0.1", port: Annotated[int, typer.Option(envvar="PORT")] = 8000
) -> None:
    """The web process: webhooks, inbox, insights, health."""
    from app import processes

    house = House(Settings())
    house.ready_database()
    house.refuse_weak_keys()
    processes.serve(house, host, port)


@app.command()
def work() -> None:
    """The worker: answers conversations and sends replies."""
    from app import processes

    house = House(Settings())
    house.ready_database()
    processes.work(house)


@app.command()
def actions(port: int = 5055) -> None:
    """The action server that Rasa calls, on loopback."""
    from app import processes

    house = House(Settings())
    house.ready_database()
    processes.act(house, port)


@app.command()
def rasa(port: int = 5005) -> None:
    """The Rasa island, on loopback."""
    from app import processes

    processes.rasa(Settings(), port)


@app.command()
def train() -> None:
    """Train the hearer, or reuse it where nothing it was trained from has changed."""
    House(Settings()).train_hearer(lambda line: print(f"    {line}", flush=True))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema and add the hub's row."""
    House(Settings()).prepare()
    print("the database is up to date")


@app.command()
def keys() -> None:
    """Print fresh keys for `.env`. Keep the encryption key safe: without it nothing can be read."""
    print(f"GOODHELP_SECRET_KEY={new_key()}\nGOODHELP_ENCRYPTION_KEY={new_key()}")


@app.command()
def chat() -> None:
    """A conversation in the terminal, through the whole stack."""
    from app.terminal import converse

    house = House(Settings())
    house.ready_database()
    converse(house)


@app.command("export")
def export_person(
    ticket: Annotated[int, typer.Argument(help="A ticket of the person; 0 asks for a number.")] = 0,
) -> None:
    """Everything held about one person, as JSON, to read through and hand over."""
    from app.handing_over import everything

    house = House(Settings())
    house.ready_database()
    number = "" if ticket else typer.prompt("Channel and number, as in sms +447700900001")
    print(json.dumps(everything(house, ticket, number), indent=2, ensure_ascii=False))


@app.command()
def channels(
    set_up: Annotated[
        bool, typer.Option("--set-up", help="Tell the providers where we are; make templates.")
    ] = False,
) -> None:
    """Set providers up, check that they let us in, show how messages fare. Exit 1 on trouble."""
    from app import channels as care

    house = House(Settings())
    if set_up:
        for line in care.set_up(house):
            print(line)
    for line in care.health(house):
        print(line)
    found = care.problems(house)
    for line in found:
        print(f"- {line}")
    if not found:
        print("every channel is in order")
    raise typer.Exit(1 if found else 0)


@app.command()
def check() -> None:
    """What needs a person: helplines, feeds, queues, channels. Exit 1 when something does."""
    from app.checks import every_check

    problems = every_check(House(Settings()))
    for problem in problems:
        print(f"- {problem}")
    if not problems:
        print("everything is in order")
    raise typer.Exit(1 if problems else 0)


@app.command()
def pause(channel: Channel) -> None:
    """Stop the bot on one channel at once. Messages are kept; people answer them."""
    from hub import pauses

    house = House(Settings())
    with house.ready_database().writing() as session:
        pauses.pause(session, house.profile.id, channel, house.clock())
    print(f"the bot is silent on {channel}; `goodhelp resume {channel}` lets it talk again")


@app.command()
def resume(channel: Channel) -> None:
    """Let the bot talk again on a channel that was paused."""
    from hub import pauses

    house = House(Settings())
    with house.ready_database().writing() as session:
        pauses.resume(session, house.profile.id, channel)
    print(f"the bot talks again on {channel}")


@app.command()
def demo(port: Annotated[int, typer.Option(envvar="PORT")] = 8000) -> None:
    """The whole product on this machine with the Croxteth demo hub."""
    from app import demo as demonstration

    raise typer.Exit(demonstration.run(port))


@places.command("load")
def load_places(
    file: Annotated[Path, typer.Argument(help="The ONS Postcode Directory: a CSV or its zip.")],
    hub: Annotated[str, typer.Option(help="Only for this hub; else for all of them.")] = "",
    names: Annotated[
        list[Path] | None, typer.Option(help="CSV of ward or council names; the zip has its own.")
    ] = None,
) -> None:
    """Load every postcode of the country, with its ward. Nothing else goes over the network."""
    from app.progress import Telling
    from hub import postcode_loader, postcodes

    settings = Settings()
    target = settings.hubs_folder / hub / postcodes.NAME if hub else postcodes.SHARED
    with Telling() as telling:
        loaded = postcode_loader.load(
            file, target, lambda rows: telling("loading postcodes", rows, None), names or ()
        )
    for line in loaded.left_out:
        print(line, file=sys.stderr)
    year = f", wards of {loaded.vintage}" if loaded.vintage else ""
    print(f"{loaded.kept} postcodes{year}; {loaded.without_place} of them without a place")


@places.command("find")
def find_place(
    text: Annotated[str, typer.Argument(help="A postcode, part of one, or a name.")],
) -> None:
    """What is known of a place: its district, ward and whether it is in the hub's area."""
    house = House(Settings())
    found = house.places.find(text)
    if found is None:
        print("no place that we know: the resident would be asked")
        raise typer.Exit(1)
    where = [found.name, found.outcode, found.ward]
    print(", ".join(part for part in where if part))
    print("in the places of the hub" if found.known else "outside: national services only")


@user.command("add")
def add_user(
    name: str,
    role: Role,
    hub: str = "",
    password_file: Annotated[Path | None, typer.Option(help="Read the password from here.")] = None,
) -> None:
    """Add somebody who may sign in. The password is asked for, never taken as an argument."""
    from hub import users

    house = House(Settings())
    database = house.prepare(hub)
    password = (
        password_file.read_text().strip()
        if password_file
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    with database.writing() as session:
        users.add_user(session, hub or house.profile.id, name, role, password, house.clock())
    print(f"{name} may sign in as {role}")


if __name__ == "__main__":
    main()
