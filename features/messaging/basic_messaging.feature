Feature: Basic messaging
  What a producer is told is stored can be read by a consumer, at its offset, unchanged and in order.

  Background:
    Given a running server
    And a client that is logged in as root

  Scenario: A stream, a topic, and ten messages
    Given no streams exist
    When I create the stream "orders"
    And I create the topic "events" with 3 partitions in stream "orders"
    And I send 10 messages to partition 0 of topic "events" in stream "orders"
    Then all messages are acknowledged
    And polling from offset 0 gives 10 messages with offsets 0 to 9
    And each polled message has the payload that was sent
    And the last polled message equals the last sent message

  Scenario: A second consumer reads the same messages
    Given the stream "orders" with topic "events" and 1 partition
    And 25 acknowledged messages in partition 0
    When a second client logs in
    Then the second client polls 25 messages with offsets 0 to 24

  Scenario: A consumer goes on where it stopped
    Given the stream "orders" with topic "events" and 1 partition
    And 20 acknowledged messages in partition 0
    When the consumer polls the next 8 messages and commits
    And the consumer polls the next 8 messages and commits
    Then the consumer has read offsets 0 to 15 without gap or repetition

  Scenario: What is purged is never seen again
    Given the stream "orders" with topic "events" and 1 partition
    And 12 acknowledged messages in partition 0
    When I purge the topic
    Then polling from offset 0 gives no messages
    And the next message gets offset 0

  Scenario: A topic made anew begins anew
    Given the stream "orders" with topic "events" and 1 partition
    And 12 acknowledged messages in partition 0
    And the consumer has committed offset 4
    When I delete the topic and create it again
    Then polling from offset 0 gives no messages
    And the consumer has no stored offset
    And the next message gets offset 0
