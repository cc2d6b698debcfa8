"""The page around the parts: styles, the plotting library and the few lines that start it.

Nothing is loaded from anywhere; a browser that obeys the policy in the head could not even try.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

ASSETS = Path(__file__).with_name("assets")
LIBRARY = "lightweight-charts.js"
#: Whoever shows the charts names their makers: the condition of the library's licence.
NOTICE = (
    'Charts: <a href="https://www.tradingview.com/">TradingView</a> Lightweight Charts™, '
    "Copyright © 2026 TradingView, Inc., Apache License 2.0."
)
_COMMAND = re.compile(r"`([^`]*)`")
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


def page(title: str, parts: Iterable[str], *, made: str) -> str:
    """The whole file. `parts` are HTML as the other modules here make it; `made` says, in plain
    text with commands between `, of what and by what the page was made.
    """
    styles = (ASSETS / "page.css").read_text("utf-8")
    library = (ASSETS / LIBRARY).read_text("utf-8")
    script = (ASSETS / "page.js").read_text("utf-8")
    body = "\n".join(parts)
    made = _COMMAND.sub(r"<code>\1</code>", escape(made))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(title)}</title>
<style>
{styles}</style>
</head>
<body>
<main>
{body}
</main>
<footer><p>{made}</p><p>{NOTICE}</p></footer>
<script>
{library}
</script>
<script>
{script}</script>
</body>
</html>
"""


def write(path: Path, html: str) -> None:
    """Write a page where it is wanted, folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
