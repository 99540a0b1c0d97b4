"""The Glue face: AWS Glue's own JSON protocol, for the clients that speak it."""
