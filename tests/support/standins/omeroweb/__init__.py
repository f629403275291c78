"""Stand-in for OMERO.web: the names that its settings refer to, and a few pages."""
