Feature: A server takes the shards that the machine can carry
  A server of this field once counted the second threads of 16 cores as cores of their own, started 32 shards and died
  for want of memory, with 44 GiB of it free.

  Scenario Outline: The machine that a server died on
    Given a machine of 16 cores with 2 threads each, <memory> MiB of memory, and 8 MiB that may be locked
    When a server starts there with the shards "<setting>"
    Then it serves with <shards> shards, "<reason>"
    Given a client that is logged in as root
    And the stream "orders" with topic "events" and 2 partitions
    And 10 acknowledged messages in partition 0
    And 10 acknowledged messages in partition 1
    When the server is killed and started again
    Then every acknowledged message is polled at its offset with its payload

    Examples:
      | memory | setting | shards | reason                                                               |
      | 512    | all     | 16     | one per physical core: 32 logical CPUs on 16 cores                   |
      | 512    | 32      | 16     | not 32: 256 MiB for buffers are enough for no more, at 16 MiB each   |
      | 256    | all     | 8      | not 16: 128 MiB for buffers are enough for no more, at 16 MiB each   |
