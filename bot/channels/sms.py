"""SMS: plain signs, numbered options."""

from bot.channels import twilio
from bot.channels.base import Sender
from hub.gsm7 import plain
from hub.people import Channel
from hub.settings import Settings


def sender(settings: Settings) -> Sender | None:
    """The channel, where it is set up. One curly quote would make every part cost double."""
    if not twilio.usable(settings, settings.sms_number):
        return None
    from bot.channels.twilio_rest import TwilioSender

    return TwilioSender(settings, Channel.SMS, settings.sms_number, make_plain=plain)


def problem(settings: Settings) -> str | None:
    """What keeps it from working."""
    return twilio.problems(settings, settings.sms_number, "GOODHELP_SMS_NUMBER")
