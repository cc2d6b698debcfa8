"""The settings as the table of docs/settings.md: `python -m job.settings_table` prints it."""

from job import settings
from strategy import parameters


def rows() -> list[str]:
    """The table's lines, header included."""
    intervals = ", ".join(parameters.INTERVALS_MS)
    meaning = f"{parameters.INTERVAL_MEANING}: {intervals}"
    cells = [("strategy.interval", parameters.INTERVAL_DEFAULT, meaning)]
    cells += [
        (f"strategy.{setting.name}", setting.default, f"{setting.meaning} ({setting.bounds})")
        for setting in parameters.SETTINGS
    ]
    cells += [
        (setting.name, "" if setting.default is None else str(setting.default).lower(),
         setting.meaning)
        for setting in settings.SETTINGS
    ]  # fmt: skip
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in cells]
    return lines


if __name__ == "__main__":
    print("\n".join(rows()))
