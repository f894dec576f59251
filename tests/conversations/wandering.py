"""A resident who says anything at any time, made by dice with a known seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

# What is voiced plainly: whatever the talk is about, it is kept.
NEEDS = (
    "i need a job",
    "i need help with my bills",
    "i feel lonely",
    "i would like to do a course",
    "my flat is damp and the landlord wont fix it",
    "i need help with my universal credit",
    "i need some furniture",
    "i want to stop drinking",
    "my mum died and i cant cope with it",
    "i look after my dad and im worn out",
    "i need food",
)
DANGERS = (
    "i want to kill myself",
    "my husband beats me",
    "i have nowhere to sleep tonight",
    "we have nothing to eat today",
    "ive been cutting my arms again",
    "hes got a knife and hes coming at me",
    "my nans carer is stealing her money",
    "im 14 and my stepdad hits me",
    "my friend says she wants to kill herself",
)
ANSWERS = (
    *("yes", "no", "1", "2", "3", "YES", "NO", "ok then", "nah", "yep", "text", "call", "neither"),
    *("mornings", "any time", "L11", "croxteth", "the first one", "the last one", "here"),
    *("my mum is here", "nobody", "change", "something else", "just say i need a hand"),
)
WRONG = (
    *("9", "0", "17", "4", "1 and 3", "maybe", "purple", "both", "neither of them or maybe", "idk"),
    *("banana", "asdf ghjk", "...", "?", "??", "the blue one", "if you like", "why", "so what"),
)
COMMANDS = (
    *("HUMAN", "menu", "PRIVACY", "skip", "SKIP", "what did you say", "go back", "human please"),
    *("what do you know about me", "are you a robot", "ive changed my mind", "dont ring me"),
    *("can someone ring me", "i want to talk to a person", "bye", "hi", "hello again", "thanks"),
)
QUESTIONS = (
    *("is it free?", "do i need to book", "can my daughter come", "where is it", "what time"),
    *("is there parking", "whats their number", "do they speak polish", "who will see this"),
)
IN_THE_WAY = (
    *("i cant do forms online", "im too nervous to go on my own", "i cant afford the bus"),
    *("i got turned down before", "no i couldnt go in there on my own"),
)
PUT_RIGHT = ("not the bills", "no just the job", "and i want a course", "all wrong", "no, not food")
ODD = (
    *("\U0001f642", "\U0001f622\U0001f622", "\u202eabc", "/restart", '/affirm{"a":1}', "", "   "),
    *("x" * 3000, "¿dónde está?", "\x00", "a\nb\nc", "{hub} {when}", "%s %d", "<b>hi</b>", "'; --"),
    *("Nie mam pracy", "أحتاج مساعدة", "我需要帮助", "am nevoie de ajutor cu chiria", "🍌" * 40),
)
TAKEN_BACK = ("only joking", "its from a film", "wrong person sorry")
SOMETIMES = "delete", "delete everything you have on me"
HUSH = "stop texting me now"
# How often each is said, of a hundred.
SHARES = (
    (NEEDS, 18),
    (ANSWERS, 36),
    (WRONG, 8),
    (COMMANDS, 11),
    (QUESTIONS, 6),
    (IN_THE_WAY, 4),
    (PUT_RIGHT, 4),
    (ODD, 6),
    (DANGERS, 4),
    (TAKEN_BACK, 1),
    (SOMETIMES, 1),
    ((HUSH,), 1),
)


@dataclass(frozen=True)
class Saying:
    """One message and what is known of it."""

    text: str
    photo: bool = False
    days: float = 0.0

    @property
    def plain_need(self) -> bool:
        """Whether it voices a need and nothing besides."""
        return self.text in NEEDS

    @property
    def danger(self) -> bool:
        """Whether it tells of a danger."""
        return self.text in DANGERS

    @property
    def may_be_silent(self) -> bool:
        """Only who asks for silence gets it."""
        return self.text == HUSH


def sayings(dice: random.Random) -> Iterator[Saying]:
    """Messages without end. Some are told twice or thrice running, as people do."""
    kinds = [kind for kind, _ in SHARES]
    shares = [share for _, share in SHARES]
    while True:
        text = dice.choice(dice.choices(kinds, shares)[0])
        if dice.random() < 0.06 and text not in NEEDS + DANGERS + (HUSH,):
            text = _bent(dice, text)
        days = dice.choice((0.6, 3, 30)) if dice.random() < 0.03 else 0.0
        photo = dice.random() < 0.02
        said = Saying("" if photo else text, photo, days)
        yield said
        while dice.random() < 0.07:
            yield Saying(said.text, said.photo)


def _bent(dice: random.Random, text: str) -> str:
    """In capitals, with a slip of the thumb, twice over, or with something behind it."""
    bends = (
        str.upper,
        lambda t: t[: len(t) // 2] + t[len(t) // 2 + 1 :],
        lambda t: f"{t} {t}",
        lambda t: f"{t} xx 🙂",
        lambda t: f"um {t} i think",
    )
    return dice.choice(bends)(text)
