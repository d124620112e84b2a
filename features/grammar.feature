Feature: Reading alerts
  A message is an alert or it is not, and never half of one. What two careful readers could read differently is not
  traded, and the reply says why. Nothing is guessed: no side, no strike, no expiry, no price.

  Background:
    Given it is Thursday 2025-12-04 10:00 in New York

  Rule: The core forms

    Scenario: An alert with its label, contract and price
      When Ana posts "Alert: BTO UBER 78p 12/05 @ 0.75"
      Then it is read as:
        | action | label | symbol | instrument | strike | right | expires    | price |
        | BTO    | alert | UBER   | option     | 78     | PUT   | 2025-12-05 | 0.75  |

    Scenario: A lotto that expires on the next trading day
      When Ana posts "Super Lotto: BTO DELL 260c 1DTE @ 0.93"
      Then it is read as:
        | action | label       | symbol | instrument | strike | right | expires    | price |
        | BTO    | super_lotto | DELL   | option     | 260    | CALL  | 2025-12-05 | 0.93  |

    Scenario: BUY is buy to open
      When Ana posts "BUY UBER 78p 12/05 0.75"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | price |
        | BTO    | UBER   | option     | 78     | PUT   | 2025-12-05 | 0.75  |

    Scenario: An alert without a price
      When Ana posts "BTO UBER 78p 12/05"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | price |
        | BTO    | UBER   | option     | 78     | PUT   | 2025-12-05 |       |

    Scenario: A close of a number of contracts
      When Ana posts "STC 3 AAPL 150c 6/18 @ 2.50"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | quantity | price |
        | STC    | AAPL   | option     | 150    | CALL  | 2026-06-18 | 3        | 2.50  |

    Scenario: A close of a fraction
      When Ana posts "STC 1/2 UBER 78p 12/05 @ 1.20"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | fraction | price |
        | STC    | UBER   | option     | 78     | PUT   | 2025-12-05 | 1/2      | 1.20  |

    Scenario: SELL is sell to close
      When Ana posts "SELL UBER 78p 12/05 1.50"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | price |
        | STC    | UBER   | option     | 78     | PUT   | 2025-12-05 | 1.50  |

    Scenario: A stop and a target are read, and are not the price
      When Ana posts "BTO UBER 78p 12/05 @ 0.75 SL 0.40 PT 1.50"
      Then it is read as:
        | action | symbol | instrument | strike | right | expires    | price | stop | targets |
        | BTO    | UBER   | option     | 78     | PUT   | 2025-12-05 | 0.75  | 0.40 | 1.50    |

  Rule: An expiry is a date seen from the posting day in New York

    Scenario Outline: What is written and what it means
      When Ana posts "BTO SPY 685c <written> @ 1.10"
      Then its expiry is <date>

      Examples:
        | written  | date       |
        | 12/05    | 2025-12-05 |
        | 12/04    | 2025-12-04 |
        | 1/16     | 2026-01-16 |
        | 1/16/26  | 2026-01-16 |
        | 0DTE     | 2025-12-04 |
        | 1DTE     | 2025-12-05 |
        | 2DTE     | 2025-12-08 |
        | Friday   | 2025-12-05 |
        | Monday   | 2025-12-08 |
        | Thursday | 2025-12-04 |
        | tomorrow | 2025-12-05 |

    Scenario: Trading days pass over a holiday
      Given it is Wednesday 2025-12-24 10:00 in New York
      When Ana posts "BTO SPY 685c 1DTE @ 1.10"
      Then its expiry is 2025-12-26

    Scenario: Late in the evening in New York it is still the day there
      Given it is Thursday 2025-12-04 23:30 in New York
      When Ana posts "BTO SPY 685c 0DTE @ 1.10"
      Then its expiry is 2025-12-04

    Scenario Outline: A date that cannot be meant
      When Ana posts "BTO UBER 78p <written> @ 0.75"
      Then the message is recorded as ignored: <reason>
      And the reply says "Not traded"
      And nothing is sent to the broker

      Examples: there is no such day, or it has just passed
        | written  | reason       |
        | 2/30     | bad expiry   |
        | 13/05    | bad expiry   |
        | 12/03    | stale expiry |
        | 12/05/24 | stale expiry |

  Rule: What is missing is not guessed

    Scenario Outline: The reply names the one reason
      When Ana posts "<text>"
      Then the message is recorded as ignored: <reason>
      And the reply says "Not traded"
      And nothing is sent to the broker

      Examples:
        | text                                                     | reason         |
        | BTO UBER 78 12/05 @ 0.75                                 | no side        |
        | BTO UBER put 12/05 @ 0.75                                | no strike      |
        | BTO UBER 78p @ 0.75                                      | no expiry      |
        | BTO 78p 12/05 @ 0.75                                     | no symbol      |
        | BTO UBER 78p 12/05 5                                     | unclear price  |
        | BTO UBER 78p 12/05 @ 0                                   | bad price      |
        | BTO UBER 78p 12/05 @ 0.75 and BTO DELL 260c 12/05 @ 0.93 | several orders |
        | BTO UBER 78p 12/05 @ 0.75 if it breaks 80                | conditional    |

  Rule: Talk about trades is no order

    Scenario Outline: It is recorded with its reason, and the room hears nothing
      When Ana posts "<text>"
      Then the message is recorded as ignored: <reason>
      And the room hears nothing
      And nothing is sent to the broker

      Examples:
        | text                                     | reason   |
        | thinking about BTO UBER 78p 12/05 @ 0.75 | plan     |
        | should I BTO UBER 78p 12/05 @ 0.75?      | question |
        | don't BTO UBER 78p 12/05 @ 0.75          | negated  |
        | I sold UBER 78p 12/05 yesterday for 1.50 | recap    |

  Rule: Selling to open, buying to close and spreads are recognised, and never traded

    Scenario Outline: It is denied and said so
      When Ana posts "<text>"
      Then the alert is denied: unsupported action
      And the reply says "Denied (unsupported_action)"
      And nothing is sent to the broker

      Examples:
        | text                                       |
        | STO UBER 78p 12/05 @ 0.75                  |
        | BTC UBER 78p 12/05 @ 0.75                  |
        | BTO SPY 680/685 call spread 12/05 @ 2.10   |
        | BTO UBER 78p/75p 12/05 debit spread @ 0.75 |
