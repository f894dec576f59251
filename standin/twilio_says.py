"""A resident writes by SMS or WhatsApp: kept for Twilio's list, then posted as a webhook."""

from datetime import timedelta

from standin import twilio
from standin.said import Said, Target
from standin.state import Sent, State


async def say(state: State, target: Target, said: Said) -> dict[str, object]:
    """Keep it and post it. Gives the webhook's status (None where it is lost) and the sid."""
    prefix = "whatsapp:" if said.channel == "whatsapp" else ""
    sender, to = prefix + said.sender, prefix + said.to
    twilio.note_stop(state, sender, said.text)
    params = twilio.inbound(said.text, sender, to, target.account_sid)
    sid = said.sid or params["MessageSid"]
    params |= dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sid)
    base = target.media_url or target.url
    folder = f"{base}/2010-04-01/Accounts/{target.account_sid}/Messages/{sid}/Media"
    params["NumMedia"] = str(len(said.media))
    for number, kind in enumerate(said.media):
        params[f"MediaUrl{number}"] = f"{folder}/ME{number:032x}"
        params[f"MediaContentType{number}"] = kind
    params |= said.fields
    if not any(one.id == params["MessageSid"] for one in state.said):
        state.said.append(_row(state, said, params))
    if said.lost:
        return {"status": None, "sid": params["MessageSid"]}
    path = "/webhooks/twilio/message"
    public = (target.public_url or target.url) + path
    status = await twilio.post_signed(target.auth_token, target.url + path, public, params)
    return {"status": status, "sid": params["MessageSid"]}


def _row(state: State, said: Said, params: dict[str, str]) -> Sent:
    return Sent(
        provider="twilio",
        id=params["MessageSid"],
        to=params["To"],
        sender=params["From"],
        text=params["Body"],
        at=state.clock() - timedelta(minutes=said.minutes_ago),
        status="received",
        direction="inbound",
        media=list(said.media),
    )
