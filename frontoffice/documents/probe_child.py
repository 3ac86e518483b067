"""Says which network a caged process lives in, so that its parent can see whether that is another than its own."""

import os
import sys

OWN_NETWORK = "/proc/self/ns/net"

if __name__ == "__main__":
    sys.stdout.write(os.readlink(OWN_NETWORK))
