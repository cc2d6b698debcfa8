"""The canary on the embedded exchange: whole, and with each fault that one check is there for."""
