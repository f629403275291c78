"""Values derived from settings, options and the machine: fields, and the functions they use."""
