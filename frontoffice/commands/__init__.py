"""What operators and developers type after `frontoffice`: one module a topic, each with `add_to(commands)`."""
