"""Every other message: the stage's own way of taking an answer. No turn is ever empty."""

import re

from actions import asking, facts, hearing, helping, introducing
from actions.answers.choose import Choose
from actions.answers.consent_given import ConsentGiven
from actions.answers.consent_refused import ConsentRefused
from actions.answers.contact_time import ContactTime
from actions.answers.contact_way import ContactWayAnswer
from actions.answers.correct import Correct
from actions.answers.erase import Erase
from actions.answers.feedback import FeedbackWords
from actions.answers.first_contact import FirstContact
from actions.answers.follow_up import FollowUpAnswer
from actions.answers.hear import Hear
from actions.answers.introduce import Introduce
from actions.answers.keep_to_self import KeepToSelf
from actions.answers.next_need import NextNeed
from actions.answers.no_introduction import NoIntroduction
from actions.answers.no_person import NoPerson
from actions.answers.offer_more import OfferMore
from actions.answers.out_of_scope import OutOfScope
from actions.answers.person import Person
from actions.answers.place import Place
from actions.answers.question import ABOUT_THEM, Question
from actions.answers.skip import Skip
from actions.answers.soft_outcome import SoftOutcome
from actions.answers.summary_right import SummaryRight
from actions.answers.usefulness import Usefulness
from actions.answers.wording import Wording
from actions.state import TALK
from actions.step import Step
from actions.turn import ResidentAction, Turn

# Questions that are answered by yes or no: (yes, no).
YES_NO: dict[str, tuple[type[ResidentAction], type[ResidentAction]]] = {
    "summary": (SummaryRight, Correct),
    "intro": (Introduce, NoIntroduction),
    "consent": (ConsentGiven, ConsentRefused),
    "next_need": (NextNeed, Skip),
    "person": (Person, NoPerson),
    "erasing": (Erase, KeepToSelf),
}
# Questions that are answered in words.
IN_WORDS: dict[str, type[ResidentAction]] = {
    "new": FirstContact,
    "good_life": Hear,
    "listening": Hear,
    "done": Hear,
    "returned": Hear,
    "correcting": Correct,
    "place": Place,
    "offer": Choose,
    "wording": Wording,
    "contact_way": ContactWayAnswer,
    "contact_time": ContactTime,
    "follow_up": FollowUpAnswer,
    "usefulness": Usefulness,
    "soft_outcome": SoftOutcome,
    "feedback": FeedbackWords,
}
# Where neither yes nor no was said, these take the words.
UNSURE: dict[str, type[ResidentAction]] = {"summary": Correct, "erasing": KeepToSelf}


# Where a question is likely to be about the service at hand.
ABOUT_A_SERVICE = ("offer", "intro", "consent", "contact_way", "next_need")
OTHERS = re.compile(
    r"\b(closer|nearer|cheaper|something (different|else)|other ones?|others|anything else|another|"
    r"any (others|more)|none)\b",
    re.I,
)


class Otherwise(ResidentAction):
    """Rasa's fallback: no rule of its own for this stage and intent, or no sure intent."""

    rasa_name = "action_otherwise"
    greets = True

    def take(self, turn: Turn) -> Step:
        """Hand the turn to the stage's own action."""
        stage = turn.state.stage
        if stage in TALK and stage != "new" and not turn.heard.answerable:
            return self._by(OutOfScope, turn)
        if stage == "next_need" and hearing.place(turn) and not turn.fresh:
            return self._by(NextNeed, turn)
        helped = helping.changed(turn)
        if helped is not None:
            return helped
        if stage in ABOUT_A_SERVICE and facts.is_question(turn.text) and not turn.fresh:
            return self._by(Question, turn)
        if stage == "offer" and OTHERS.search(turn.text) and not turn.fresh:
            return self._by(OfferMore, turn)
        if stage in IN_WORDS:
            return self._by(IN_WORDS[stage], turn)
        if stage == "consent" and turn.option == "CHANGE":
            return self._by(Wording, turn)
        if stage == "consent" and introducing.about_the_words(turn.text) and not turn.fresh:
            return self._by(Wording, turn)
        if stage in YES_NO and turn.yes is not None:
            return self._by(YES_NO[stage][0 if turn.yes else 1], turn)
        if stage in UNSURE:
            return self._by(UNSURE[stage], turn)
        return self._unclear(turn)

    def _unclear(self, turn: Turn) -> Step:
        step = Step(turn.state).say(*hearing.noted_lines(turn))
        if turn.state.third_party and ABOUT_THEM.search(turn.text):
            step = step.say(*turn.say("third_party.no_details"))
        if step.replies:
            return asking.together(step.say(*asking.again(turn, turn.state)))
        return asking.unclear(turn, step)

    def _by(self, kind: type[ResidentAction], turn: Turn) -> Step:
        return kind(self.office).take(turn)
