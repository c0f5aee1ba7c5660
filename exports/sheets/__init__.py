"""One module for each kind of sheet; each adds its sheets to a book."""
