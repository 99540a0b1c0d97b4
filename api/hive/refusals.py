"""The methods of a metastore that this one refuses by name: what each may raise, and why it is refused.

A method's failure must be one that it declares, or clients take it for a broken connection; so the exceptions are
listed as in `methods`, up to the one that tells the refusal. A method that declares none is answered as a failure of
the application, which is all that the protocol leaves.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from api.hive.bindings import hive
from api.hive.failures import unsupported
from api.hive.session import Handler, Session

# why: (exceptions, methods)
_REFUSED = {
    "there are no ACID transactions; tables of Iceberg and Delta commit by themselves.": (
        (
            "",
            "open_txns get_open_txns get_open_txns_info get_open_txns_req heartbeat_txn_range compact compact2 "
            "show_compact repl_tbl_writeid_state get_lock_materialization_rebuild "
            "heartbeat_lock_materialization_rebuild find_columns_with_stats set_hadoop_jobid update_compactor_state "
            "get_latest_committed_compaction_info",
        ),
        ("NoSuchTxn", "abort_txn abort_txns commit_txn add_dynamic_partitions"),
        ("NoSuchTxn TxnAborted Meta", "allocate_table_write_ids"),
        ("NoSuchTxn Meta", "get_valid_write_ids"),
        (
            "Meta",
            "get_latest_txnid_in_conflict get_max_allocated_table_write_id seed_txn_id seed_write_id "
            "update_transaction_statistics find_next_compact find_next_compact2 mark_cleaned mark_compacted "
            "mark_failed mark_refused",
        ),
    ),
    "there is no Kerberos; whom the network lets in is trusted.": (
        ("", "add_token remove_token get_token get_all_token_identifiers remove_master_key get_master_keys"),
        ("Meta", "get_delegation_token renew_delegation_token cancel_delegation_token add_master_key"),
        ("NoSuchObject Meta", "update_master_key"),
    ),
    "no log of events is kept; table versions tell what changed.": (
        (
            "",
            "get_next_notification get_current_notificationEventId get_notification_events_count fire_listener_event "
            "add_write_notification_log add_write_notification_log_in_batch",
        ),
        ("Meta", "get_all_write_event_info cm_recycle add_replication_metrics get_replication_metrics"),
    ),
    "no constraints are kept, and no reader here would mind them.": (
        (
            "NoSuchObject Meta",
            "add_primary_key add_foreign_key add_unique_constraint add_not_null_constraint add_default_constraint "
            "add_check_constraint drop_constraint",
        ),
    ),
    "everybody may do everything here; there are no roles to give and no privileges.": (
        (
            "Meta",
            "create_role drop_role grant_role revoke_role grant_revoke_role grant_privileges revoke_privileges "
            "grant_revoke_privileges refresh_privileges",
        ),
    ),
    "Hive's serialised expressions are objects of its Java; ask by get_partitions_by_filter.": (
        ("Meta", "get_partitions_by_expr get_partitions_spec_by_expr get_partitions_with_specs"),
        ("", "get_file_metadata_by_expr"),
    ),
    "partitions carry no marks of events.": (("Meta", "markPartitionForEvent isPartitionMarkedForEvent"),),
    "add the partition there and drop it here.": (("Meta", "exchange_partition exchange_partitions"),),
    "its settings are the service's own.": (("Meta", "getMetaConf setMetaConf"),),
    "files are not described.": (("", "get_file_metadata put_file_metadata clear_file_metadata cache_file_metadata"),),
    "types are written where they are used.": (
        ("Meta", "get_type drop_type get_type_all"),
        ("AlreadyExists InvalidObject Meta", "create_type"),
    ),
    "there is one catalog, hive.": (
        ("AlreadyExists InvalidObject Meta", "create_catalog"),
        ("NoSuchObject InvalidOperation Meta", "alter_catalog drop_catalog"),
    ),
    "materialized views are not rebuilt here.": (
        ("Meta", "get_materialization_invalidation_info update_creation_metadata"),
    ),
    "the catalog has no such number.": (("Meta", "get_metastore_db_uuid"),),
}

# name: (exceptions, why)
REFUSED = {
    name: (exceptions, why)
    for why, groups in _REFUSED.items()
    for exceptions, names in groups
    for name in names.split()
}


def _refuse(name: str, _session: Session, _call: Any) -> object:
    exceptions, why = REFUSED[name]
    told = unsupported(name, why)
    raise told if "Meta" in exceptions.split() or not exceptions else hive.NoSuchTxnException(told.message)


HANDLERS: dict[str, Handler] = {name: partial(_refuse, name) for name in REFUSED}
