"""SKIP always works: the question is left out, without reproach."""

from collections.abc import Callable

from actions import asking, following, introducing
from actions.answers.contact_time import timed
from actions.answers.contact_way import reached_by
from actions.answers.no_introduction import by_yourself
from actions.answers.place import look_on
from actions.answers.summary_right import confirmed
from actions.state import NeedStatus
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub.people import ContactWay


class Skip(ResidentAction):
    """SKIP, "dunno", "rather not say"."""

    rasa_name = "action_skip"

    def take(self, turn: Turn) -> Step:
        """Go on to what comes after this question."""
        skipped = SKIPS.get(turn.state.stage, _nothing_to_skip)(turn)
        return asking.together(skipped) if len(skipped.replies) > 1 else skipped


def _talk(turn: Turn) -> Step:
    step = Step(turn.state).say(*turn.say("skip.fine"))
    if turn.state.stage == "listening" and not turn.state.with_status(NeedStatus.HEARD):
        return Step(turn.state.but(stage="person")).say(*turn.say("person.not_sure"))
    return asking.onward(turn, step)


def _place(turn: Turn) -> Step:
    return look_on(turn, Step(turn.state.but(place_asked=True)))


def _offer(turn: Turn) -> Step:
    state = turn.state.mark((turn.state.current,), NeedStatus.DROPPED)
    return asking.next_need(turn, Step(state).say(*turn.say("skip.fine")))


def _consent(turn: Turn) -> Step:
    if turn.state.stage == "consent" and introducing.about_the_words(turn.text):
        return Step(turn.state.but(stage="wording")).say(*turn.say("wording.ask"))
    return Step(turn.state.but(stage="person", share_words="")).say(*turn.say("consent.refused"))


def _person(turn: Turn) -> Step:
    return asking.next_need(turn, Step(turn.state).say(*turn.say("person.left")))


def _next_need(turn: Turn) -> Step:
    waiting = turn.state.waiting[:1]
    return asking.next_need(turn, Step(turn.state.mark(waiting, NeedStatus.DROPPED)))


def _nothing_to_skip(turn: Turn) -> Step:
    return Step(turn.state).say(*asking.again(turn, turn.state))


SKIPS: dict[str, Callable[[Turn], Step]] = {
    "good_life": _talk,
    "listening": _talk,
    "summary": lambda turn: confirmed(turn, Step(turn.state)),
    "correcting": lambda turn: confirmed(turn, Step(turn.state)),
    "place": _place,
    "offer": _offer,
    "intro": lambda turn: by_yourself(turn, "intro.by_yourself"),
    "consent": _consent,
    "wording": _consent,
    "contact_way": lambda turn: reached_by(turn, ContactWay.UNKNOWN),
    "contact_time": lambda turn: timed(turn, None),
    "next_need": _next_need,
    "follow_up": lambda turn: following.end(turn, Step(turn.state)),
    "usefulness": lambda turn: following.next_question(turn, Step(turn.state)),
    "soft_outcome": lambda turn: following.next_question(turn, following.passed(turn.state)),
    "feedback": lambda turn: following.back(turn, Step(turn.state).say(*turn.say("skip.fine"))),
    "person": _person,
}
