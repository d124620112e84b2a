Feature: Modes and settings
  Paper is the default and needs nothing. Nothing trades real money unless dry run and sandbox are both switched off and
  the account number is written twice. A wrong setting is refused with its name, its value and the mend.

  Rule: What `run` would do

    Scenario Outline: The mode follows from the settings
      Given the setting TASTYTRADE_DRY_RUN is <dry run>
      And the setting TASTYTRADE_USE_SANDBOX is <sandbox>
      And the setting TASTYTRADE_ACCOUNT is 5WX00001
      And the setting LIVE_ACCOUNT_CONFIRMED is <confirmed>
      Then the desk would run in mode <mode>

      Examples:
        | dry run | sandbox | confirmed | mode    |
        | true    | true    | empty     | dry run |
        | true    | false   | 5WX00001  | dry run |
        | false   | true    | empty     | sandbox |
        | false   | false   | 5WX00001  | live    |

    Scenario: Without any settings it is a dry run
      Then the desk would run in mode dry run

    Scenario Outline: Live trading that is not confirmed refuses to start
      Given the setting TASTYTRADE_DRY_RUN is false
      And the setting TASTYTRADE_USE_SANDBOX is false
      And the setting TASTYTRADE_ACCOUNT is <account>
      And the setting LIVE_ACCOUNT_CONFIRMED is <confirmed>
      Then the settings are refused: "<name>"

      Examples:
        | account  | confirmed | name                   |
        | 5WX00001 | empty     | LIVE_ACCOUNT_CONFIRMED |
        | 5WX00001 | 5WX00002  | LIVE_ACCOUNT_CONFIRMED |
        | empty    | 5WX00001  | TASTYTRADE_ACCOUNT     |

  Rule: Modes never share a record

    Scenario: The record of a paper desk is not gone on with live
      Given the record is kept on disk
      And entries are limited to 4 contracts
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      Then the record is refused to mode live

  Rule: A wrong setting is refused, and says what is wrong

    Scenario Outline: Its name, its value and the mend
      Given the setting <name> is <value>
      Then the settings are refused: "<words>"

      Examples: no number, out of bounds, misspelt, in conflict with another, no ids
        | name               | value | words                                          |
        | ENTRY_WINDOW       | abc   | ENTRY_WINDOW = 'abc'                           |
        | EXIT_FRACTION      | 150   | EXIT_FRACTION must be between 0 and 100, got 150 |
        | ENTRY_WIDOW        | 90    | did you mean ENTRY_WINDOW?                     |
        | ENTRY_INITIAL_WAIT | 90    | ENTRY_INITIAL_WAIT (90 s) must be shorter than |
        | ALLOWED_USERS      | Ana   | ALLOWED_USERS = 'Ana'                          |

  Rule: What an alert would do can be asked beforehand

    Scenario: The reading, the checks, the size, the ladder and the exit, without an order
      When somebody asks to explain "BTO SPY 500c 0DTE @ 1.20"
      Then the answer is yes:
        | action BTO                               |
        | ok  quote                                |
        | 10 % of 50,000.00 buying power = 5,000.00 |
        | limits: 10 contracts, 20 by premium: 10  |
        | 20 s  1.21                               |
        | 43.3 s  1.22                             |
        | 66.7 s  1.2                              |
        | 90 s  cancel what is unfilled            |
        | sell 5 @ 2.                              |

    Scenario: What would not trade is answered with the reason
      When somebody asks to explain "BTO SPY 500 0DTE @ 1.20"
      Then the answer is no: "no_side"
