"""What has happened, told to the world outside: a stream, and webhooks."""
