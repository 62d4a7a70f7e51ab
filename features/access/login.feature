Feature: Who may do what
  The server does nothing for a stranger, and says so.

  Background:
    Given a running server
    And a client that is logged in as root

  Scenario: A wrong password
    When a second client tries to log in with a wrong password
    Then it is refused
    When a second client logs in
    Then the stream "stolen" does not exist

  Scenario: No login at all
    When a second client creates a stream without logging in
    Then it is refused
    And the stream "stolen" does not exist

  Scenario: The password still holds after a crash
    When the server is killed and started again
    And a second client tries to log in with a wrong password
    Then it is refused
    When a second client logs in
    Then the stream "stolen" does not exist
