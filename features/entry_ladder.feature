Feature: The price-discovery ladder
  An entry starts at the lower of alert price and mid, waits 20 seconds, then takes up to three one-tick steps over the
  rest of its 90 seconds. Where the ask is a tick away it is met. There is one live order at a time, never above the
  alert price plus 20 %, and never more is filled and working than the size that was decided.

  Background:
    Given entries are limited to 4 contracts

  Rule: Where it starts

    Scenario: At the alert price where the mid is higher
      Given UBER 78p 12/05 is quoted at 0.70 x 0.86
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: At the mid where that is lower
      Given UBER 78p 12/05 is quoted at 0.62 x 0.70
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.66 is working

    Scenario: At the mid, rounded down to tick, where the alert names no price
      Given UBER 78p 12/05 is quoted at 0.70 x 0.75
      When Ana posts "BTO UBER 78p 12/05"
      Then an order to buy 4 UBER 78p 12/05 at 0.72 is working

    Scenario: At the alert price where there is no quote
      Given UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: Neither an alert price nor a quote is no order
      Given UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05"
      Then the alert is denied: no price
      And nothing is sent to the broker

  Rule: When it steps and how it ends

    Scenario: Three steps of one tick, and the end
      Given UBER 78p 12/05 is quoted at 0.70 x 0.90
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then the ladder of the entry is:
        | second | act     | limit | quantity |
        | 0      | place   | 0.75  | 4        |
        | 20     | replace | 0.76  | 4        |
        | 43.33  | replace | 0.77  | 4        |
        | 66.67  | replace | 0.78  | 4        |
        | 90     | cancel  | 0.78  | 4        |
      And nothing is working at the broker
      And the room hears "Not filled, cancelled: UBER 78p 2025-12-05"

    Scenario: Without a quote it climbs a tick at a time all the same
      Given UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then the limits of the entry are 0.75, 0.76, 0.77, 0.78

    Scenario: The user's own waiting time, window and number of steps
      Given the setting ENTRY_INITIAL_WAIT is 10
      And the setting ENTRY_WINDOW is 30
      And the setting ENTRY_MAX_INCREMENTS is 2
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then the ladder of the entry is:
        | second | act     | limit |
        | 0      | place   | 0.75  |
        | 10     | replace | 0.76  |
        | 20     | replace | 0.77  |
        | 30     | cancel  | 0.77  |

    Scenario: A ladder ends with the session
      Given it is Thursday 2025-12-04 15:59 in New York
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 3 minutes pass
      Then the broker has these orders:
        | order | limit | state     | filled |
        | buy   | 0.75  | cancelled | 0      |
        | buy   | 0.76  | cancelled | 0      |
        | buy   | 0.77  | expired   | 0      |
      And the room hears "Not filled"

    Scenario: What is unfilled may rest instead
      Given the setting ENTRY_ON_EXHAUSTED is rest
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then an order to buy 4 UBER 78p 12/05 at 0.78 is working

    Scenario: A filled entry steps no further
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 25 seconds pass
      And the entry fills
      And the entry's window ends
      Then the limits of the entry are 0.75, 0.76
      And the room hears "Entry done: 4 UBER 78p 2025-12-05 @ 0.76 on average"

  Rule: Each step looks at a fresh quote

    Scenario: Where the ask is one tick away it is met
      Given UBER 78p 12/05 is quoted at 0.74 x 0.76
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And UBER 78p 12/05 is quoted at 0.75 x 0.76
      And 21 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.76 is working
      And the last step of the ladder is convert

    Scenario: Two ticks away is a step
      Given UBER 78p 12/05 is quoted at 0.74 x 0.77
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 21 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.76 is working
      And the last step of the ladder is step

    Scenario: It does not step through the ask
      Given UBER 78p 12/05 is quoted at 2.90 x 3.00
      When Ana posts "BTO UBER 78p 12/05 @ 2.93"
      And UBER 78p 12/05 is quoted at 2.92 x 2.94
      And 70 seconds pass
      Then the limits of the entry are 2.93, 2.94

    Scenario: A conversion may be a market order instead
      Given the setting ENTRY_CONVERSION is market
      And UBER 78p 12/05 is quoted at 0.74 x 0.76
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 21 seconds pass
      Then the limits of the entry are 0.75, market

    Scenario: A quote that has grown old moves nothing
      Given UBER 78p 12/05 is quoted at 0.70 x 0.90
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And UBER 78p 12/05 is quoted at 0.70 x 0.90, 3 seconds old
      And 70 seconds pass
      Then the limits of the entry are 0.75
      And the last step of the ladder is skip

    Scenario: A quote that cannot be read moves nothing
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the quote cannot be read
      And 70 seconds pass
      Then the limits of the entry are 0.75
      And the last step of the ladder is skip

  Rule: It does not chase

    Scenario: A step past 20 percent over the alert price is skipped
      Given UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05 @ 0.10"
      And the entry's window ends
      Then the limits of the entry are 0.10, 0.11, 0.12
      And the last step of the ladder is skip

    Scenario: An ask beyond the chase limit is not met
      Given the setting ENTRY_MAX_CHASE is 0
      And UBER 78p 12/05 is quoted at 0.74 x 0.76
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then the limits of the entry are 0.75

  Rule: One live order, and never more than the size

    Scenario: After a partial fill the order is cancelled and only its leaves quantity is placed again
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And 22 seconds pass
      Then the broker has these orders:
        | order | quantity | limit | state     | filled | leaves |
        | buy   | 4        | 0.75  | cancelled | 1      | 0      |
        | buy   | 3        | 0.76  | working   | 0      | 3      |
      And never were two entry orders live at once

    Scenario: What fills while it is being cancelled counts
      Given 2 contracts of the entry fill while it is being cancelled
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And 22 seconds pass
      Then the broker has these orders:
        | order | quantity | limit | state     | filled |
        | buy   | 4        | 0.75  | cancelled | 3      |
        | sell  | 1        | 1.50  | working   | 0      |
        | buy   | 1        | 0.76  | working   | 0      |
      And 3 UBER 78p 12/05 are held

    Scenario: A fill of the original aborts its replacement, and the leaves follow
      Given 1 contract of the entry fills while it is being replaced
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 25 seconds pass
      Then the broker has these orders:
        | order | quantity | limit | state     | filled |
        | buy   | 4        | 0.75  | cancelled | 1      |
        | buy   | 4        | 0.76  | cancelled | 0      |
        | buy   | 3        | 0.76  | working   | 0      |
      And never were two entry orders live at once

    Scenario: The next step waits until the outcome of the last one is known
      Given the broker takes 30 seconds to replace the entry
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 48 seconds pass
      Then the limits of the entry are 0.75, 0.76
      When 5 seconds pass
      Then the limits of the entry are 0.75, 0.76, 0.77
      And never were two entry orders live at once

    Scenario: What fills at the very end is kept and covered
      Given 4 contracts of the entry fill while it is being cancelled
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then 4 UBER 78p 12/05 are held
      And an order to sell 2 UBER 78p 12/05 at 1.56 is working
