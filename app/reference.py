"""Writes `docs/settings.md` from the settings themselves: `python -m app.reference`."""

from pydantic_core import PydanticUndefined

from hub.settings import ROOT, Settings


def page() -> str:
    """The reference page, as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default is PydanticUndefined else str(default)
        shown = shown.replace(str(ROOT), ".").replace("**********", "")
        rows.append(f"| `GOODHELP_{name.upper()}` | {field.description} | `{shown or '(empty)'}` |")
    return (
        "# Settings\n\n"
        "Read once from the environment or from `.env`. Written by `python -m app.reference`.\n\n"
        "| setting | what it is | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


if __name__ == "__main__":
    (ROOT / "docs" / "settings.md").write_text(page())
