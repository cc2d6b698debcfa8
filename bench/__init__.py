"""The benchmark: ratios against yardsticks, measured side by side in one run. Not the product."""
