"""Input: text in, checked values out."""
