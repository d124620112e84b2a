Feature: Halt and resume
  A halt stops new entries and cancels what of the working ones is unfilled. Exits stay, closes go on. A halt lasts over
  restarts, until a person ends it; one for refused credentials ends when they are good again.

  Background:
    Given entries are limited to 4 contracts

  Scenario: New entries are denied, and the reply says why
    Given the operator halts entries: "lunch"
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    Then the alert is denied: halted
    And the reply says "lunch"
    And nothing is sent to the broker

  Scenario: The unfilled remainder of a working entry is cancelled, what is filled stays covered
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And 2 contracts of the entry fill
    And the operator halts entries: "lunch"
    Then the broker has these orders:
      | order | quantity | limit | state     | filled |
      | buy   | 4        | 0.75  | cancelled | 2      |
      | sell  | 1        | 1.50  | working   | 0      |
    And the room hears "The other 2 were not filled"

  Scenario: An alert that is being decided when the halt comes is not entered
    When Ana posts "BTO UBER 78p 12/05 @ 0.75" and the operator halts entries before it is decided
    Then the alert is denied: halted
    And nothing is sent to the broker

  Scenario: Exits rest and fill during a halt
    Given Ana bought 4 UBER 78p 12/05 at 0.75
    When the operator halts entries: "lunch"
    And the exit fills
    Then 2 UBER 78p 12/05 are held
    And the room hears "Exit filled: sold 2 UBER 78p 2025-12-05 @ 1.50"

  Scenario: A person resumes, and entries are taken again
    Given the operator halts entries: "lunch"
    When the operator resumes entries
    And Ana posts "BTO UBER 78p 12/05 @ 0.75"
    Then the alert is accepted
    And the operator is told: "Entries resumed"

  Scenario: A halt outlasts a restart
    Given the operator halts entries: "lunch"
    When the desk restarts
    And Ana posts "BTO UBER 78p 12/05 @ 0.75"
    Then the alert is denied: halted

  Scenario: A halt that the desk ordered itself waits for a person too
    Given the broker rejects the next 3 entries: "account_restricted"
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And Ana posts "BTO UBER 79p 12/05 @ 0.75"
    And Ana posts "BTO UBER 80p 12/05 @ 0.75"
    And 60 minutes pass
    Then entries are halted: rejects
    When the operator resumes entries
    Then entries are not halted

  Scenario: A halt withdraws every working entry
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And Ana posts "BTO UBER 79p 12/05 @ 0.95"
    And the operator halts entries: "lunch"
    Then nothing is working at the broker

  Scenario: A halt is acted on while an order's answer hangs
    Given the answer to the next entry gets lost, though the broker took it
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And the operator halts entries: "lunch"
    And 30 seconds pass
    Then nothing is working at the broker
    And 0 UBER 78p 12/05 are held
