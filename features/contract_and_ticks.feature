Feature: The exact contract and its ticks
  What is traded is exactly what the alert names: symbol, strike, right and date stand in the chain, or nothing is
  traded. Every price is on the contract's tick grid: buying rounds down, selling rounds up, never to a worse price.

  Background:
    Given entries are limited to 4 contracts

  Rule: The contract must be listed

    Scenario Outline: No such contract
      When Ana posts "<text>"
      Then the alert is denied: no such contract
      And the reply says "Denied (no_such_contract)"
      And nothing is sent to the broker

      Examples: no such strike, no such day, an expiry the symbol does not have
        | text                            |
        | BTO UBER 78.30p 12/05 @ 0.75    |
        | BTO UBER 78p 12/09 @ 0.75       |
        | BTO SPX 6900c 12/25 @ 12.00     |

    Scenario Outline: An index root follows the chain
      When Ana posts "BTO SPX 6900c <expiry> @ 2.00"
      Then the broker has these orders:
        | order | symbol                |
        | buy   | <symbol>              |

      Examples: settled in the evening but on the third Friday, which is settled in the morning
        | expiry | symbol                |
        | 12/05  | SPXW  251205C06900000 |
        | 12/19  | SPX   251219C06900000 |

  Rule: Options are traded, other instruments where the user enables them

    Scenario Outline: Shares and futures are not enabled by default
      When Ana posts "<text>"
      Then the alert is denied: instrument disabled
      And nothing is sent to the broker

      Examples:
        | text                    |
        | BTO 100 UBER @ 75.50    |
        | BTO /ESZ5 @ 6800        |

    Scenario: Shares are traded once they are enabled
      Given the setting INSTRUMENTS is option,equity
      When Ana posts "BTO UBER shares @ 75.50"
      Then the broker has these orders:
        | order | symbol | quantity | limit |
        | buy   | UBER   | 4        | 75.50 |

  Rule: Prices are on the grid, and never worse than meant

    Scenario Outline: A buyer's limit is rounded down
      When Ana posts "BTO <contract> @ <meant>"
      Then the limits of the entry are <limit>

      Examples: UBER trades in 0.01 below 3 and 0.05 from there, SPY in 0.01, SPX in 0.05 and 0.10
        | contract        | meant | limit |
        | UBER 78p 12/05  | 0.75  | 0.75  |
        | UBER 78p 12/05  | 2.99  | 2.99  |
        | UBER 78p 12/05  | 3.00  | 3.00  |
        | UBER 78p 12/05  | 3.03  | 3.00  |
        | UBER 78p 12/05  | 4.99  | 4.95  |
        | SPY 685c 12/05  | 3.03  | 3.03  |
        | SPX 6900c 12/05 | 2.97  | 2.95  |
        | SPX 6900c 12/05 | 5.19  | 5.10  |

    Scenario: A price below the smallest tick is not rounded to zero
      When Ana posts "BTO UBER 78p 12/05 @ 0.004"
      Then the alert is denied: price below tick
      And nothing is sent to the broker

    Scenario Outline: A seller's limit is rounded up
      Given Ana bought 4 UBER 78p 12/05 at <bought>
      Then an order to sell 2 UBER 78p 12/05 at <exit> is working

      Examples: twice what was paid
        | bought | exit |
        | 0.75   | 1.50 |
        | 1.49   | 2.98 |
        | 1.51   | 3.05 |
        | 1.53   | 3.10 |

    Scenario: One tick up from 2.99 is 3.00, the next 3.05
      When Ana posts "BTO UBER 78p 12/05 @ 2.99"
      And the entry's window ends
      Then the limits of the entry are 2.99, 3.00, 3.05, 3.10
