"""Visa D, for a stay of more than ninety days: what all of them share, and one module for each purpose."""
