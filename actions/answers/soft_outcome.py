"""A question about life in the neighbourhood, after a follow-up. It can always be skipped."""

from actions import asking, following
from actions.step import Step
from actions.turn import ResidentAction, Turn
from hub import follow_ups


class SoftOutcome(ResidentAction):
    """Yes, no, or anything else: nobody is asked twice."""

    rasa_name = "action_soft_outcome"

    def take(self, turn: Turn) -> Step:
        """Keep a yes or no, and go on."""
        open_ones = list((turn.state.follow_up or {}).get("ask") or ())
        step, said = following.passed(turn.state), turn.yes
        if open_ones and said is not None:
            step = step.do(
                following.keep(
                    turn,
                    lambda session, row, now: follow_ups.told(
                        session, row, open_ones[0], said, now
                    ),
                )
            )
        return asking.together(following.next_question(turn, step))
