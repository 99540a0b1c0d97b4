"""The calls of CloudWatch Logs by which clients of Glue read the logs of job runs."""
