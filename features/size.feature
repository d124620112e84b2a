Feature: How many contracts
  An entry gets 10 % of the buying power at the session's start, 5 % for lottos, divided by the worst price its ladder may
  pay, rounded down and capped. Zero is denied and not rounded up to one. Cost and fees must fit into what is free now.

  Rule: Allocation divided by the worst price of the ladder, rounded down

    Scenario Outline: An alert at 0.75 may pay 0.78, which is 78 dollars a contract
      Given an account with $<cash>
      And the setting RISK_MAX_CONTRACTS is 50
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy <quantity> UBER 78p 12/05 at 0.75 is working

      Examples:
        | cash   | quantity |
        | 780    | 1        |
        | 1,559  | 1        |
        | 1,560  | 2        |
        | 10,000 | 12       |
        | 20,000 | 25       |

    Scenario: The steps over a tick threshold are counted at their price
      Given an account with $12,600
      When Ana posts "BTO UBER 78p 12/05 @ 2.99"
      Then an order to buy 4 UBER 78p 12/05 at 2.99 is working

    Scenario: A chase limit makes the worst price lower
      Given an account with $10,000
      And the setting RISK_MAX_CONTRACTS is 50
      And the setting ENTRY_MAX_CHASE is 0
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 13 UBER 78p 12/05 at 0.75 is working

    Scenario Outline: Lottos get half of it
      Given an account with $10,000
      When Ana posts "<label>: BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 6 UBER 78p 12/05 at 0.75 is working

      Examples:
        | label       |
        | Lotto       |
        | Super Lotto |

    Scenario: A percentage of the user's own, by label and scaled by channel
      Given an account with $10,000
      And these policies in alert-trader.toml:
        """
        [labels.swing]
        size = 8

        [channels.22]
        size = 50
        """
      When Ana posts "Swing: BTO UBER 78p 12/05 @ 0.75" in #swing
      Then an order to buy 5 UBER 78p 12/05 at 0.75 is working

  Rule: The session's start decides, recorded once a trading day

    Scenario: What is spent during the day does not shrink the next entry
      Given an account with $4,000
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry fills
      And 15 seconds pass
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then an order to buy 5 UBER 79p 12/05 at 0.75 is working
      And the session's buying power is recorded once, as $4,000

    Scenario: The next trading day starts from what there is then
      Given an account with $4,000
      When Ana posts "BTO UBER 78p 12/12 @ 0.75"
      And the entry fills
      And time passes until Friday 2025-12-05 10:00 in New York
      And Ana posts "BTO UBER 79p 12/12 @ 0.75"
      Then an order to buy 4 UBER 79p 12/12 at 0.75 is working

  Rule: Caps

    Scenario: Ten contracts an order
      Given an account with $50,000
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 10 UBER 78p 12/05 at 0.75 is working

    Scenario: 2,500 dollars of premium an order
      Given an account with $50,000
      When Ana posts "BTO UBER 78p 12/05 @ 5.00"
      Then an order to buy 4 UBER 78p 12/05 at 5.00 is working

    Scenario: The alert's own quantity, where the user honours it
      Given the setting SIZE_HONOR_ALERT_QUANTITY is true
      When Ana posts "BTO 3 UBER 78p 12/05 @ 0.75"
      Then an order to buy 3 UBER 78p 12/05 at 0.75 is working

    Scenario: The alert's own quantity is otherwise not followed
      When Ana posts "BTO 3 UBER 78p 12/05 @ 0.75"
      Then an order to buy 10 UBER 78p 12/05 at 0.75 is working

  Rule: Zero is denied

    Scenario: An allocation short of one contract buys none
      Given an account with $779
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: allocation too small
      And nothing is sent to the broker

    Scenario: One contract, where the user wants at least that
      Given an account with $779
      And the setting SIZE_MIN_CONTRACTS is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 1 UBER 78p 12/05 at 0.75 is working

  Rule: It must be affordable now, with fees

    Scenario: A cost that the fees carry over the buying power is denied, and the operator is told
      Given an account with $940
      And the setting SIZE_ALLOCATION is 100
      And the setting RISK_MAX_CONTRACTS is 50
      And the setting RISK_MAX_PREMIUM_AT_RISK is 100
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: insufficient buying power
      And the operator is warned: "951.60 with fees, 940.00 free"

    Scenario: What another working entry reserves is not spent twice
      Given an account with $1,890
      And the setting SIZE_ALLOCATION is 50
      And the setting RISK_MAX_CONTRACTS is 50
      And the setting RISK_MAX_PREMIUM_AT_RISK is 100
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: insufficient buying power
      And the broker has seen one entry
