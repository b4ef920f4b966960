"""The domain of Shanhe: terms, measures, rules and the check. No web, no database, no files but its own packaged data."""

__version__ = "0.2.0"
