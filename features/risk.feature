Feature: The checks before an order
  Every check has a name and every denial one stable code, which the reply states. Anything unknown denies. Limits and
  halts stop entries; they never stop an exit or a close.

  Rule: The market is open

    Scenario Outline: Outside the session nothing is entered
      Given it is <moment> in New York
      When Ana posts "BTO UBER 78p 1/16 @ 0.75"
      Then the alert is denied: market closed
      And nothing is sent to the broker

      Examples: before the bell, after it, at night, on a weekend, on a holiday, after an early close
        | moment                     |
        | Thursday 2025-12-04 09:29  |
        | Thursday 2025-12-04 16:00  |
        | Thursday 2025-12-04 22:00  |
        | Saturday 2025-12-06 11:00  |
        | Thursday 2025-12-25 11:00  |
        | Wednesday 2025-12-24 13:01 |

    Scenario Outline: Within the session it is
      Given it is <moment> in New York
      When Ana posts "BTO UBER 78p 1/16 @ 0.75"
      Then the alert is accepted

      Examples:
        | moment                     |
        | Thursday 2025-12-04 09:31  |
        | Thursday 2025-12-04 15:58  |
        | Wednesday 2025-12-24 12:58 |

    Scenario: An option is not entered past its cut-off
      Given it is Thursday 2025-12-04 15:59 in New York
      When a moment before 16:00 Ana posts "BTO SPY 685c 12/04 @ 0.75"
      Then the alert is denied: past cut off

  Rule: A quote, where there is one, is sound

    Scenario Outline: A quote that nobody should trade on
      Given UBER 78p 12/05 is quoted at <bid> x <ask>
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: <reason>
      And nothing is sent to the broker

      Examples:
        | bid     | ask     | reason          |
        | 0.70    | nothing | quote one sided |
        | nothing | 0.80    | quote one sided |
        | 0.80    | 0.75    | quote crossed   |
        | 0.60    | 0.90    | spread too wide |

    Scenario Outline: A spread is too wide over a quarter of the mid and over four ticks
      Given UBER 78p 12/05 is quoted at <bid> x <ask>
      When Ana posts "BTO UBER 78p 12/05 @ <bid>"
      Then the alert is <verdict>

      Examples: 0.04 on 0.08 is half of the mid and four ticks, 0.10 on 0.40 a quarter of the mid exactly
        | bid  | ask  | verdict                 |
        | 0.06 | 0.10 | accepted                |
        | 0.06 | 0.11 | denied: spread too wide |
        | 0.35 | 0.45 | accepted                |
        | 0.35 | 0.46 | denied: spread too wide |

    Scenario Outline: A quote is fresh for two seconds
      Given UBER 78p 12/05 is quoted at 0.70 x 0.80, <age> seconds old
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is <verdict>

      Examples:
        | age | verdict             |
        | 1.9 | accepted            |
        | 2.1 | denied: quote stale |

    Scenario Outline: The alert price is within 50 percent of the mid
      Given UBER 78p 12/05 is quoted at 0.96 x 1.04
      When Ana posts "BTO UBER 78p 12/05 @ <price>"
      Then the alert is <verdict>

      Examples:
        | price | verdict                  |
        | 0.49  | denied: price off market |
        | 0.50  | accepted                 |
        | 1.50  | accepted                 |
        | 1.51  | denied: price off market |

    Scenario: Without any quote only the alert price is left
      Given UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: Without any quote nothing is traded where the user wants that
      Given the setting ENTRY_TRADE_WITHOUT_QUOTE is false
      And UBER 78p 12/05 has no quote
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: no price

  Rule: Limits on how much and how often

    Scenario: Open positions
      Given the setting RISK_MAX_POSITIONS is 1
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: too many positions

    Scenario: A position that is closed makes room
      Given the setting RISK_MAX_POSITIONS is 1
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05 @ 1.00"
      And the close fills
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: Entries a day
      Given the setting RISK_MAX_ENTRIES_DAY is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 5 minutes pass
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: too many entries day

    Scenario: The next day counts anew
      Given the setting RISK_MAX_ENTRIES_DAY is 1
      When Ana posts "BTO UBER 78p 12/12 @ 0.75"
      And time passes until Friday 2025-12-05 10:00 in New York
      And Ana posts "BTO UBER 79p 12/12 @ 0.75"
      Then the alert is accepted

    Scenario: Entries a minute
      Given the setting RISK_MAX_ENTRIES_MINUTE is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 30 seconds pass
      And Ben posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: too many entries minute
      When 30 seconds pass
      And Ben posts "BTO UBER 80p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: Entries of one author a day
      Given the setting RISK_MAX_ENTRIES_AUTHOR is 1
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 minutes pass
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: too many entries author
      When Ben posts "BTO UBER 80p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: Premium at risk counts what is still working
      Given an account with $10,000
      And the setting SIZE_ALLOCATION is 15
      And the setting RISK_MAX_CONTRACTS is 50
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is accepted
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: premium at risk

  Rule: Losses, rejects and unknown outcomes halt entries until a person resumes

    Scenario Outline: The day's loss, 5 percent of what the account was worth in the morning
      Given an account with $10,000
      And Ana bought 10 UBER 78p 12/05 at 0.75
      And UBER 78p 12/05 is quoted at <bid> x <ask>
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is <verdict>

      Examples: ten contracts cost 761.30 with their fees; at 0.27 they are worth 270, at 0.26 they are worth 260
        | bid  | ask  | verdict        |
        | 0.26 | 0.28 | accepted       |
        | 0.25 | 0.27 | denied: halted |

    Scenario: A day's loss pages the operator
      Given an account with $10,000
      And Ana bought 10 UBER 78p 12/05 at 0.75
      And UBER 78p 12/05 is quoted at 0.20 x 0.22
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the alert is denied: halted
      And entries are halted: day loss
      And the operator is paged: "Entries halted (day_loss)"

    Scenario: Three rejected entries in a row
      Given the broker rejects the next 3 entries: "account_restricted"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then entries are not halted
      When Ana posts "BTO UBER 80p 12/05 @ 0.75"
      Then entries are halted: rejects
      When Ana posts "BTO UBER 81p 12/05 @ 0.75"
      Then the alert is denied: halted

    Scenario: A filled entry between rejected ones starts the count anew
      Given the broker rejects the next 2 entries: "account_restricted"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      And Ana posts "BTO UBER 80p 12/05 @ 0.75"
      And the entry fills
      And the broker rejects the next entry: "account_restricted"
      And Ana posts "BTO UBER 81p 12/05 @ 0.75"
      Then entries are not halted

    Scenario: Two unknown outcomes in ten minutes
      Given the next 2 entries get lost on their way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then entries are not halted
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then entries are halted: unknown outcomes

    Scenario: Two unknown outcomes further apart do not halt
      Given the next 2 entries get lost on their way to the broker
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 11 minutes pass
      And Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then entries are not halted

    Scenario: A rejected entry is told and not tried again
      Given the broker rejects the next entry: "account_restricted"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the entry's window ends
      Then the reply says "Rejected by the broker: account_restricted"
      And nothing is working at the broker
      And one entry was sent

  Rule: What is unknown denies

    Scenario Outline: A question that cannot be asked
      Given the <read> cannot be read
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: read failed
      And nothing is sent to the broker

      Examples:
        | read         |
        | balances     |
        | quote        |
        | option chain |

  Rule: Exits and closes are never stopped

    Scenario: A halt between fill and exit does not keep the exit from being placed
      Given entries are limited to 4 contracts
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And 3 contracts of the entry fill while it is being cancelled
      And the operator halts entries: "lunch"
      Then 4 UBER 78p 12/05 are held
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working

    Scenario: A position past every limit is still sold
      Given the setting RISK_MAX_POSITIONS is 1
      And the setting RISK_MAX_ENTRIES_DAY is 1
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana posts "STC UBER 78p 12/05 @ 1.00"
      Then an order to sell 4 UBER 78p 12/05 at 1.00 is working
