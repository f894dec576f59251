"""Opening hours written for people, read into times with a confidence. See `read_hours`."""

from hub.hours.openings import Opening, Reading
from hub.hours.reading import read_hours
from hub.hours.standard import as_standard

__all__ = ["Opening", "Reading", "as_standard", "read_hours"]
