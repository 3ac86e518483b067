"""The command line with a worker that does not stand back: in tests nobody waits for a page, and other tests would keep it from its work.

Nor is it hurried at its end, when it sends the last of its spans."""

from frontoffice import cli, worker
from frontoffice.kernel import tracing

if __name__ == "__main__":
    worker._stand_back = lambda: None
    tracing._SECONDS_TO_END = 60.0
    cli.main()
