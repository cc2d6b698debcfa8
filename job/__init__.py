"""One firing: the run and its steps, and what a firing is made of.

`run.py` reads top to bottom; each step is a module beside it. `commands/` is what people type,
`canary/` and `readiness/` what two of them ask, `notify/` how people hear. Configuration
(`settings.py` → `config.py`) becomes a Job in `wiring.py`.
"""
