"""What people, timers and AWS ask of the job: one module a command, and what commands share.

Lies above the run: no other module of the job imports from here (a house test). A command wires,
asks and words; whatever it sends to the exchange goes through the same steps as a run's.
"""
