"""What a person sees on the terminal while a directory is read in. All of it on stderr."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from directory_sync.run import SyncResult

console = Console(stderr=True, highlight=False)


class Telling:
    """Progress bars by what is being done. Call it with (what, done, total or None)."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)


def summary(result: SyncResult) -> None:
    """A few lines for whoever started the run."""
    plan = result.plan
    console.print(
        f"{result.status}: {len(plan.added)} added, {len(plan.changed)} changed, "
        f"{len(plan.withdrawn)} withdrawn, {len(plan.unchanged)} unchanged, "
        f"{len(result.rejected)} rejected"
    )
    if result.detail:
        console.print(result.detail)
    for reject in result.rejected[:10]:
        row = reject.to_json()
        console.print(f"  {row['id']}: {row['field']}: {row['reason']}", markup=False)
    if len(result.rejected) > 10:
        console.print(f"  and {len(result.rejected) - 10} more")
    if result.left_out:
        console.print(f"left out of records that stay: {len(result.left_out)}")
    for reject in result.left_out[:10]:
        row = reject.to_json()
        console.print(f"  {row['id']}: {row['field']}: {row['reason']}", markup=False)
    if len(result.left_out) > 10:
        console.print(f"  and {len(result.left_out) - 10} more")
