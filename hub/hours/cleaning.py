"""Text about hours made plain: no HTML, one kind of dash, nothing that only looks like hours."""

import html
import re

import nh3

BREAKS = re.compile(r"<\s*(?:br\s*/?|/\s*(?:p|div|li|h\d|tr|td|ul|ol))\s*>", re.IGNORECASE)
DASHES = re.compile(r"[\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d~→]|â€[“”\"]|--+")
QUOTES = re.compile(r"[\u2018\u2019\u00b4`]|â€™")
INVISIBLE = re.compile(
    r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
MOST = 4000
# The two-letter days of the standard notation; "We" is a day only where hours or days follow.
SHORT = re.compile(
    r"\b(Mo|Tu|We|Th|Fr|Sa|Su|MO|TU|WE|TH|FR|SA|SU)(?=\s*(?:[-,;:\[]|\d|$))(\[[-\d,]+\])?"
)
SHORT_NAMES = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
NTH = {"1": "1st", "2": "2nd", "3": "3rd", "4": "4th", "5": "5th", "-1": "last"}
# Figures that are no hours: web and mail addresses, phones, postcodes, prices, ages, numbers of
# people, and the time of something inside the hours.
NOISE = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+"
    r"|\b(?:tel|phone|call|ring|text|mob|mobile|contact)\b[^a-z\n]{0,4}\+?[\d ]{6,}"
    r"|\+?\b0\d[\d ]{7,11}\d\b|\b\d{3} \d{4} \d{4}\b"
    r"|\b[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}\b"
    r"|£\s?\d+(?:\.\d\d)?(?: ?(?:-|to) ?£?\d+(?:\.\d\d)?)?|\b\d+p\b|\b\d+%"
    r"|\b(?:age|ages|aged|over|under|under-|over-)\s?\d+'?s?(?:\s?(?:-|to|and|\+)\s?\d+)?"
    r"(?:\s?(?:years?|yrs?|months?)(?: olds?)?)?\b"
    r"|\b\d+(?:\s?(?:-|to)\s?\d+)?\s?(?:\+|years?\b|yrs?\b|months?\b|year olds?\b|yr olds?\b)"
    r"(?: olds?)?"
    r"|\b(?:up to )?\d+(?:\s?(?:-|to)\s?\d+)? (?:people|persons|places|seats|miles|minutes|mins)\b"
    r"|\b1[-:]2[-:]1\b|\b1[-:]1\b(?! ?[ap]m)"
    r"|\(?\blast (?:entry|admission|admissions|order|orders|food|entrance|sitting|session)\b"
    r"(?: (?:is|at|by|served|orders?))*\s*(?:\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?)?\)?"
    r"|\b(?:bank|public) holidays?[^.\n\d]*\b(?:may|might|can)\b[^.\n\d]*(?:\.|$)"
    r"|\b(?:doors|kitchen) (?:open|opens|close|closes)(?: at)? \d{1,2}(?:[:.]\d\d)?\s*(?:[ap]m)?",
    re.IGNORECASE,
)
GLUED = re.compile(r"(\d\s?[ap]m|noon|midday|midnight|\d[:.]\d\d(?!\s?[ap]m))(?=[a-z]{3,})")


def cleaned(text: str) -> str:
    """Lower-case words and figures; a line end wherever the text had one."""
    text = text[:MOST]
    text = html.unescape(html.unescape(text))
    if "<" in text:
        text = html.unescape(nh3.clean(BREAKS.sub("\n", text), tags=set()))
    text = INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\\n", "\n")
    text = DASHES.sub("-", QUOTES.sub("'", text)).replace("½", ".30")
    text = SHORT.sub(_spelt, text).lower()
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r"\bm ?- ?f\b", "monday - friday", text)
    text = NOISE.sub(" * ", text)
    return GLUED.sub(r"\1 ", text).strip()


def _spelt(match: re.Match[str]) -> str:
    name = SHORT_NAMES[match[1].upper()]
    if not match[2]:
        return name
    which = [NTH.get(number, number) for number in match[2][1:-1].split(",")]
    return f"{' & '.join(which)} {name}"
