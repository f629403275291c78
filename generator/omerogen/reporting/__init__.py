"""What people and other programs read about settings: explanations, the reference, pictures."""
