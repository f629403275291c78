"""A site made into files: every artifact, the manifest of a build, and the hooks that run after it."""
