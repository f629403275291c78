"""Reports about settings for people and programs: explanations, the reference, pictures."""
