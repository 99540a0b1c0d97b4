"""Not provided yet: importing it fails by name."""

from awsglue._missing import NotProvidedError

raise NotProvidedError("the module awsglue.glue_shell")
