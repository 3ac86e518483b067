"""Documents: how they come in, are checked, shown, joined, handed out and cleared away; the last word on each has its state."""
