"""OMERO's JVMs: the size of each heap, whether all of them fit, and their flags."""
