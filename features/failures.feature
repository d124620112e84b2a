Feature: When something goes wrong
  Every order is sent once. What the broker provably refused is a reject, what provably never left is not sent, and
  everything else is unknown: the broker's books are read until they prove what happened, and nothing is sent again
  meanwhile. A crash is recovered from by the same path as every start.

  Background:
    Given entries are limited to 4 contracts

  Rule: An unknown outcome is resolved by reading

    Scenario: The order had arrived: it is found in the broker's books and goes on
      Given the answer to the next entry gets lost, though the broker took it
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the reply says "Sent, not confirmed"
      And the operator is warned: "No clear answer"
      When 5 seconds pass
      And the entry fills
      And 20 seconds pass
      Then the broker has these orders:
        | order | quantity | limit | state   |
        | buy   | 4        | 0.75  | filled  |
        | sell  | 2        | 1.50  | working |

    Scenario: The order never arrived: it is abandoned after proof, and never sent again
      Given the next entry gets lost on its way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 5 minutes pass
      Then nothing is working at the broker
      And one entry was sent
      And the operator is warned: "never reached the broker"
      And its absence was proven by 3 complete reads, the first 60 seconds or more after sending

    Scenario: Until then nothing else is entered in that contract
      Given the next entry gets lost on its way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 15 seconds pass
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: unresolved order

    Scenario: The ladder waits for the outcome
      Given the next entry gets lost on its way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 55 seconds pass
      Then one entry was sent

    Scenario: An order that turns up after all is not left working
      Given the next entry reaches the broker 5 minutes late
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 6 minutes pass
      Then the broker has these orders:
        | order | quantity | limit | state     | filled |
        | buy   | 4        | 0.75  | cancelled | 0      |

    Scenario: An exit that got lost is sent again after proof
      Given the next exit gets lost on its way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      Then no exit is at the broker
      And the operator is paged: "No clear answer"
      When 5 minutes pass
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: An exit whose answer got lost is not sent twice
      Given the answer to the next exit gets lost, though the broker took it
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      And 4 minutes pass
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: While the broker's books cannot be read nothing is concluded
      Given the next entry gets lost on its way to the broker
      And the orders cannot be read once the desk is open
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 10 minutes pass
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: unresolved order

  Rule: What never left is tried again while the alert is fresh

    Scenario: A passing fault
      Given the next entry cannot leave this machine
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 5 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working
      And the broker has seen one entry

    Scenario: The broker's login is away for a moment
      Given the broker's login is out of reach for the next 3 orders
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 13 seconds pass
      Then the broker has seen no entry
      When 2 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: The broker's login stays away until the alert is old
      Given the broker's login is out of reach for the next 100 orders
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 minutes pass
      Then the reply says "Denied (not_sent)"
      And the broker has seen no entry

  Rule: Refused credentials halt entries until they are renewed

    Scenario: The alert is denied, entries halt and a person is paged
      Given the broker refuses our credentials
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the reply says "Denied (unauthorized)"
      And entries are halted: authorization
      And the operator is paged: "Entries halted (authorization)"

    Scenario: A refresh that succeeds ends that halt by itself
      Given the broker refuses our credentials
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the operator refreshes the authorization
      Then entries are not halted
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: An exit that they kept from being sent is placed once they are good again
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the broker refuses our credentials from now on
      And the entry fills
      And 60 seconds pass
      Then the operator is paged: "Exit of UBER 78p 2025-12-05 not placed"
      When the operator refreshes the authorization
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: It ends no other halt
      Given the broker refuses our credentials
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the operator halts entries: "lunch"
      And the operator refreshes the authorization
      Then entries are halted: operator

  Rule: A restart settles everything before it opens for alerts

    Scenario: An exit that is missing is placed at the start
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the desk is down
      And the entry fills
      And the desk is back
      Then an order to sell 2 UBER 78p 12/05 at 1.50 is working
      And 4 UBER 78p 12/05 are held

    Scenario: A working entry goes on where its ladder stands
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 25 seconds pass
      And the desk restarts
      And 20 seconds pass
      Then the limits of the entry are 0.75, 0.76, 0.77

    Scenario: An entry whose window has passed is cancelled
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the desk is down
      And 2 minutes pass
      And the desk is back
      Then the broker has these orders:
        | order | quantity | limit | state     |
        | buy   | 4        | 0.75  | cancelled |

    Scenario: A crash while the order is on its way sends it once
      When Ana posts "BTO UBER 78p 12/05 @ 0.75" and the desk crashes once the broker has the order
      And the desk is back
      And 5 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working
      And the broker has seen one entry

    Scenario: A crash before the order left does not send it later
      When Ana posts "BTO UBER 78p 12/05 @ 0.75" and the desk crashes before the order leaves
      And the desk is back
      And 4 minutes pass
      Then the broker has seen no entry
      And the room hears "Denied (abandoned)"

    Scenario: An alert that a crash interrupted before it was decided is decided, while it is fresh
      When Ana posts "BTO UBER 78p 12/05 @ 0.75" and the desk crashes before it is decided
      And the desk is back
      And 5 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: Exits that filled while the desk was down are counted
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And the exit fills
      And the desk is back
      Then 2 UBER 78p 12/05 are held
      And the room hears "Exit filled: sold 2 UBER 78p 2025-12-05 @ 1.50"

    Scenario: A close that a crash interrupted is finished
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And UBER 78p 12/05 is quoted at 1.00 x 1.10
      When Ana posts "STC UBER 78p 12/05"
      And the desk restarts
      And 95 seconds pass
      Then an order to sell 4 UBER 78p 12/05 at 1.00 is working

    Scenario: Alerts wait until the broker has been read
      Given the orders cannot be read at the start
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then nothing is sent to the broker
      When 10 seconds pass
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working
