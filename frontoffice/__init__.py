"""The Belgian permit window: one place to file, follow and decide single permits and visas."""
