"""Writes what the stage needs: certificates, and the rules of as many symbols as Binance has.

    python -m bench.run.properties FOLDER SYMBOL...

A process of its own, so that the one that measures stays small.
"""

import json
import sys
from pathlib import Path

import certifi
import trustme

from simulator.rules_builtin import exchange_info_row


def write_certificates(folder: Path) -> None:
    """The server's, and a list of authorities of the usual length with its issuer in it."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    usual = Path(certifi.where()).read_bytes()
    (folder / "authorities.pem").write_bytes(usual + authority.cert_pem.bytes())


def write_rules(path: Path, symbols: list[str]) -> None:
    """BTCUSDT's rules for each."""
    row = exchange_info_row("BTCUSDT")
    rows = [{**row, "symbol": symbol, "pair": symbol} for symbol in symbols]
    path.write_text(json.dumps({"symbols": rows}), encoding="utf-8")


if __name__ == "__main__":
    write_certificates(Path(sys.argv[1]))
    write_rules(Path(sys.argv[1]) / "rules.json", sys.argv[2:])
