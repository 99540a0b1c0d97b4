"""The schema registry: schemas of data in motion, and whether one version of them reads what another wrote."""
