"""Rasa's own command line with one change: its Twilio client talks to STOCK_TWILIO_URL.

That client has no setting for it. Run by the island's Python: `python serve.py run ...`
"""

import os

from rasa.__main__ import main
from twilio.base.domain import Domain

_absolute = Domain.absolute_url


def _to_the_stand_in(self, uri):
    self.base_url = os.environ["STOCK_TWILIO_URL"]
    return _absolute(self, uri)


if __name__ == "__main__":
    Domain.absolute_url = _to_the_stand_in
    main()
