"""The production job under every fault that can be enumerated. `python -m tests.torture`."""
