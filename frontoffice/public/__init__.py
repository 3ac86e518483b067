"""What anyone may read without signing in: the start page, information, the figures of the law, files, and health."""
