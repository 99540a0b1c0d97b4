"""The engine's front door, noun by noun: each verb in a transaction of its own."""
