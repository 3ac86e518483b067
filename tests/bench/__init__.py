"""What the filing journey costs: `make bench` runs it and prints a report; nothing here passes or fails."""
