"""The kinds of values that properties have: from text to value, and back."""
