"""Visa C: a visit to Belgium and the Schengen area of at most ninety days (Regulation (EC) 810/2009, the Visa Code)."""
