"""Stand-in for the template tags of OMERO.web."""
