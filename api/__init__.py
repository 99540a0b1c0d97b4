"""The faces: each translates a protocol, calls one verb, and translates back."""
