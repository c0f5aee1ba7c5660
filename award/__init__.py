"""The web application: the only room that knows HTTP and the database."""
