"""What all rooms speak of: where something is, what is wrong, and what a property is."""
