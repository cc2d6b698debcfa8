"""A firing's numbers for CloudWatch: one JSON line in its "embedded metric format".

CloudWatch makes metrics of what lies in the log in this form; nothing is sent. The template's
alarms look at them. Only Lambda prints it. Must not hold anything secret.
"""

import json

from job.report import Report

NAMESPACE = "Revert"
DIMENSIONS = ("Venue", "Account")


def metrics_line(report: Report) -> str:
    """The line. Failed is 0 or 1; Unprotected and OpenPositions count symbols."""
    values = {
        "Failed": int(not report.ok),
        "Unprotected": sum(symbol.unprotected for symbol in report.symbols),
        "OpenPositions": sum(
            symbol.position[:5] in ("long ", "short") for symbol in report.symbols
        ),
    }
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(DIMENSIONS)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
    }
    line = {
        "_aws": {"Timestamp": report.at_ms, "CloudWatchMetrics": [directive]},
        "Venue": report.venue,
        "Account": report.account,
        "Command": report.command,
        "Run": report.run,
        **values,
    }
    return json.dumps(line)
