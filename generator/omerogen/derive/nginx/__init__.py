"""What nginx listens to, is named, and takes from the site's own lines."""
