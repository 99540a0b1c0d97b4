"""Not provided yet: importing it fails by name."""

from awsglue._missing import NotProvidedError

raise NotProvidedError("streaming sources (awsglue.streaming_data_source)")
