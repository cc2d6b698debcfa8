"""A page is one file: nothing is loaded from anywhere, and what comes in stays text."""

import hashlib
import json
import re
from pathlib import Path

from pages import bars, charts, shell, words
from pages.charts import Bars, Curve, Line, Mark

#: The library as its makers published it: version 5.2.1, the standalone production build.
LIBRARY_SHA256 = "e21cc5caa0226ef30bd8549c50b9ef926615f2a4ee6b4e486353477a55f598cf"
NASTY = "</script><u>&\"'"


def test_the_library_is_the_published_one() -> None:
    library = (shell.ASSETS / shell.LIBRARY).read_bytes()
    assert hashlib.sha256(library).hexdigest() == LIBRARY_SHA256
    assert b"v5.2.1" in library[:200]
    assert b"</script" not in library


def test_a_page_loads_nothing(tmp_path: Path) -> None:
    shell.write(tmp_path / "new" / "page.html", shell.page("Title", ["<p>part</p>"], made="by us"))
    html = (tmp_path / "new" / "page.html").read_text("utf-8")
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", html) == ["https://www.tradingview.com/"]
    assert "default-src 'none'" in html
    assert "@import" not in html
    assert "<p>part</p>" in html


def test_texts_are_escaped() -> None:
    parts = [
        words.answer(NASTY, NASTY, NASTY, NASTY, "up"),
        words.tiles([words.Tile(NASTY, NASTY, NASTY)]),
        words.section(NASTY, lead=NASTY),
        words.facts([(NASTY, NASTY)]),
        words.table([NASTY], [[NASTY]], jumps=[0]),
        bars.columns(NASTY, [bars.Bar(NASTY, 1, NASTY)], note=NASTY),
        bars.rows(NASTY, [bars.Bar(NASTY, -1, NASTY)]),
        bars.heat_map(NASTY, (NASTY, [NASTY]), (NASTY, [NASTY]), [[None]], note=NASTY),
        charts.level_chart(NASTY, 0, 1000, [[Line(NASTY, [1.0, None])]]),
    ]
    page = shell.page(NASTY, [], made=NASTY) + "".join(parts)
    assert page.count("</script><u>") == 0
    assert "<u>" not in page


def test_candles_are_packed_so_that_they_can_be_unpacked() -> None:
    times_ms = [0, 60_000, 180_000]  # one is missing
    packed = Bars(60_000, times_ms, [10, 12, 9], [13, 12, 20], [8, 9, 9], [12, 9, 15])
    figure = charts.candle_chart("candles", packed, 0.1, 1, [Mark(1, 0, 10, 0, 0, "open", 0)])
    found = re.search(r"<script[^>]*>(.*)</script>", figure)
    assert found
    spec = json.loads(found[1])
    assert spec["runs"] == [[0, 2], [180, 1]]
    # open from the close before, close from the open, wick above, wick below
    assert spec["candles"] == [10, 2, 1, 2, 0, -3, 0, 0, 0, 6, 5, 0]


def test_curves_are_packed_as_changes_and_left_out_where_candles_are_merged() -> None:
    fine = Bars(60_000, [0, 60_000, 120_000], *[[10, 12, 9]] * 4)
    curve = Curve("average", [None, 10.4, 12.6], "accent", dashed=True)
    figure = charts.candle_chart("candles", fine, 0.1, 1, curves=[curve])
    packed = '{"name":"average","ticks":[null,10,3],"colour":"accent","dashed":true}'
    assert f'"curves":[{packed}]' in figure
    many = Bars(1000, *[range(charts.CANDLES_MAX + 1)] * 5)
    assert '"curves":[]' in charts.candle_chart("candles", many, 0.1, 1, curves=[curve])


def test_amounts_stand_right_and_are_coloured_by_their_sign() -> None:
    html = words.table(["net", "why"], [["+1", "+x"], ["-2", ""], ["", ""]], amounts="net")
    assert '<th scope="col" class="amount">net</th><th scope="col">why</th>' in html
    assert '<td class="amount up">+1</td><td>+x</td>' in html
    assert '<td class="amount down">-2</td><td></td>' in html
    assert '<td class="amount"></td><td></td>' in html


def test_commands_in_the_foot_look_like_commands() -> None:
    html = shell.page("Title", [], made="`a <b>` and `c`")
    assert "<p><code>a &lt;b&gt;</code> and <code>c</code></p>" in html


def test_many_candles_are_merged_first_open_to_last_close() -> None:
    columns = [[10, 12, 9, 4], [13, 12, 20, 5], [8, 9, 9, 3], [12, 9, 15, 4]]
    fine = Bars(60_000, [0, 60_000, 120_000, 240_000], *columns)
    assert charts.merged(fine, 4) is fine
    coarse = charts.merged(fine, 2)
    assert coarse.interval_ms == 120_000
    assert [*zip(*coarse[1:], strict=True)] == [
        (0, 10, 13, 8, 9),
        (120_000, 9, 20, 9, 15),
        (240_000, 4, 5, 3, 4),
    ]


def test_bars_stand_on_zero() -> None:
    html = bars.columns("t", [bars.Bar("a", 3), bars.Bar("b", -1)])
    assert '<i class="up" style="height:75.00%;bottom:25.00%">' in html
    assert '<i class="down" style="height:25.00%;bottom:0.00%">' in html
    assert "--zero:25.00%" in html


def test_bars_have_a_scale_at_their_edge() -> None:
    html = bars.columns("t", [bars.Bar("a", 30), bars.Bar("b", -10)], scale="{:+.1f}")
    assert '<em style="--at:0.750">0</em>' in html
    assert '<em style="--at:0.000">+30.0</em>' in html
    assert '<em style="--at:1.000">-10.0</em>' in html
    crowded = bars.columns("t", [bars.Bar("a", 1234), bars.Bar("b", -10)])
    assert '<em style="--at:0.000">1,234</em>' in crowded
    assert "-10" not in crowded  # too near to the zero
    assert '<em style="--at:1.000">0</em>' in bars.columns("t", [bars.Bar("a", 0)])
