"""What stands in free text: postcodes, phone numbers and e-mail addresses."""

import re

import phonenumbers

POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONES_AT_MOST = 5


def postcode_in(text: str) -> str | None:
    """The last whole UK postcode of a text, in capitals with one space; None without one."""
    found = POSTCODE.findall(text)
    return f"{found[-1][0]} {found[-1][1]}".upper() if found else None


def contact_of(text: str) -> tuple[str | None, list[str]]:
    """The first e-mail address and all phone numbers of a text."""
    email = EMAIL.search(text)
    rest = EMAIL.sub(" ", text)
    found = [
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.NATIONAL)
        if match.number.country_code == 44
        else match.raw_string
        for match in phonenumbers.PhoneNumberMatcher(
            rest, "GB", leniency=phonenumbers.Leniency.POSSIBLE
        )
    ]
    return (email[0] if email else None), list(dict.fromkeys(found))[:PHONES_AT_MOST]


def phone_of(value: str) -> str | None:
    """A phone number as people write it, with the nought that spreadsheets drop; or None."""
    try:
        number = phonenumbers.parse(value, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if number.country_code == 44:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
