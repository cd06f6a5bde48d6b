"""Two versions of a plan compared by meaning: what changed, by how much, and whether it touches the suggestion.

`rtcode.comparison.compare.compare` is the way in. Everything here is a pure function of two analyzed plans; outputs
render the records of `rtcode.comparison.types`.
"""
