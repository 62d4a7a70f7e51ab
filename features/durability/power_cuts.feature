Feature: Nothing acknowledged is lost with the power
  Whoever asks the server to sync before it acknowledges can pull the plug. Played in the simulator alone: a machine
  that tests may switch off is not at hand.

  Background:
    Given a running server that syncs before it acknowledges
    And a client that is logged in as root
    And the stream "orders" with topic "events" and 2 partitions

  @fault:power-cut @simulated
  Scenario: The power fails
    Given 20 acknowledged messages in partition 0
    And 5 acknowledged messages in partition 1
    When the power fails and the machine starts again
    Then every acknowledged message is polled at its offset with its payload
    And the next message gets the offset after the last one

  @fault:power-cut @simulated
  Scenario: The power fails again and again
    Given segments so small that every few messages begin a new one
    And 20 acknowledged messages in partition 0
    When the power fails and the machine starts again
    And I send 10 messages to partition 0 of topic "events" in stream "orders"
    And the power fails and the machine starts again
    Then every acknowledged message is polled at its offset with its payload
