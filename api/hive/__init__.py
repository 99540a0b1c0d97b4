"""The Hive Metastore face: the Thrift protocol that Spark, Trino, PyIceberg and Hive itself speak to a metastore."""
