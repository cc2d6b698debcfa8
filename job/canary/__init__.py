"""The canary: numbered checks of what the exchange is believed to do, on the exchange itself.

Demo and embedded venue only. It opens positions of the smallest size and ends flat; what it left
behind when it was killed, the next guard protects and the next run books, like any trade of ours.
"""
