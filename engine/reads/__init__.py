"""What runs read and write: read plans, bookmarks, staged files, and what of it the catalog takes in."""
