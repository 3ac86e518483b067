"""Work authorisation without residence: up to 90 days, frontier workers, telework from abroad."""
