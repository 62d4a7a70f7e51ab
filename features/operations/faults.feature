Feature: The four faults this server was built for
  Each of them ended somebody's server once. Here each is met and survived.

  Background:
    Given a running server
    And a client that is logged in as root
    And the stream "orders" with topic "events" and 2 partitions

  @fault:disk-full
  Scenario: The disk is full
    Given 10 acknowledged messages in partition 0
    When the disk becomes full
    Then a message is refused with an error and is never read
    And the messages that were acknowledged before can still be polled
    When there is room on the disk again
    Then the next message is acknowledged without a restart

  @fault:shard-panic
  Scenario: A shard fails
    Given 10 acknowledged messages in partition 0
    And 10 acknowledged messages in partition 1
    When the shard that owns partition 1 fails
    Then every acknowledged message is polled at its offset with its payload
    And a message to partition 1 is acknowledged without a restart

  @fault:smt-oversubscription
  Scenario: More shards than cores
    Given a machine whose logical CPUs are siblings on half as many cores
    When the server runs more shards than there are cores
    Then 10 messages to each partition are acknowledged and polled in order
    And no healthy shard is taken for dead

  @fault:rotation-race
  Scenario: Segments rotate while messages are read and written
    Given segments so small that every few messages begin a new one
    When one client sends 200 messages while another polls
    Then the reader sees offsets 0 to 199 without gap or repetition
