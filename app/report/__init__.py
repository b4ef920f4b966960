"""The printable report of a stored check: its tables, its map, its page. It decides nothing and measures nothing anew."""
