"""The finder: a few questions in plain words that lead to a procedure, or to another door."""
