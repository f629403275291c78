"""What omerogen takes, as ratios to what the same machine does otherwise."""
