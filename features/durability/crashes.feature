Feature: Acknowledged means kept
  Whatever ends the server, a message that was acknowledged is there after the restart.

  Background:
    Given a running server
    And a client that is logged in as root
    And the stream "orders" with topic "events" and 1 partition

  Scenario: The process is killed
    Given 30 acknowledged messages in partition 0
    When the server is killed and started again
    Then every acknowledged message is polled at its offset with its payload
    And the next message gets the offset after the last one

  Scenario: Sealed segments and the newest one survive together
    Given segments so small that every few messages begin a new one
    And 60 acknowledged messages in partition 0
    When the server is killed and started again
    Then every acknowledged message is polled at its offset with its payload

  Scenario: A stored offset survives
    Given 10 acknowledged messages in partition 0
    And the consumer has committed offset 6
    When the server is killed and started again
    Then the consumer's stored offset is 6
