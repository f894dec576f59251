"""Twilio's account, its numbers and its WhatsApp senders: enough to be set up and looked at.

Every number that is asked for exists, and keeps the webhooks it is given.
"""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from standin.state import State

ACCOUNT = "/2010-04-01/Accounts/{account}"
SENDERS = "/v2/Channels/Senders"


def make_router(state: State) -> APIRouter:
    """The routes of the account, `IncomingPhoneNumbers` and `Channels/Senders`."""
    router = APIRouter()

    @router.get(ACCOUNT + ".json")
    async def account_(account: str) -> dict[str, Any]:
        return {"sid": account, "status": "active", "type": "Full", "friendly_name": "Stand-in"}

    @router.get(ACCOUNT + "/Balance.json")
    async def balance(account: str) -> dict[str, Any]:
        return {"account_sid": account, "balance": "20.00", "currency": "GBP"}

    @router.get(ACCOUNT + "/IncomingPhoneNumbers.json")
    async def numbers(account: str, request: Request) -> dict[str, Any]:
        wanted = request.query_params.get("PhoneNumber", "")
        found = [_number(state, account, wanted)] if wanted else []
        return {"incoming_phone_numbers": found, "next_page_uri": None, "page": 0}

    @router.post(ACCOUNT + "/IncomingPhoneNumbers/{sid}.json")
    async def change(account: str, sid: str, request: Request) -> JSONResponse:
        form = await request.form()
        number = next((one for one in state.numbers.values() if one["sid"] == sid), None)
        if number is None:
            return JSONResponse({"code": 20404, "status": 404, "message": "-"}, status_code=404)
        names = {
            "SmsUrl": "sms_url",
            "SmsMethod": "sms_method",
            "SmsFallbackUrl": "sms_fallback_url",
        }
        number |= {name: str(form[told]) for told, name in names.items() if told in form}
        return JSONResponse(number)

    @router.get(SENDERS)
    async def senders() -> dict[str, Any]:
        meta = {"key": "senders", "next_page_url": None, "page": 0, "page_size": 50}
        found = [one for one in state.numbers.values() if "sender_id" in one]
        return {"senders": found, "meta": meta}

    @router.post(SENDERS + "/{sid}")
    async def change_sender(sid: str, request: Request) -> JSONResponse:
        sender = next((one for one in state.numbers.values() if one["sid"] == sid), None)
        if sender is None:
            return JSONResponse({"code": 20404, "status": 404, "message": "-"}, status_code=404)
        sender |= json.loads(await request.body())
        return JSONResponse(sender, status_code=202)

    return router


def add_whatsapp(state: State, number: str) -> None:
    """Have a WhatsApp sender with this number (E.164)."""
    name = f"whatsapp:{number}"
    state.numbers[name] = {
        "sid": f"XE{len(state.numbers):032x}",
        "sender_id": name,
        "status": "ONLINE",
        "webhook": {},
    }


def _number(state: State, account: str, number: str) -> dict[str, Any]:
    return state.numbers.setdefault(
        number,
        {
            "sid": f"PN{len(state.numbers):032x}",
            "account_sid": account,
            "phone_number": number,
            "capabilities": {"sms": True, "mms": False, "voice": True, "fax": False},
            "sms_url": "",
            "sms_method": "POST",
            "sms_fallback_url": "",
        },
    )
