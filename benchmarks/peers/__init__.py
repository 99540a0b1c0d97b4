"""The services that ours is measured and compared against, started for the purpose and left without a trace."""
