"""The ledger of runs: waiting, taken, repeated, ended and, in time, removed."""
