Feature: What the room hears
  The reply states what was done or why nothing was: order ids, quantity, entry price and exit price, or the one reason.
  Each message gets one first answer within 10 seconds; what follows is news. Nothing is said twice, and a room that
  cannot be reached never holds up a trade.

  Background:
    Given entries are limited to 4 contracts

  Scenario: A trade from its entry to its exit
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And 1 contract of the entry fills
    And 3 contracts of the entry fill
    And the exit fills
    Then the room hears:
      | [paper] Placed: buy 4 UBER 78p 2025-12-05 @ 0.75 (order ENTRY_ID)             |
      | [paper] Filled 1 @ 0.75 (order ENTRY_ID): 1 of 4 UBER 78p 2025-12-05.         |
      | [paper] Filled 3 @ 0.75 (order ENTRY_ID): 4 of 4 UBER 78p 2025-12-05.         |
      | [paper] Entry done: 4 UBER 78p 2025-12-05 @ 0.75 on average.                  |
      | [paper] Exit placed: sell 2 UBER 78p 2025-12-05 @ 1.50 GTC (order EXIT_ID).   |
      | [paper] Exit filled: sold 2 UBER 78p 2025-12-05 @ 1.50 (order EXIT_ID), 2 still held. |

  Scenario: An entry that is not filled
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And the entry's window ends
    Then the room hears:
      | Placed: buy 4 UBER 78p 2025-12-05 @ 0.75                       |
      | Not filled, cancelled: UBER 78p 2025-12-05 (the window ended)  |

  Scenario: A denial names its one reason, and nothing else follows
    When Ana posts "BTO UBER 78p 12/09 @ 0.75"
    And 2 minutes pass
    Then the room hears:
      | Denied (no_such_contract): UBER has no expiry on Tuesday 2025-12-09; listed near it: 2025-12-05 and 2025-12-12 |

  Scenario: A repetition is called one
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And Ana posts "BTO UBER 78p 12/05 @ 0.75"
    Then the reply says "Duplicate (duplicate_contract)"

  Scenario Outline: The first answer comes within 10 seconds of the message
    When Ana posts "<text>"
    Then the first answer came within 10 seconds

    Examples: an entry, a denial, a message that only looks like an alert
      | text                      |
      | BTO UBER 78p 12/05 @ 0.75 |
      | BTO UBER 78p 12/09 @ 0.75 |
      | BTO UBER 78p @ 0.75       |

  Scenario: A reply waits for the room, the trade does not
    Given the room cannot be reached
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    Then an order to buy 4 UBER 78p 12/05 at 0.75 is working
    And the room hears nothing
    When the room can be reached again
    And 60 seconds pass
    Then the room hears "Placed: buy 4 UBER 78p 2025-12-05 @ 0.75" 1 time

  Scenario: A reply that was not delivered before a restart is delivered after it
    Given the room cannot be reached
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And the desk is down
    And the room can be reached again
    And the desk is back
    And 60 seconds pass
    Then the room hears "Placed: buy 4 UBER 78p 2025-12-05 @ 0.75" 1 time

  Scenario: A notice to the operator waits and is delivered too
    Given the operator's phone cannot be reached
    And the broker rejects the next exit: "try_later"
    When Ana posts "BTO UBER 78p 12/05 @ 0.75"
    And the entry fills
    And the operator's phone can be reached again
    And 60 seconds pass
    Then the operator is paged 1 time: "try_later"
