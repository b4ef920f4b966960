"""Derivation of the bundled boundaries from public packages; it is never imported by the running system."""
