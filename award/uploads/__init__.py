"""What an uploaded file really is: told by its bytes, made harmless or refused with the reason."""
