"""Mail: written down with the act that causes it, sent after the commit, its failures visible."""
