"""Charts as SVG. The same numbers always stand beside them as a table."""

from collections.abc import Sequence
from typing import Any

import pygal
from pygal.style import Style

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
INK = "#22312d"
LOOK: dict[str, Any] = {
    "background": "transparent",
    "plot_background": "transparent",
    "foreground": INK,
    "foreground_strong": INK,
    "foreground_subtle": "#d9dfdc",
    "guide_stroke_color": "#e3e8e5",
    "guide_stroke_dasharray": "0",
    "major_guide_stroke_color": "#e3e8e5",
    "major_guide_stroke_dasharray": "0",
    "colors": ("#0f6b5c", "#d98a2b"),
    "opacity": "1",
    "font_family": FONT,
    "label_font_family": FONT,
    "major_label_font_family": FONT,
    "value_font_family": FONT,
    "legend_font_family": FONT,
    "no_data_font_family": FONT,
    "label_font_size": 15,
    "major_label_font_size": 15,
    "value_font_size": 15,
    "legend_font_size": 15,
}
Value = int | None


# No script and no tooltip: the chart is looked at as a picture, and printed.
STILL: dict[str, Any] = {
    "js": (),
    "width": 760,
    "margin": 8,
    "show_legend": False,
    "print_values": True,
    "print_zeroes": False,
    "spacing": 6,
}


def bars(names: Sequence[str], values: Sequence[Value]) -> str:
    """Horizontal bars, the first on top. A hidden number has no bar."""
    chart = pygal.HorizontalBar(
        **STILL,
        style=Style(**LOOK, value_colors=("#ffffff",)),
        height=60 + 46 * len(names),
        print_values_position="center",
    )
    chart.x_labels = list(reversed(names))
    chart.value_formatter = _number
    chart.add("", list(reversed(values)))
    return _picture(chart)


def columns(names: Sequence[str], series: Sequence[tuple[str, Sequence[Value]]]) -> str:
    """Upright bars side by side, as for weeks."""
    legend = {"show_legend": True, "legend_at_bottom": True, "x_label_rotation": 35}
    chart = pygal.Bar(
        **STILL | legend, style=Style(**LOOK), height=340, print_values_position="top"
    )
    chart.x_labels = list(names)
    chart.value_formatter = _number
    for name, values in series:
        chart.add(name, list(values))
    return _picture(chart)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _picture(chart: Any) -> str:
    chart.add_xml_filter(_without_scripts)
    return str(chart.render(is_unicode=True))


def _without_scripts(root: Any) -> Any:
    """pygal writes its settings into a script even where it is told to use none."""
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root
