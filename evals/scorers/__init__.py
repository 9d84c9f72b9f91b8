"""Scorers: pure functions from a case and what the system answered to shares of measures; nothing is run here."""
