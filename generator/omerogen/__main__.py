"""``python -m omerogen``."""

from omerogen.cli import run

if __name__ == "__main__":
    run()
