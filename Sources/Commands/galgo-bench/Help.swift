/// What `--help` prints: how to measure, by examples, then every flag.
let help = """
    galgo-bench: how fast does a server take and give messages?

    Usage: galgo-bench produce|consume [flags]

    Examples
      A first number: four connections, batches of 1000 messages of 256 bytes, ten seconds
          galgo-bench produce

      The lowest latency: one message at a time on one connection
          galgo-bench produce --connections 1 --partitions 1 --batch 1

      The highest throughput: keep four requests on the way on each connection
          galgo-bench produce --in-flight 4

      Reading: fill a topic and keep it, then read it
          galgo-bench produce --keep
          galgo-bench consume

      Check everything that was written, once, and say so by the exit code
          galgo-bench consume --once

      For a script
          galgo-bench produce --json | jq .latency_ns.p99

    Where
      --address HOST:PORT   the server's TCP address              127.0.0.1:8090
      --user NAME           who logs in                           iggy
      --password TEXT                                             iggy
      --stream NAME         the stream written or read            bench
      --topic NAME          the topic in it                       bench
      --no-create           the stream and topic must exist       made if missing
      --keep                leave a stream that this run made     removed at the end

    How much
      --partitions N        partitions of the topic               4
      --connections N       TCP connections, a thread each        4
      --batch N             messages in a request                 1000
      --bytes N             payload bytes in a message            256
      --in-flight N         requests ahead of their replies       1
      --seconds N           measured time                         10
      --warmup N            seconds before, not measured          1
      --once                consume: read each message once, then stop

    Output
      --json                one JSON object instead of the table
      --help                this text

    Progress goes to stderr, the result to stdout. Latency runs from before a request is sent until its reply is
    read. MB are 1,000,000 bytes of payload. A consumer checks that offsets follow each other without a gap and
    that each payload has --bytes bytes.

    Exit code: 0 measured, 1 something failed or a check did not hold, 64 wrong flags.
    """
