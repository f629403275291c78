"""Many sites in one run: which they are, the processes that build them, and which need no build."""
