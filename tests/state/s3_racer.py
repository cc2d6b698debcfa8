"""One of the processes that race for the notes in S3.

    python -m tests.state.s3_racer BUCKET KEY REGION NAME

Each line it reads lets it go one step: load, save, load, save, ... and each step answers a line.
"""

import sys
from itertools import count

from state.model import Notes
from state.s3_bucket import make_client
from state.s3_store import S3Store
from state.store import LostRaceError


def main(bucket: str, key: str, region: str, name: str) -> None:
    """Race until there is nobody to say go."""
    saves = count(1)
    store = S3Store(bucket, key, lambda: f"{name}-{next(saves)}", make_client(region))
    notes = Notes(venue="embedded", account="main")
    loaded = False
    for _ in sys.stdin:
        if not loaded:
            notes = store.load() or notes
            print("loaded", notes.revision, flush=True)
        else:
            try:
                notes = store.save(notes)
                print("won", notes.revision, notes.nonce, flush=True)
            except LostRaceError:
                print("lost", flush=True)
        loaded = not loaded


if __name__ == "__main__":
    main(*sys.argv[1:])
