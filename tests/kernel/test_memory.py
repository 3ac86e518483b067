"""What was large and is free does not stay with the process."""

import subprocess
import sys

_SCRIPT = """
import psutil
from concurrent.futures import ThreadPoolExecutor
from frontoffice.kernel.memory import give_back
give_back()
before = psutil.Process().memory_info().rss
for size in range(1_000_000, 5_000_000, 400_000):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: len(bytes(bytearray(size))), range(16)))
print(psutil.Process().memory_info().rss - before)
"""


def test_a_process_is_small_again_after_large_work() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 8_000_000
