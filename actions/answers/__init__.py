"""One Rasa action a file. `every` finds them all: adding one touches nothing else."""

import importlib
import pkgutil

from actions.turn import Office, ResidentAction


def every(office: Office) -> list[ResidentAction]:
    """An instance of each action, ready for the action server."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return [kind(office) for kind in ResidentAction.__subclasses__()]
