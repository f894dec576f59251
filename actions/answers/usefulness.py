"""How useful we were, from 1 to 10."""

import re

from actions import asking, following
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import follow_ups

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DIGITS = re.compile(r"(?<![\d.,/])(10|[1-9])(?!\d|[.,]\d)")
OF_TEN = re.compile(r"\b(?:out of|/|of) ?(?:10|ten)\b", re.I)
# More words than this beside the number are feedback.
FEW = 2


class Usefulness(ResidentAction):
    """The answer to the usefulness question, with a number in it or without."""

    rasa_name = "action_usefulness"

    def take(self, turn: Turn) -> Step:
        """Keep the number; words beside it are kept as feedback."""
        number = rating(turn.text)
        step = Step(turn.state)
        if number is None:
            if turn.state.misses:
                return asking.together(following.next_question(turn, step))
            return step.but(misses=1).say(*turn.say("follow_up.useful_again"))
        step = step.do(
            following.keep(
                turn, lambda session, row, now: follow_ups.rated(session, row, number, now)
            )
        )
        beside = OF_TEN.sub("", DIGITS.sub("", turn.text))
        if len(re.findall(r"[A-Za-z']{2,}", beside)) > FEW:
            step = step.do(following.log(turn, turn.text))
        return asking.together(following.next_question(turn, step.but(misses=0)))


def rating(text: str) -> int | None:
    """The one number from 1 to 10 in a text: "8", "8/10", "eight out of ten"; else None."""
    bare = OF_TEN.sub(" ", text.replace("/10", " "))
    found = {int(number) for number in DIGITS.findall(bare)}
    if not found and not re.search(r"\d", bare):
        found = {WORDS.index(w) + 1 for w in re.findall(r"[a-z]+", bare.lower()) if w in WORDS}
    if not found and re.search(r"(?<!\d)10(?!\d)|\bten\b", text, re.I):
        found = {10}
    return found.pop() if len(found) == 1 else None
