"""Declaration of arrival for a short stay (annex 3)."""
