Feature: What the operator can do
  An operator cancels and re-prices orders of this system, closes positions and changes who may trade. What cannot be
  done is refused with the reason, and everything is in the record with the operator's name.

  Background:
    Given entries are limited to 4 contracts

  Rule: Cancel

    Scenario: An entry's remainder is cancelled, what is filled stays and is covered
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 contracts of the entry fill
      And the operator cancels the entry
      Then the broker has these orders:
        | order | quantity | limit | state     | filled |
        | buy   | 4        | 0.75  | cancelled | 2      |
        | sell  | 1        | 1.50  | working   | 0      |

    Scenario: An exit that the operator cancels stays cancelled
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator cancels the exit
      And 2 minutes pass
      Then nothing is working at the broker
      And the operator is warned: "it stays uncovered"
      And 4 UBER 78p 12/05 are held

    Scenario: An order that is over cannot be cancelled
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator cancels the filled entry
      Then the request is refused: not working
      And 4 UBER 78p 12/05 are held

    Scenario: An order that is not ours cannot be cancelled
      When the operator cancels order 4711
      Then the request is refused: no such order

  Rule: Replace

    Scenario: A working entry gets another limit, and steps no more
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the operator sets the entry's limit to 0.77
      And 60 seconds pass
      Then the limits of the entry are 0.75, 0.77
      And an order to buy 4 UBER 78p 12/05 at 0.77 is working

    Scenario: A limit above what the entry was sized for is refused
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the operator sets the entry's limit to 0.79
      Then the request is refused: insufficient buying power
      And an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: A limit between two ticks is refused, and the nearest are named
      Given Ana bought 4 UBER 78p 12/05 at 2.00
      When the operator sets the exit's limit to 3.52
      Then the request is refused: price below tick
      And the refusal says "3.50 and 3.55"

    Scenario: An exit gets another limit
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator sets the exit's limit to 1.20
      Then an order to sell 2 UBER 78p 12/05 at 1.20 is working

  Rule: Close

    Scenario: Everything held in a symbol is closed, contract by contract
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And Ana bought 4 UBER 79p 12/05 at 0.95
      And UBER 78p 12/05 is quoted at 1.00 x 1.10
      And UBER 79p 12/05 is quoted at 1.20 x 1.30
      When the operator closes UBER
      Then the broker has these working orders:
        | order | contract       | quantity | limit |
        | sell  | UBER 78p 12/05 | 4        | 1.05  |
        | sell  | UBER 79p 12/05 | 4        | 1.25  |

    Scenario: Where nothing is held there is nothing to close
      When the operator closes UBER
      Then the request is refused: no position
      And nothing is sent to the broker

  Rule: The record names who did it

    Scenario: A change of the allowlist
      When the operator removes user Ana from the allowlist
      And the operator adds user Mallory to the allowlist
      Then the record shows that the operator removed user Ana and added user Mallory

    Scenario: A halt and its end
      When the operator halts entries: "lunch"
      And the operator resumes entries
      Then the record shows that the operator halted entries for "lunch" and resumed them
