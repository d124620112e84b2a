Feature: The analyst closes
  An STC sells what this system holds in that contract, and nothing else. The working exits are cancelled first and that
  is waited for; then the quantity is sold down a ladder from the mid, at last at the bid. What should stay covered gets
  its exit back.

  Background:
    Given UBER 78p 12/05 is quoted at 0.98 x 1.12

  Rule: The whole position

    Scenario: The exit is cancelled, then everything is sold from the mid
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      Then the broker has these orders:
        | order | quantity | limit | state     |
        | buy   | 4        | 0.75  | filled    |
        | sell  | 2        | 1.50  | cancelled |
        | sell  | 4        | 1.05  | working   |
      And the reply says "Placed: sell 4 UBER 78p 2025-12-05 @ 1.05 (order EXIT_ID)"

    Scenario: Once it is sold the trade is over
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And the close fills
      Then 0 UBER 78p 12/05 are held
      And nothing is working at the broker
      And the room hears "Sold 4 UBER 78p 2025-12-05 @ 1.05 on average"
      And the trade is recorded as closed with a profit of $120.00

    Scenario: The ladder mirrors the entry's, and ends at the bid
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And 95 seconds pass
      Then the ladder of the close is:
        | second | act     | limit | quantity |
        | 0      | place   | 1.05  | 4        |
        | 20     | replace | 1.04  | 4        |
        | 43.33  | replace | 1.03  | 4        |
        | 66.67  | replace | 1.02  | 4        |
        | 90     | replace | 0.98  | 4        |

    Scenario: Where the bid is a tick away it is met
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And UBER 78p 12/05 is quoted at 1.04 x 1.06
      And 21 seconds pass
      Then an order to sell 4 UBER 78p 12/05 at 1.04 is working
      And the last step of the ladder is convert

    Scenario: A close does not give up: the last limit follows the bid
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And 95 seconds pass
      And UBER 78p 12/05 is quoted at 0.60 x 0.70
      And 25 seconds pass
      Then an order to sell 4 UBER 78p 12/05 at 0.60 is working

    Scenario: Without a quote the alert's own price is the start
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And UBER 78p 12/05 has no quote
      When Ana posts "STC UBER 78p 12/05 @ 1.20"
      Then an order to sell 4 UBER 78p 12/05 at 1.20 is working

    Scenario: Without a quote and a price nothing is sold, and the exit is restored
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And UBER 78p 12/05 has no quote
      When Ana posts "STC UBER 78p 12/05"
      Then the alert is denied: no price
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: Two entries in one contract are closed together
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ben posts "STC UBER 78p 12/05"
      Then an order to sell 8 UBER 78p 12/05 at 1.05 is working

    Scenario: What the session's end leaves unsold gets its exit back, and a person is paged
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When time passes until Thursday 2025-12-04 15:59 in New York
      And Ana posts "STC UBER 78p 12/05"
      And 3 minutes pass
      Then 4 UBER 78p 12/05 are held
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working
      And the operator is paged: "0 of 4 sold"
      And the room hears "Not sold: UBER 78p 2025-12-05"

  Rule: A part of the position, rounded down

    Scenario Outline: What is sold, and what stays covered
      Given Ana bought <held> UBER 78p 12/05 at 0.75
      When Ana posts "<text>"
      And the close fills
      Then the record shows a close of <sold> contracts
      And <left> UBER 78p 12/05 are held
      And the broker has <covered> contracts to sell at 1.50

      Examples:
        | held | text                       | sold | left | covered |
        | 4    | STC 1/2 UBER 78p 12/05     | 2    | 2    | 1       |
        | 5    | STC 1/2 UBER 78p 12/05     | 2    | 3    | 1       |
        | 9    | STC 1/3 UBER 78p 12/05     | 3    | 6    | 3       |
        | 8    | STC partial UBER 78p 12/05 | 4    | 4    | 2       |
        | 8    | STC 3 UBER 78p 12/05       | 3    | 5    | 2       |

    Scenario: The user's own meaning of partial
      Given the setting TRIM_FRACTION is 25
      And Ana bought 8 UBER 78p 12/05 at 0.75
      When Ana posts "STC partial UBER 78p 12/05"
      Then an order to sell 2 UBER 78p 12/05 at 1.05 is working

    Scenario: A fraction of one contract is nothing, and it is said so
      Given Ana bought 1 UBER 78p 12/05 at 0.75
      When Ana posts "STC 1/2 UBER 78p 12/05"
      Then the alert is denied: nothing left
      And 1 UBER 78p 12/05 are held
      And nothing is working at the broker

    Scenario: More than is held is all that is held
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC 9 UBER 78p 12/05"
      Then an order to sell 4 UBER 78p 12/05 at 1.05 is working

  Rule: Which position is meant

    Scenario: An STC that names no contract closes the only one on that symbol
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER"
      Then an order to sell 4 UBER 78p 12/05 at 1.05 is working

    Scenario: Several positions on the symbol are ambiguous, and nothing is touched
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And Ana bought 4 UBER 79p 12/05 at 0.95
      When Ana posts "STC UBER"
      Then the alert is denied: ambiguous position
      And the broker has these working orders:
        | order | quantity | limit |
        | sell  | 2        | 1.50  |
        | sell  | 2        | 1.90  |

    Scenario: Naming the contract is enough among several
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And Ana bought 4 UBER 79p 12/05 at 0.95
      When Ana posts "STC UBER 78p 12/05"
      Then the broker has these working orders:
        | order | contract       | quantity | limit |
        | sell  | UBER 79p 12/05 | 2        | 1.90  |
        | sell  | UBER 78p 12/05 | 4        | 1.05  |

    Scenario: Without a position it is recorded, and nothing is sent
      When Ana posts "STC UBER 78p 12/05 @ 1.50"
      Then the alert is denied: no position
      And the reply says "nothing was sent"
      And nothing is sent to the broker

    Scenario: What the owner bought by hand is not touched
      Given the owner of the account bought 4 UBER 78p 12/05 by hand at 0.70
      When Ana posts "STC UBER 78p 12/05"
      Then the alert is denied: no position
      And the account holds 4 UBER 78p 12/05

    Scenario: Beside what the owner bought by hand only our own is sold
      Given the owner of the account bought 3 UBER 78p 12/05 by hand at 0.70
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And the close fills
      Then the account holds 3 UBER 78p 12/05

  Rule: Never more than is held

    Scenario: Nothing is sold before the exit's cancellation is confirmed
      Given the broker takes 10 seconds to cancel the exit
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And 5 seconds pass
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working
      When 8 seconds pass
      Then an order to sell 4 UBER 78p 12/05 at 1.05 is working

    Scenario: What the exit still sells while it is being cancelled is not sold again
      Given 1 contract of the exit fills while it is being cancelled
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      Then an order to sell 3 UBER 78p 12/05 at 1.05 is working

    Scenario: The unfilled remainder of the entry is cancelled first
      Given entries are limited to 4 contracts
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 3 contracts of the entry fill
      And Ana posts "STC UBER 78p 12/05"
      Then no buy order is working
      And an order to sell 3 UBER 78p 12/05 at 1.05 is working

    Scenario: A second STC during the first sells nothing more
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05"
      And Ben posts "STC UBER 78p 12/05"
      Then the alert is denied: close in progress
      And an order to sell 4 UBER 78p 12/05 at 1.05 is working

  Rule: What can keep a close from happening

    Scenario: While the market is closed the exit stays as it is
      Given Ana bought 4 UBER 78p 12/12 at 0.75
      When time passes until Thursday 2025-12-04 17:00 in New York
      And Ana posts "STC UBER 78p 12/12"
      Then the alert is denied: market closed
      And the broker has 2 contracts to sell at 1.50

    Scenario: A close that the broker refuses restores the exit, and a person is paged
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And the broker rejects the next close: "account_restricted"
      When Ana posts "STC UBER 78p 12/05"
      Then the reply says "account_restricted"
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working
      And the operator is paged: "0 of 4 sold"

    Scenario: A halt of entries does not keep anybody from closing
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator halts entries: "lunch"
      And Ana posts "STC UBER 78p 12/05"
      Then an order to sell 4 UBER 78p 12/05 at 1.05 is working
