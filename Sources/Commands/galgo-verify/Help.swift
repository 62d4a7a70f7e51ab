/// What `--help` prints: what it is for, by examples, then every flag.
let help = """
    galgo-verify: is everything in a data directory as it should be?

    Usage: galgo-verify DIRECTORY [flags]

    Reads every file and changes none. The server must not be running.

    Examples
      After the server was stopped
          galgo-verify /var/lib/galgo

      After it was killed: an incomplete last write is no fault, anything else is
          galgo-verify /var/lib/galgo --crashed

      After a power cut, before the next start
          galgo-verify /var/lib/galgo --crashed --power-cut

      What is stored, message by message
          galgo-verify /var/lib/galgo --messages --json

    What happened to it
      --crashed             the last server was killed or trapped     stopped as asked
      --power-cut           the machine once lost its power           never
      --segment-bytes N     the segment size that was always set      not checked
      --besides NAME        what system.logging.path or
                            system.runtime.path names; repeatable     logs, runtime

    Output
      --json                one JSON object instead of lines
      --messages            with --json: list every message
      --help                this text

    Exit code: 0 no law is broken, 10 at least one is, 64 wrong flags, 66 no such directory.
    """
