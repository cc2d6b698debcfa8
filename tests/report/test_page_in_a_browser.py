"""The page as a browser draws it: on a desk and on a phone, in light and in dark."""

import re
from pathlib import Path

import pytest

from tests.job.terminal import Terminal
from tests.pages.browser import Rendered, rendered

#: Before the page's own script: remembers the charts that it makes.
CATCH = """<script>
const charts = [], library = LightweightCharts;
window.LightweightCharts = { ...library, createChart: (...all) => {
  charts.push(library.createChart(...all));
  return charts.at(-1);
} };
</script>
<script>
"use strict";"""
#: After it: says how the page came out, to itself or to the page that it is framed in.
MEASURE = """<script>addEventListener("load", () => setTimeout(() => {
  const series = charts[0].panes()[0].getSeries().find((one) => one.seriesType() === "Candlestick");
  const heights = series.priceLines().map((line) => series.priceToCoordinate(line.options().price));
  const room = charts[0].panes()[0].getHeight();
  const text = `width=${innerWidth} overflow=${document.documentElement.scrollWidth > innerWidth} `
    + `dark=${matchMedia("(prefers-color-scheme: dark)").matches} `
    + `levels=${heights.length} seen=${heights.filter((y) => y > 0 && y < room).length} `
    + `canvases=${document.querySelectorAll("canvas").length}`;
  document.body.append(text);
  parent.postMessage(text + " " + document.body.innerText, "*");
}, 300));</script></body>"""
#: A window cannot be made as narrow as a phone; a frame can.
PHONE = """<!doctype html>
<iframe src="report.html" style="width: 400px; height: 860px; border: 0"></iframe>
<script>onmessage = (told) => document.body.append(told.data);</script>"""


def drawn(terminal: Terminal, folder: Path, *, phone: bool, dark: bool) -> Rendered:
    """The page after its scripts have run, with a line on how it came out."""
    page = folder / "report.html"
    terminal.type("report", f"--out={page}")
    html = page.read_text("utf-8")
    for place, hook in (('<script>\n"use strict";', CATCH), ("</body>", MEASURE)):
        assert html.count(place) == 1
        html = html.replace(place, hook)
    page.write_text(html, "utf-8")
    if phone:
        page = folder / "phone.html"
        page.write_text(PHONE, "utf-8")
    shown = rendered(page, folder / "profile", dark=dark)
    assert shown.console == []
    assert "Is the job well? Yes." in shown.text
    assert f"dark={str(dark).lower()}" in shown.text
    assert "overflow=false" in shown.text  # nothing hangs out at the side
    assert phone is ("width=400 " in shown.text)
    return shown


@pytest.mark.parametrize(("phone", "dark"), [(False, False), (True, True)])
def test_all_trades(traded: Terminal, tmp_path: Path, phone: bool, dark: bool) -> None:
    text = drawn(traded, tmp_path, phone=phone, dark=dark).text
    drawings = re.search(r"canvases=(\d+)", text)
    assert drawings
    assert int(drawings[1]) >= 6  # two charts
    assert re.search(r"trade (\d) of \1: long ", text)  # the newest one is shown


def test_an_open_position_s_levels_are_seen(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("run")
    assert "levels=3 seen=3" in drawn(terminal, tmp_path, phone=False, dark=False).text
