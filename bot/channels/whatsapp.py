"""WhatsApp over Twilio: free text within 24 hours, buttons and lists for options.

Buttons are *content* at Twilio: made once (`goodhelp channels --set-up`) for each number of
options, sent with the text and the options as variables. Up to three options are buttons, up to
ten a list. What does not fit WhatsApp's limits goes out as numbered lines, as on SMS. The number
of an option, typed, is understood either way.
"""

import json
import re
from collections.abc import Mapping

from bot.channels import twilio
from bot.channels.base import Sender
from hub.errors import Misconfigured
from hub.people import Channel
from hub.profile import load_profile
from hub.settings import Settings
from hub.words import Words

MOST_BODY = 1024
MOST_BUTTONS, MOST_ON_A_BUTTON = 3, 20
MOST_ITEMS, MOST_ON_AN_ITEM = 10, 24
# A variable may hold none of these: error 21656.
NOT_IN_A_VARIABLE = re.compile(r"[\n\r\t]| {4}")
# What content is called at Twilio: this and the number of options, and the template.
CHOICES, REOPEN = "goodhelp_choices_", "goodhelp_reopen"
CHOICE = re.compile(r"(10|[1-9])=(HX[0-9a-fA-F]{32})")
TEMPLATE = re.compile(r"HX[0-9a-fA-F]{32}")


def sender(settings: Settings) -> Sender | None:
    """The channel, where it is set up."""
    if not twilio.usable(settings, settings.whatsapp_number):
        return None
    from bot.channels.twilio_rest import TwilioSender

    sids = choice_sids(settings)
    return TwilioSender(
        settings,
        Channel.WHATSAPP,
        settings.whatsapp_number,
        prefix=twilio.WHATSAPP,
        choices=lambda text, options: tapped(sids, text, options),
        template=settings.whatsapp_template,
        reopen=reopening(settings) if settings.whatsapp_template else None,
    )


def problem(settings: Settings) -> str | None:
    """What keeps it from working."""
    if settings.whatsapp_template and not TEMPLATE.fullmatch(settings.whatsapp_template):
        return "GOODHELP_WHATSAPP_TEMPLATE must look like HX and 32 figures: `goodhelp channels`."
    try:
        choice_sids(settings)
    except Misconfigured as error:
        return str(error)
    return twilio.problems(settings, settings.whatsapp_number, "GOODHELP_WHATSAPP_NUMBER")


def tapped(sids: Mapping[int, str], text: str, options: tuple[str, ...]) -> dict[str, str] | None:
    """What Twilio takes to show options as buttons or a list; None where numbered lines do."""
    sid = sids.get(len(options))
    most = MOST_ON_A_BUTTON if len(options) <= MOST_BUTTONS else MOST_ON_AN_ITEM
    values = (text, *options)
    if sid is None or len(text) > MOST_BODY or len(set(options)) < len(options):
        return None
    if any(len(option) > most for option in options):
        return None
    if any(not value.strip() or NOT_IN_A_VARIABLE.search(value) for value in values):
        return None
    variables = {str(number): value for number, value in enumerate(values, start=1)}
    return {
        "content_sid": sid,
        "content_variables": json.dumps(variables, ensure_ascii=False),
    }


def choice_sids(settings: Settings) -> dict[int, str]:
    """The content for each number of options. Raises Misconfigured where it cannot be read."""
    found: dict[int, str] = {}
    for part in filter(None, (part.strip() for part in settings.whatsapp_choices.split(","))):
        match = CHOICE.fullmatch(part)
        if match is None:
            raise Misconfigured(
                "GOODHELP_WHATSAPP_CHOICES must look like 2=HX…,3=HX…: run `goodhelp channels`."
            )
        found[int(match[1])] = match[2]
    return found


def reopening(settings: Settings) -> str:
    """What the template says that asks somebody to write to us again."""
    words = Words.load("en", hub=load_profile(settings.hub_folder).name)
    return words.text("channels.reopen")


def contents(reopen: str) -> dict[str, dict[str, object]]:
    """What is to be made at Twilio, by name: one for each number of options, and the template."""
    made: dict[str, dict[str, object]] = {}
    for count in range(1, MOST_ITEMS + 1):
        options = [f"{{{{{number}}}}}" for number in range(2, count + 2)]
        samples = {"1": "Which would you like?"} | {
            str(number): f"Choice {number - 1}" for number in range(2, count + 2)
        }
        if count <= MOST_BUTTONS:
            actions = [{"type": "QUICK_REPLY", "title": one, "id": one} for one in options]
            types = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
        else:
            items = [
                {"item": one, "id": one, "description": f"Or type {number}"}
                for number, one in enumerate(options, start=1)
            ]
            types = {"twilio/list-picker": {"body": "{{1}}", "button": "Choose", "items": items}}
        made[f"{CHOICES}{count}"] = {"variables": samples, "types": types}
    made[REOPEN] = {"variables": {}, "types": {"twilio/text": {"body": reopen}}}
    return made
