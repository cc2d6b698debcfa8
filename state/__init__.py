"""What survives between runs: the notes, their stores, the journal, and what they mean.

`ledger`, `reconcile` and `protection` are pure: they compare the notes with what the exchange
says and name what is true and what must be repaired. Only the stores and the journal touch disks.
"""
