"""The house rules that no linter knows: who imports whom, sizes, locks, the set-up script."""
