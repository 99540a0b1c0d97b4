"""From a place to tables: list, group, sample, recognise, infer, reconcile."""
