""" "Did you meet Mo?" is answered: yes, not yet, or no."""

import re
from functools import partial

from actions import asking, following
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import follow_ups
from hub.follow_ups import Met
from hub.people import ContactWay, SafeContact

NOT_YET = re.compile(
    r"\b(not yet|not (had|got|been|managed|seen|met)|(haven'?t|havent|aint|ain'?t|hasn'?t|hasnt|"
    r"didn'?t|didnt|never) (had|got|been|managed|yet|seen|met|heard|had a chance|get round)|"
    r"still waiting|waiting (for|on|to)|next (week|month|mon|tues|wednes|thurs|fri)\w*|tomorrow|"
    r"tmrw|going (on|this|next)|(see|seeing|meeting) (him|her|them|it)|soon|nobody (rang|called|"
    r"texted|came)|no ?one (rang|called|texted|came)|yet)\b",
    re.I,
)
MET = re.compile(
    r"\b(met (him|her|them|up)|i met|we met|seen (him|her|them)|saw (him|her|them)|i went|we went|"
    r"been (to|and|yesterday|last|twice)|had a (good|nice|chat|cuppa))\b",
    re.I,
)
NEVER = re.compile(
    r"\b(didn'?t (go|want|fancy|bother|turn up)|didnt (go|want|fancy|bother)|changed my mind|"
    r"not going|don'?t want|dont want|couldn'?t face|couldnt face|not for me)\b",
    re.I,
)


class FollowUpAnswer(ResidentAction):
    """Whatever is said to the follow-up's question."""

    rasa_name = "action_follow_up"

    def take(self, turn: Turn) -> Step:
        """Keep the answer on the ticket; NOT YET reopens it."""
        met = self._read(turn)
        if met is None:
            if turn.fresh:
                # What presses now goes before our question.
                return asking.together(asking.onward(turn, Step(turn.state.but(follow_up=None))))
            return asking.unclear(turn, Step(turn.state))
        promise = turn.promise if met == Met.NOT_YET else None
        write = partial(follow_ups.answered, met=met, promise=promise)
        step = Step(turn.state).do(
            following.keep(turn, lambda session, row, now: write(session, row, now=now))
        )
        if met == Met.NOT_YET:
            step = step.but(follow_up=None, stage="returned")
            return step.say(
                *turn.say(f"follow_up.not_yet_{self._way(turn)}", when=turn.promise.text)
            )
        key = "follow_up.useful" if met == Met.MET else "follow_up.useful_not_met"
        return step.but(stage="usefulness").say(*turn.say(key))

    def _read(self, turn: Turn) -> Met | None:
        options = {"YES": Met.MET, "NOT YET": Met.NOT_YET, "NO": Met.NOT_MET}
        if turn.option.upper() in options:
            return options[turn.option.upper()]
        if NEVER.search(turn.text):
            return Met.NOT_MET
        if turn.intent == "not_yet" or NOT_YET.search(turn.text):
            return Met.NOT_YET
        if MET.search(turn.text):
            return Met.MET
        return {True: Met.MET, False: Met.NOT_MET, None: None}[turn.yes]

    def _way(self, turn: Turn) -> str:
        with turn.office.database.reading() as session:
            safe = session.get(SafeContact, turn.person_id)
        return "here" if safe is not None and safe.way == ContactWay.THIS_APP else "text"
