"""The settings as a Markdown table: `python -m job.settings_table` prints what README.md holds."""

from job import settings
from strategy import parameters


def rows() -> list[str]:
    """The table's lines, header included."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    intervals = ", ".join(parameters.INTERVALS_MS)
    lines.append(
        f"| `strategy.interval` | {parameters.INTERVAL_DEFAULT} | "
        f"{parameters.INTERVAL_MEANING}: {intervals} |"
    )
    for strategy in parameters.SETTINGS:
        lines.append(
            f"| `strategy.{strategy.name}` | {strategy.default} | {strategy.meaning} "
            f"({strategy.bounds}) |"
        )
    for setting in settings.SETTINGS:
        default = "" if setting.default is None else str(setting.default).lower()
        lines.append(f"| `{setting.name}` | {default} | {setting.meaning} |")
    return lines


if __name__ == "__main__":
    print("\n".join(rows()))
