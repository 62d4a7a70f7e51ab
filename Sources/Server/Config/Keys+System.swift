extension Keys {
    static let system = [
        Key("system.path", .text, "\"local_data\"", .effective),
        Key("system.backup.path", .text, "\"backup\"", .neverUsed),
        Key("system.backup.compatibility.path", .text, "\"compatibility\"", .neverUsed),
        // Changes of the catalog are durable before they are answered.
        Key("system.state.enforce_fsync", .flag, "false", .unnecessary),
        Key("system.state.max_file_operation_retries", .integer(UInt64(UInt32.max)), "1", .neverUsed),
        Key("system.state.retry_delay", .interval, "\"1 s\"", .neverUsed),
        Key("system.runtime.path", .text, "\"runtime\"", .effective),
        Key("system.logging.path", .text, "\"logs\"", .effective),
        Key("system.logging.level", .text, "\"info\"", .effective),
        Key("system.logging.file_enabled", .flag, "true", .effective),
        Key("system.logging.max_file_size", .size, "\"500 MB\"", .effective),
        Key("system.logging.max_size", .size, "", .effective),
        Key("system.logging.max_total_size", .size, "\"4 GB\"", .effective),
        Key("system.logging.rotation_check_interval", .interval, "\"1 h\"", .effective),
        Key("system.logging.retention", .interval, "\"7 days\"", .effective),
        Key("system.logging.sysinfo_print_interval", .interval, "\"10 s\"", .unnecessary),
        Key("system.encryption.enabled", .flag, "false", .missing(.encryption)),
        Key("system.encryption.key", .text, "\"\"", .missing(.encryption), isSecret: true),
        Key("system.compression.allow_override", .flag, "false", .neverUsed),
        Key("system.compression.default_algorithm", .text, "\"none\"", .neverUsed),
        // Directories are named by number and never by a setting.
        Key("system.stream.path", .text, "\"streams\"", .unnecessary),
        Key("system.topic.path", .text, "\"topics\"", .unnecessary),
        Key("system.topic.max_size", .topicSize, "\"unlimited\"", .missing(.retention)),
        Key("system.topic.message_expiry", .expiry, "\"none\"", .missing(.retention)),
        Key("system.partition.path", .text, "\"partitions\"", .unnecessary),
        Key("system.partition.enforce_fsync", .flag, "false", .effective),
        // What is read is always verified.
        Key("system.partition.validate_checksum", .flag, "false", .unnecessary),
        Key("system.partition.messages_required_to_save", .integer(UInt64(UInt32.max)), "1024", .unnecessary),
        Key("system.partition.size_of_messages_required_to_save", .size, "\"1 MiB\"", .unnecessary),
        Key("system.segment.size", .size, "\"1 GiB\"", .effective),
        Key("system.segment.preallocate", .flag, "false", .unnecessary),
        Key("system.segment.cache_indexes", .indexCache, "\"open_segment\"", .unnecessary),
        Key("system.segment.archive_expired", .flag, "false", .neverUsed),
        Key("system.message_deduplication.enabled", .flag, "false", .missing(.deduplication)),
        Key("system.message_deduplication.max_entries", .integer(.max), "10_000", .missing(.deduplication)),
        Key("system.message_deduplication.expiry", .interval, "\"1 m\"", .missing(.deduplication)),
        Key("system.recovery.recreate_missing_state", .flag, "false", .unnecessary),
        // The memory of a shard is one limit, found from the machine or its control group.
        Key("system.memory_pool.enabled", .flag, "true", .unnecessary),
        Key("system.memory_pool.size", .size, "\"4 GiB\"", .unnecessary),
        Key("system.memory_pool.bucket_capacity", .integer(UInt64(UInt32.max)), "8192", .unnecessary),
        Key("system.sharding.cpu_allocation", .allocation, "\"all\"", .effective),
        Key("system.sharding.pin_cores", .flag, "true", .effective),
        // A key of 0.9.
        Key("system.sharding.shutdown_drain_timeout", .interval, "\"10 s\"", .effective),
    ]

    static let ours = [
        Key("galgo.memory_limit", .size, "", .effective),
        Key("galgo.huge_pages", .flag, "false", .effective),
    ]

    static let cluster = [
        Key("cluster.enabled", .flag, "false", .missing(.cluster)),
        Key("cluster.name", .text, "\"iggy-cluster\"", .missing(.cluster)),
        Key("cluster.node.current.name", .text, "\"iggy-node-1\"", .missing(.cluster)),
        Key("cluster.node.current.ip", .text, "\"127.0.0.1\"", .missing(.cluster)),
        Key(
            "cluster.node.others", .tables,
            """
            [{ name = "iggy-node-2", ip = "127.0.0.1", \
            ports = { tcp = 8091, quic = 8081, http = 3001, websocket = 8093 } }]
            """, .missing(.cluster)),
        Key("cluster.node.others[].name", .text, "", .missing(.cluster)),
        Key("cluster.node.others[].ip", .text, "", .missing(.cluster)),
        Key("cluster.node.others[].ports.tcp", .integer(UInt64(UInt16.max)), "", .missing(.cluster)),
        Key("cluster.node.others[].ports.quic", .integer(UInt64(UInt16.max)), "", .missing(.cluster)),
        Key("cluster.node.others[].ports.http", .integer(UInt64(UInt16.max)), "", .missing(.cluster)),
        Key("cluster.node.others[].ports.websocket", .integer(UInt64(UInt16.max)), "", .missing(.cluster)),
    ]
}
