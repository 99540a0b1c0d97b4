"""Who may do what: principals, the one decision, the proofs by which callers are known, and the audit of it all."""
