"""Questions and steps that several procedures share; nothing here belongs to one procedure alone."""
