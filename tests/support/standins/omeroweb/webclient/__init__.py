"""Stand-in for the application of OMERO.web."""
