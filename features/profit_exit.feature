Feature: The profit exit
  For every entry fill half of what is filled, rounded down, is offered at twice the average price, rounded up to tick,
  good till cancelled and close-only. Late, partial and repeated fills lead to the same exits as one fill of that size.

  Background:
    Given entries are limited to 10 contracts

  Rule: Half of what is filled, at twice the average

    Scenario Outline: The exit of a filled entry
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And <filled> contracts of the entry fill
      Then an order to sell <covered> UBER 78p 12/05 at 1.50 is working

      Examples: rounded down
        | filled | covered |
        | 2      | 1       |
        | 3      | 1       |
        | 4      | 2       |
        | 7      | 3       |
        | 10     | 5       |

    Scenario: It rests good till cancelled, and outlives the entry's window and the day
      Given Ana bought 4 UBER 78p 12/12 at 0.75
      When time passes until Friday 2025-12-05 11:00 in New York
      Then the broker has these working orders:
        | order | quantity | limit | in force |
        | sell  | 2        | 1.50  | gtc      |

    Scenario: It is placed within 5 seconds of the fill, and the reply says so
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      Then the exit was sent within 5 seconds of the fill
      And the room hears "Exit placed: sell 2 UBER 78p 2025-12-05 @ 1.50 GTC (order EXIT_ID)"

    Scenario: The average of two prices decides
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And 24 seconds pass
      And 3 contracts of the entry fill at 0.70
      Then the broker has these working orders:
        | order | leaves | limit |
        | buy   | 6      | 0.76  |
        | sell  | 2      | 1.43  |

    Scenario: A later fill at another price is offered at twice the new average
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 contracts of the entry fill
      And 24 seconds pass
      And 2 contracts of the entry fill
      Then the broker has these working orders:
        | order | leaves | limit |
        | sell  | 1      | 1.50  |
        | buy   | 6      | 0.76  |
        | sell  | 1      | 1.51  |

    Scenario: The user's own share and target
      Given the setting EXIT_FRACTION is 25
      And the setting EXIT_TARGET is 50
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      Then an order to sell 2 UBER 78p 12/05 at 1.13 is working

  Rule: Every fill is covered once

    Scenario: Each partial fill adds what is missing
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      And 2 contracts of the entry fill
      And 1 contract of the entry fills
      Then the broker has these working orders:
        | order | quantity | limit |
        | buy   | 10       | 0.75  |
        | sell  | 2        | 1.50  |
        | sell  | 1        | 1.50  |

    Scenario: Two single contracts make one exit
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      Then no exit is at the broker
      When 1 contract of the entry fills
      Then an order to sell 1 UBER 78p 12/05 at 1.50 is working

    Scenario: A fill that is reported three times is covered once
      Given the broker reports everything of the entry 3 times
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working
      And the room hears "Filled 4 @ 0.75" 1 time

    Scenario: A fill that is reported after the entry was cancelled is covered
      Given the broker's reports of the entry come 3 seconds late
      And 4 contracts of the entry fill while it is being cancelled
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      And 5 seconds pass
      Then the broker has these working orders:
        | order | quantity |
        | sell  | 2        |

    Scenario: A fill of which no report ever comes is read from the broker's books and covered
      Given the broker's reports of the entry get lost
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      And 30 seconds pass
      Then the broker has 2 contracts to sell at 1.50

  Rule: One contract has no half

    Scenario: A single filled contract has no exit, and the reply says so
      Given the setting RISK_MAX_CONTRACTS is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      Then no exit is at the broker
      And the room hears "No exit: 1 contract filled"

    Scenario: A single contract is covered where the user wants that
      Given the setting RISK_MAX_CONTRACTS is 1
      And the setting EXIT_MIN is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      Then an order to sell 1 UBER 78p 12/05 at 1.50 is working

  Rule: The exit fills

    Scenario: What the exit sells is told, the rest stays held
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the exit fills
      Then 2 UBER 78p 12/05 are held
      And the room hears "Exit filled: sold 2 UBER 78p 2025-12-05 @ 1.50"
      And nothing is working at the broker

    Scenario: An exit that fills before the entry is complete is counted
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      And the exit fills
      And 4 contracts of the entry fill
      Then the broker has these orders:
        | order | quantity | filled | limit |
        | buy   | 10       | 8      | 0.75  |
        | sell  | 2        | 2      | 1.50  |
        | sell  | 2        | 0      | 1.50  |
      And 6 UBER 78p 12/05 are held

  Rule: An exit that is refused is tried again until it stands

    Scenario: A rejected exit is placed again, and a person is paged meanwhile
      Given the broker rejects the next 2 exits: "try_later"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      Then the operator is paged: "Exit of UBER 78p 2025-12-05 not placed (attempt 1)"
      When 5 seconds pass
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: An exit that is accepted first and rejected later is placed again
      Given the broker accepts the next exit and rejects it 3 seconds later: "rejected_by_the_exchange"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 4 contracts of the entry fill
      And 10 seconds pass
      Then the operator is paged: "rejected_by_the_exchange"
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: An exit that the owner cancels by hand is not placed again, and a person is paged
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the owner of the account cancels the exit by hand
      And 120 seconds pass
      Then nothing is working at the broker
      And the operator is paged: "cancelled by hand"

  Rule: The last trading day

    Scenario: What is still held is warned about in the morning and an hour before the cut-off
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When time passes until Friday 2025-12-05 09:31 in New York
      Then the operator is warned 1 time: "still held on their last trading day"
      When time passes until Friday 2025-12-05 15:01 in New York
      Then the operator is warned 2 times: "still held on their last trading day"

    Scenario: What expires is taken over from the account
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When time passes until Friday 2025-12-05 16:20 in New York
      Then 0 UBER 78p 12/05 are held
      And the operator is warned: "gone from the account after the last trading day"
      And nothing is working at the broker

    Scenario: What the owner sells by hand is taken over, the exit shrinks to what is held, and entries halt
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the owner of the account sells 2 UBER 78p 12/05 by hand at 1.00
      And 5 minutes pass
      Then 2 UBER 78p 12/05 are held
      And entries are halted: position mismatch
      And the broker has 1 contract to sell at 1.50
