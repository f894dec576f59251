"""WhatsApp over Twilio: free text within 24 hours of the resident's last message."""

from bot.channels import twilio
from bot.channels.base import Sender
from hub.people import Channel
from hub.settings import Settings


def sender(settings: Settings) -> Sender | None:
    """The channel, where it is set up. Options are numbered lines for now."""
    if not twilio.usable(settings, settings.whatsapp_number):
        return None
    from bot.channels.twilio_rest import TwilioSender

    number = settings.whatsapp_number
    return TwilioSender(settings, Channel.WHATSAPP, number, prefix=twilio.WHATSAPP)


def problem(settings: Settings) -> str | None:
    """What keeps it from working."""
    return twilio.problems(settings, settings.whatsapp_number, "GOODHELP_WHATSAPP_NUMBER")
