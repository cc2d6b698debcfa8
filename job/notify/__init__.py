"""How people hear of the job: messages to channels, and pings to a dead man's switch.

Loaded only where `configured` says that somebody listens. It sends after the notes are saved,
within a short time, and whatever becomes of it changes no trade and no exit status. No text it
makes holds a secret.
"""
