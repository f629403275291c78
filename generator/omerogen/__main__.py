"""``python -m omerogen``."""

import sys

from omerogen.cli import main

if __name__ == "__main__":
    sys.exit(main())
