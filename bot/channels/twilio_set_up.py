"""Setting Twilio up and looking after it: `set_up` changes things there, `check` only asks.

Through the real client, by Twilio's REST, Content and Senders APIs. Each line is for whoever runs
the hub's machine: it says what is wrong, or what was done. No number of a resident is in any.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.channels import twilio, whatsapp
from bot.channels.base import is_loopback
from bot.channels.errors import twilio_problem
from bot.channels.twilio import MESSAGE_PATH, STATUS_PATH
from bot.channels.twilio_rest import RedirectingClient
from hub.settings import Settings
from hub.words import Words

API = "https://api.twilio.com/2010-04-01/Accounts"
CONTENT = "https://content.twilio.com/v1/Content"
SENDERS = "https://messaging.twilio.com/v2/Channels/Senders"
JSON = {"Content-Type": "application/json"}
# Below this much of the account's own money it is time to pay in.
LITTLE = 5.0
ONLINE = ("ONLINE", "ONLINE:UPDATING")


class Refused(Exception):
    """Twilio did not do what it was asked; the words say why."""


def check(settings: Settings) -> list[str]:
    """What is wrong at Twilio, in plain words; empty where it is not used or all is well."""
    return _asked(settings, lambda one: one.problems())


def set_up(settings: Settings, words: Words) -> list[str]:
    """Have Twilio call us, and make the template and the buttons; what was done, a line each."""
    if not _used(settings):
        return ["twilio: not used; set GOODHELP_SMS_NUMBER or GOODHELP_WHATSAPP_NUMBER to use it."]
    if is_loopback(settings.public_url) and not is_loopback(settings.twilio_api_url):
        return ["twilio: set GOODHELP_PUBLIC_URL to an address that Twilio can reach, first."]
    return _asked(settings, lambda one: one.changes(words))


class _Account:
    """The account that the settings name."""

    def __init__(self, settings: Settings, client: Client) -> None:
        self._settings = settings
        self._client = client
        self._url = f"{API}/{settings.twilio_account_sid}"
        base = settings.public_url.rstrip("/")
        self._message, self._status = base + MESSAGE_PATH, base + STATUS_PATH

    def problems(self) -> Iterator[str]:
        """Everything that is wrong."""
        account = self._ask("GET", f"{self._url}.json")
        if account.get("status") != "active":
            yield f"twilio: the account is {account.get('status')}: look at Twilio's console."
        if account.get("type") == "Trial":
            yield "twilio: this is a trial account: only numbers on its list get texts."
        money = self._ask("GET", f"{self._url}/Balance.json")
        left = float(money.get("balance") or LITTLE)
        if left < LITTLE:
            yield f"twilio: only {left:.2f} {money.get('currency', '')} are left: pay in."
        if self._settings.sms_number:
            yield from self._sms_problems()
        if self._settings.whatsapp_number:
            yield from self._whatsapp_problems()

    def changes(self, words: Words) -> Iterator[str]:
        """Set everything up, step by step."""
        self._ask("GET", f"{self._url}.json")
        yield "twilio: signed in."
        if self._settings.sms_number:
            yield self._set_sms()
        if self._settings.whatsapp_number:
            yield self._set_whatsapp()
            yield from self._set_contents(words)

    def _sms_problems(self) -> Iterator[str]:
        number = self._number()
        if number is None:
            yield "twilio: GOODHELP_SMS_NUMBER is not a number of this account."
            return
        if not number.get("capabilities", {}).get("sms"):
            yield "twilio: GOODHELP_SMS_NUMBER cannot send texts."
        if number.get("sms_url") != self._message:
            yield "twilio: texts do not come to GOODHELP_PUBLIC_URL: run the set-up."
        elif not number.get("sms_fallback_url"):
            yield "twilio: no fallback address for texts: run the set-up."

    def _set_sms(self) -> str:
        number = self._number()
        if number is None:
            return "twilio: GOODHELP_SMS_NUMBER is not a number of this account: nothing set."
        wanted = {
            "SmsUrl": self._message,
            "SmsMethod": "POST",
            # Where the first call fails Twilio calls here: once more is better than never.
            "SmsFallbackUrl": self._message,
            "SmsFallbackMethod": "POST",
        }
        self._ask("POST", f"{self._url}/IncomingPhoneNumbers/{number['sid']}.json", data=wanted)
        return f"twilio: texts come to {self._message}."

    def _number(self) -> dict[str, Any] | None:
        asked = {"PhoneNumber": self._settings.sms_number}
        found = self._ask("GET", f"{self._url}/IncomingPhoneNumbers.json", params=asked)
        listed: list[dict[str, Any]] = found.get("incoming_phone_numbers", [])
        return listed[0] if listed else None

    def _whatsapp_problems(self) -> Iterator[str]:
        sender = self._sender()
        if sender is None:
            yield (
                "twilio: GOODHELP_WHATSAPP_NUMBER is not a WhatsApp sender of this account; "
                "the sandbox is set up in Twilio's console."
            )
        else:
            if sender.get("status") not in ONLINE:
                yield f"twilio: the WhatsApp sender is {sender.get('status')}."
            if (sender.get("webhook") or {}).get("callback_url") != self._message:
                yield "twilio: WhatsApp does not come to GOODHELP_PUBLIC_URL: run the set-up."
        yield from self._content_problems()

    def _content_problems(self) -> Iterator[str]:
        template = self._settings.whatsapp_template
        if not template:
            yield (
                "twilio: GOODHELP_WHATSAPP_TEMPLATE is empty: after 24 hours nobody on WhatsApp "
                "can be asked to write back. Run the set-up."
            )
        else:
            told = self._ask("GET", f"{CONTENT}/{template}/ApprovalRequests").get("whatsapp") or {}
            if told.get("status") != "approved":
                yield f"twilio: WhatsApp has not approved the template: {told.get('status')}."
        if not self._settings.whatsapp_choices:
            yield "twilio: GOODHELP_WHATSAPP_CHOICES is empty: no buttons. Run the set-up."
            return
        there = {one["sid"] for one in self._contents()}
        gone = [
            number
            for number, sid in whatsapp.choice_sids(self._settings).items()
            if sid not in there
        ]
        if gone:
            yield f"twilio: content for {gone} options is gone: run the set-up."

    def _set_whatsapp(self) -> str:
        sender = self._sender()
        if sender is None:
            return "twilio: GOODHELP_WHATSAPP_NUMBER is not a sender of this account: nothing set."
        webhook = {
            "callback_url": self._message,
            "callback_method": "POST",
            "fallback_url": self._message,
            "fallback_method": "POST",
            "status_callback_url": self._status,
            "status_callback_method": "POST",
        }
        self._ask("POST", f"{SENDERS}/{sender['sid']}", data={"webhook": webhook}, headers=JSON)
        return f"twilio: WhatsApp comes to {self._message}."

    def _sender(self) -> dict[str, Any] | None:
        found = self._ask("GET", SENDERS, params={"Channel": "whatsapp", "PageSize": 100})
        name = twilio.WHATSAPP + self._settings.whatsapp_number
        listed: list[dict[str, Any]] = found.get("senders", [])
        return next((one for one in listed if one.get("sender_id") == name), None)

    def _set_contents(self, words: Words) -> Iterator[str]:
        """Make what is missing; what is there under its name and says the same is used again."""
        reopen = words.text("channels.reopen")
        there = {one.get("friendly_name"): one for one in self._contents()}
        sids: dict[str, str] = {}
        for name, content in whatsapp.contents(reopen).items():
            found = there.get(name)
            if found is not None and _says(found) == _says(content):
                sids[name] = found["sid"]
                continue
            wanted = {"friendly_name": name, "language": "en", **content}
            sids[name] = self._ask("POST", CONTENT, data=wanted, headers=JSON)["sid"]
            if name == whatsapp.REOPEN:
                yield self._hand_in(sids[name])
        choices = ",".join(
            f"{name.removeprefix(whatsapp.CHOICES)}={sid}"
            for name, sid in sids.items()
            if name.startswith(whatsapp.CHOICES)
        )
        yield "twilio: put these two lines into .env and start again:"
        yield f"GOODHELP_WHATSAPP_TEMPLATE={sids[whatsapp.REOPEN]}"
        yield f"GOODHELP_WHATSAPP_CHOICES={choices}"

    def _hand_in(self, sid: str) -> str:
        wanted = {"name": whatsapp.REOPEN, "category": "UTILITY"}
        self._ask("POST", f"{CONTENT}/{sid}/ApprovalRequests/whatsapp", data=wanted, headers=JSON)
        return "twilio: the template is with WhatsApp for approval; that can take a day."

    def _contents(self) -> list[dict[str, Any]]:
        found = self._ask("GET", CONTENT, params={"PageSize": 500})
        listed: list[dict[str, Any]] = found.get("contents", [])
        return listed

    def _ask(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        """One call. Raises Refused in words, httpx's errors where nobody answers."""
        answer = self._client.request(method, url, **how)
        try:
            told: dict[str, Any] = json.loads(answer.text or "{}")
        except ValueError:
            told = {}
        if answer.status_code >= 400:
            code = told.get("code")
            problem = twilio_problem(code if isinstance(code, int) else None, answer.status_code)
            place = url.removeprefix("https://").partition("/")[0]
            raise Refused(f"twilio: {place} answered {problem.code}: {problem.words}")
        return told


def _asked(settings: Settings, what: Any) -> list[str]:
    if not _used(settings):
        return []
    lines: list[str] = []
    http = RedirectingClient(settings.twilio_api_url)
    try:
        token = settings.twilio_auth_token.get_secret_value()
        client = Client(settings.twilio_account_sid, token, http_client=http)
        lines.extend(what(_Account(settings, client)))
    except Refused as refusal:
        lines.append(str(refusal))
    except TwilioException:
        lines.append("twilio: set GOODHELP_TWILIO_ACCOUNT_SID and GOODHELP_TWILIO_AUTH_TOKEN.")
    except httpx.HTTPError as error:
        lines.append(f"twilio: nobody answers ({type(error).__name__}).")
    finally:
        http.close()
    return lines


def _says(content: dict[str, Any]) -> dict[str, str]:
    """The kind and the body of a content: what Twilio adds to it does not count."""
    return {kind: str(part.get("body")) for kind, part in content.get("types", {}).items()}


def _used(settings: Settings) -> bool:
    return bool(settings.sms_number or settings.whatsapp_number)
