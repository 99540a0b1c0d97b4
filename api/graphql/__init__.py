"""GraphQL: the catalog's and the engine's verbs as one graph of nodes, after the Relay conventions."""
