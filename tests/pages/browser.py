"""A real browser looks at a page: headless Chromium, from a file, without a network.

Skips where none is installed; `.ci/run` installs it.
"""

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", "--v=0"),
)


class Rendered(NamedTuple):
    """What the browser made of a page."""

    dom: str
    console: list[str]

    @property
    def text(self) -> str:
        """What a person reads, roughly."""
        body = re.sub(r"(?s)<(script|style).*?</\1>", " ", self.dom)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def rendered(page: Path, profile: Path, *, dark: bool = False, width: int = 1200) -> Rendered:
    """The page after its scripts have run, and what they wrote to the console."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium here: the page is not looked at")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    ended = subprocess.run(
        [program, *ARGUMENTS, *scheme, f"--user-data-dir={profile}", f"--window-size={width},900",
         "--virtual-time-budget=3000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return Rendered(ended.stdout, [line for line in ended.stderr.splitlines() if "CONSOLE" in line])


def measured(page: Path, profile: Path, expression: str, *, width: int = 1200) -> Any:
    """What a JavaScript expression comes to on the page as it is laid out."""
    script = f"document.body.dataset.measured = JSON.stringify({expression})"
    asking = page.with_name(f"asking-{page.name}")
    html = page.read_text("utf-8")
    assert html.count("</body>") == 1
    asking.write_text(html.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    found = re.search(r'data-measured="(.*?)"', rendered(asking, profile, width=width).dom)
    assert found
    return json.loads(unescape(found[1]))
