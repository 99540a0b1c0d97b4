"""Jobs as they are defined: what a job asks for, in which size, where, and with which files."""
