"""Pages for people: one HTML file each, that opens offline, on a phone and in the dark.

Given finished figures, texts and columns, it makes HTML of them. Must not compute a result, read a
file that is not its own, or know anything of the rest of the project. The charts are drawn by
TradingView's Lightweight Charts, which lies in `assets/` as its makers publish it.
"""
