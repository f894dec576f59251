"""What a process has loaded stays: the garbage collector need not look through it again.

Models, words and the directory are some millions of objects. Without this each full collection
walks through all of them, in the middle of somebody's turn.
"""

import gc

# Objects made before the youngest are looked at; Python's own figure is 700.
MADE_BEFORE_A_LOOK = 20_000


def settle() -> None:
    """Called once, when everything is loaded and before work begins."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BEFORE_A_LOOK, 20, 20)
