"""Wrong passwords are counted, so that nobody can go on guessing."""

from collections import deque
from datetime import datetime, timedelta
from threading import Lock

WINDOW = timedelta(minutes=15)
PER_NAME = 5
PER_ADDRESS = 30
REMEMBERED = 10_000


class Throttle:
    """Failures of the last fifteen minutes, by name with address and by address. In memory."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, ...], deque[datetime]] = {}
        self._lock = Lock()

    def closed(self, name: str, address: str, now: datetime) -> bool:
        """Whether this name from this address, or the address alone, failed too often."""
        with self._lock:
            return (
                self._recent((name.casefold(), address), now) >= PER_NAME
                or self._recent((address,), now) >= PER_ADDRESS
            )

    def failed(self, name: str, address: str, now: datetime) -> None:
        """Count a wrong name or password."""
        with self._lock:
            if len(self._failures) > REMEMBERED:
                self._failures.clear()
            for key in ((name.casefold(), address), (address,)):
                self._failures.setdefault(key, deque(maxlen=PER_ADDRESS)).append(now)

    def _recent(self, key: tuple[str, ...], now: datetime) -> int:
        times = self._failures.get(key)
        while times and now - times[0] > WINDOW:
            times.popleft()
        if times is not None and not times:
            del self._failures[key]
        return len(times) if times else 0
