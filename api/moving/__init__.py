"""Moving a catalog in and out: from other metastores and files, to files, and a home as a whole."""
