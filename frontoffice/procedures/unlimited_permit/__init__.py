"""Single permit of unlimited duration, filed by the worker."""
