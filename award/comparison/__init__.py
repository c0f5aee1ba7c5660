"""The marks of a closed slot side by side, as values and as pictures."""
