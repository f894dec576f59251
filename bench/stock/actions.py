"""The two actions the stock bot needs: what is near, and that a person takes over."""

from rasa_sdk import Action

NEAR = (
    "1. Bread Street Advice, L11 2AA, today until 4pm",
    "2. Friday Lunch Club, L11 3BB, Friday 12pm",
    "3. Walk and Talk, L11 4CC, Saturday 10am",
)


class FindServices(Action):
    """Says three services, always the same."""

    def name(self):
        return "action_find_services"

    def run(self, dispatcher, tracker, domain):
        lines = "\n".join(NEAR)
        dispatcher.utter_message(text=f"These are near you:\n{lines}\nWhich one? Reply 1, 2 or 3.")
        return []


class OpenTicket(Action):
    """Says that somebody will be in touch; writes nothing down."""

    def name(self):
        return "action_open_ticket"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Thank you. A worker will be in touch. Is there more?")
        return []
