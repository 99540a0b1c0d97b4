"""Search: words of names, columns, comments, parameters and locations, in an index that follows the catalog."""
