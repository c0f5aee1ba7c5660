"""The minutes of a scoring day: what they say, as text and as a document to sign."""
