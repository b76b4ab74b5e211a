"""Tallystick: links companies' accounting software and serves their books in one standard form."""

__version__ = "0.1.0"
