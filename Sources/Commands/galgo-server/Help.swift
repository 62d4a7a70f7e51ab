import Server

let helpText = """
    galgo-server: a persistent message streaming server for Iggy clients (SDKs 0.7 and 0.8)

    Usage: galgo-server [--config FILE] [--with-default-root-credentials] [--fresh]
           galgo-server config check [FILE]
           galgo-server config dump [--json] [FILE]
           galgo-server topology [--config FILE] [--synthetic DESCRIPTION]
           galgo-server doctor [--json] [--config FILE]
           galgo-server user reset-password NAME [--config FILE]
           galgo-server --help | --version

      --config FILE                     the configuration; else the file that IGGY_CONFIG_PATH names, else
                                        core/server/config.toml here or above, else what holds by itself
      -c, --config-provider file        where the configuration comes from; there is no other
      -f, --fresh                       removes everything in the data directory first, also an Iggy server's; nothing
                                        if there is anything else in it. At each start: not for a unit that restarts
      --follower, --replica-id N        Iggy's, accepted; without effect, as this version has no clusters
      --with-default-root-credentials   the first account is iggy / iggy, as far as it is not set
      config check                      tells everything that is wrong with a configuration, or keeps a server with it
                                        from starting on this machine; exit code 64 if anything does
      config dump                       shows every setting and who set it, as a file that gives the same
      topology                          shows the machine, the shards on it and why; or on one in hwloc's synthetic
                                        notation: --synthetic 'pack:1 core:8 pu:2'
      doctor                            looks at the disk, the clock, limits, the control group and the CPUs, and gives
                                        advice; exit code 0 nothing to do, 1 advice, 2 a problem
      user reset-password               gives an account another password while no server runs: the first line of
                                        standard input, asked for at a terminal
      -V, --version                     print the version
      -h, --help                        print this; behind a command, what is to be known of that one

    Keys, names and units are Iggy's; config.toml explains them. A variable sets a key and wins over the file:
    IGGY_SYSTEM_SEGMENT_SIZE is system.segment.size. The ones that matter most:

      IGGY_TCP_ADDRESS                     HOST:PORT to listen on; port 0 lets the system choose
                                           (127.0.0.1:8090)
      IGGY_SYSTEM_PATH                     the data directory, made if missing (local_data)
      IGGY_ROOT_USERNAME, IGGY_ROOT_PASSWORD
                                           the first account, for the first start of a directory; without them
                                           it is iggy with a password that is made up and printed once
      IGGY_SYSTEM_SEGMENT_SIZE             a new segment file after so many bytes: 512 B to 1 GiB in multiples
                                           of 512. MB is 1000 x 1000 and MiB 1024 x 1024 bytes (1 GiB)
      IGGY_SYSTEM_PARTITION_ENFORCE_FSYNC  true: a message is acknowledged after a sync and survives a power
                                           cut; false: after the write, and survives kill -9 (false)
      IGGY_SYSTEM_SHARDING_CPU_ALLOCATION  all: a shard on each physical core that this process may use, siblings
                                           never counted; or a number, a range of CPUs (2..8), numa:auto, or
                                           numa:nodes=0,1;cores=4;no_ht=true (all)
      IGGY_SYSTEM_SHARDING_PIN_CORES       false: shards are not kept to NUMA nodes, and may be more than CPUs (true)
      GALGO_LOG                            which lines the log has: a level, or targets with levels, such as
                                           info,server::storage=debug; also RUST_LOG, and the key
                                           system.logging.level (info). Log files are in DATA/logs
      GALGO_LOG_FORMAT                     json: an object for each line instead of text (text)
      NO_COLOR                             set: no colours, also on a terminal
      GALGO_MEMORY_LIMIT                   what buffers may take together, from 64 MiB on (half of what there is)
      GALGO_HUGE_PAGES                     true: asks the kernel for huge pages for large buffers (false)
      IGGY_CONFIG_PATH                     the configuration, in the working directory or above it; it has to be there
      IGGY_ENV_PATH                        a file of variables, NAME=VALUE, that has to be there; else .env in the
                                           working directory or above it. What is set already wins
      GALGO_FAIL_SHARDS_ON_SIGNAL          true: SIGUSR1, sent with the number of a shard, lets it fail; for tests of
                                           what happens then (false)

    SIGTERM or SIGINT stops it cleanly: replies are sent, everything is synced. A second one stops it at once, and so
    does the end of system.sharding.shutdown_drain_timeout. SIGHUP reads the configuration again: the level and the
    limits of the log and that timeout change, and what needs a restart is told. SIGUSR1, SIGUSR2 and SIGALRM change nothing.

    Exit codes: 0 stopped, 64 wrong setting, 67 no such account, 70 a shard failed again and again, 71 the system does
    not let it listen, or make, open, lock or write the directory, 74 the standard output cannot be written, 75 a stop
    took too long, 78 the directory is not ours to use: in use, damaged, of another version or of somebody else, 130
    stopped at once.

    """

extension Invocation.Command {
    /// What is to be known of one command.
    var help: String {
        switch self {
        case .config:
            """
            Usage: galgo-server config check [FILE]
                   galgo-server config dump [--json] [FILE]

              check   tells everything that is wrong with a configuration, with line and column, and what would keep a
                      server with it from starting on this machine; exit code 0 in order, 64 not
              dump    shows every setting and who set it, as TOML that gives the same configuration, or as JSON; of
                      secrets a mask

            FILE may also be written --config FILE. Without it counts what a server would read: the file that
            IGGY_CONFIG_PATH names, else core/server/config.toml here or above, else what holds by itself. Variables
            of the environment win over the file.

            """
        case .doctor:
            """
            Usage: galgo-server doctor [--json] [--config FILE]

            Looks at the disk (200 syncs, three seconds at most), the clock, limits, the control group and the CPUs, and
            gives advice. Exit code 0 nothing to do, 1 advice, 2 a problem, 64 a wrong setting.

            """
        case .topology:
            """
            Usage: galgo-server topology [--config FILE] [--synthetic DESCRIPTION]

            Shows the machine, the shards on it and why; or on a machine in hwloc's synthetic notation, such as
            'pack:1 core:8 pu:2', with 2,048 logical CPUs at most. Exit code 64 when there is no placement.

            """
        case .user:
            """
            Usage: galgo-server user reset-password NAME [--config FILE]

            Gives an account another password while no server runs. The password is the first line of standard input;
            at a terminal it is asked for twice and not shown. Exit code 0 changed, 64 a wrong setting or password,
            67 no such account, 71 not written, 78 the directory is in use or not ours.

            """
        }
    }
}
