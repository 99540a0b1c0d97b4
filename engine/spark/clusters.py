"""Masters as Spark spells them, and a run's size as the settings that each kind of cluster knows it by. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from catalog.errors import InvalidInput
from engine.jobs.sizing import Size

_HOSTS = r"[^/\s,:]+:\d+(?:,[^/\s,:]+:\d+)*"


class Cluster(StrEnum):
    """`LOCAL`: executors are threads of the driver, or for Spark's own tests processes beside it."""

    LOCAL = "local"
    STANDALONE = "standalone"
    YARN = "yarn"
    KUBERNETES = "kubernetes"


_MASTERS = {
    Cluster.LOCAL: re.compile(r"local(-cluster)?(\[[^\]]*\])?"),
    Cluster.STANDALONE: re.compile(rf"spark://{_HOSTS}"),
    Cluster.YARN: re.compile(r"yarn"),
    Cluster.KUBERNETES: re.compile(r"k8s://\S+"),
}


def cluster_of(master: str) -> Cluster:
    """Raises InvalidInput for what is no master."""
    for cluster, pattern in _MASTERS.items():
        if pattern.fullmatch(master):
            return cluster
    why = "it is spark://host:port, yarn, k8s://https://host:port or local[n]."
    raise InvalidInput(what=f"Spark's master {master!r}", why=why)


def in_driver(master: str) -> bool:
    """Whether executors are threads of the driver."""
    return master.startswith("local") and not master.startswith("local-cluster")


def cluster_conf(master: str, size: Size | None, scaling: bool) -> dict[str, str]:
    """Spark's settings for a run of that size on a cluster; with `scaling` the size is the most that it may have.

    Without a size the cluster's own defaults hold. Raises InvalidInput for what is no master.
    """
    cluster = cluster_of(master)
    if cluster is Cluster.LOCAL:
        return {}
    conf = {} if cluster is Cluster.STANDALONE else {"spark.submit.deployMode": "client"}
    if size is not None and size.executors:
        conf |= _sized(cluster, size, scaling)
    if scaling:
        conf |= _scaled(size)
    return conf


def _sized(cluster: Cluster, size: Size, scaling: bool) -> dict[str, str]:
    cores = str(size.executor_cores)
    conf = {"spark.executor.cores": cores, "spark.executor.memory": f"{size.executor_memory_mb}m"}
    if cluster is Cluster.STANDALONE:
        return conf | {"spark.cores.max": str(size.cores)}
    conf["spark.executor.memoryOverhead"] = f"{size.overhead_mb}m"
    if not scaling:
        conf["spark.executor.instances"] = str(size.executors)
    if cluster is Cluster.KUBERNETES:
        conf["spark.kubernetes.executor.request.cores"] = cores
    return conf


def _scaled(size: Size | None) -> dict[str, str]:
    """Shuffled data is kept by executors here, not by a service beside them: one that has some must not go."""
    scaling = "spark.dynamicAllocation"
    conf = {f"{scaling}.enabled": "true", f"{scaling}.shuffleTracking.enabled": "true", f"{scaling}.minExecutors": "1"}
    if size is not None and size.executors:
        conf[f"{scaling}.maxExecutors"] = str(size.executors)
    return conf
