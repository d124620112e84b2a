Feature: The record
  Everything that is decided, ordered, answered, filled and said is in one append-only log, each row chained to the one
  before it. A row is durable before the world is touched; where it cannot be written, nothing is sent. The log alone is
  enough to go on from, and a change of it is found.

  Background:
    Given the record is kept on disk
    And entries are limited to 4 contracts

  Rule: Everything is in it

    Scenario: A trade's whole story, from the alert to the end
      Given UBER 78p 12/05 is quoted at 0.70 x 0.86
      And Ana bought 4 UBER 78p 12/05 at 0.75
      When the exit fills
      And Ana posts "STC UBER 78p 12/05 @ 1.60"
      And the close fills at 1.60
      Then the record of the trade tells in this order:
        | what          | saying                                                                  |
        | AlertReceived | user id 11, channel id 21, text BTO UBER 78p 12/05 @ 0.75                |
        | AlertRead     | action BTO, symbol UBER, strike 78, right PUT, expires on 2025-12-05     |
        | ChecksPassed  | trading state active                                                    |
        | EntrySized    | quantity 4, limit price 0.75, worst price 0.78                          |
        | SubmitOrder   | side BUY_TO_OPEN, quantity 4, limit price 0.75, time in force DAY       |
        | Reply         | status placed, entry price 0.75                                         |
        | OrderFilled   | role E, quantity 4, price 0.75, cumulative 4                            |
        | EntryFinished | filled 4, average price 0.75                                            |
        | SubmitOrder   | side SELL_TO_CLOSE, quantity 2, limit price 1.50, time in force GTC     |
        | Reply         | exit price 1.50                                                         |
        | OrderFilled   | role X, quantity 2, price 1.50, cumulative 2                            |
        | TradeClosed   | bought 4, profit 320.00                                                 |

    Scenario: A denied alert is there with its author, its text and the reason
      When Mallory posts "BTO UBER 78p 12/05 @ 0.75" in #lounge
      Then the record of the trade tells in this order:
        | what          | saying                                                   |
        | AlertReceived | user id 99, channel id 29, text BTO UBER 78p 12/05 @ 0.75 |
        | Denied        | code not_allowed                                         |

    Scenario: Talk is there with the reason why it is no alert
      When Ana posts "good morning everyone"
      Then the record of the trade tells in this order:
        | what          | saying                     |
        | AlertReceived | text good morning everyone |
        | AlertIgnored  | reason no_order            |

    Scenario: An error is there with its words
      Given the broker rejects the next entry: "account_restricted"
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the record of the trade tells in this order:
        | what          | saying                                      |
        | SubmitOrder   | side BUY_TO_OPEN                            |
        | OrderRejected | reason account_restricted                   |
        | Reply         | status denied, reason rejected              |

  Rule: It is durable before the world is touched

    Scenario: Every order is in the file before the broker has it
      Given somebody watches the file while orders arrive
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And 50 seconds pass
      And 3 contracts of the entry fill
      Then every order was in the file before the broker had it

    Scenario: Where the record cannot be written nothing is sent, and the desk ends
      Given the disk is full
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the desk has ended: "nothing may be sent"
      And the broker has seen no entry

    Scenario: Once there is room again a restart goes on from what is in the file
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      And the disk is full
      When Ana posts "BTO UBER 79p 12/05 @ 0.75"
      Then the desk has ended: "nothing may be sent"
      When there is room on the disk again and the desk starts
      Then 4 UBER 78p 12/05 are held
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working

  Rule: The log alone is enough

    Scenario: A restart knows what was held, working, halted and already acted on
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator halts entries: "lunch"
      And the desk restarts
      Then 4 UBER 78p 12/05 are held
      And an order to sell 2 UBER 78p 12/05 at 1.50 is working
      And entries are halted: operator
      When the same call is posted again as it was
      Then the alert is denied: duplicate

    Scenario: A replay concludes exactly what was concluded
      Given UBER 78p 12/05 is quoted at 0.70 x 0.90
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 1 contract of the entry fills
      And the desk restarts
      And 3 minutes pass
      And Ana posts "STC UBER 78p 12/05 @ 0.90"
      And 2 minutes pass
      Then a replay of the record gives the same decisions and commands, row for row

  Rule: A change of it is found

    Scenario: A sound record
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the operator verifies the record
      Then the answer is yes: "Sound"

    Scenario: The file itself refuses to change or to lose a row
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      Then changing a row is refused: "audit rows are never changed"
      And removing a row is refused: "audit rows are never deleted"

    Scenario Outline: Whoever forces it is found, and the first bad row is named
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And somebody forces <change> row <row>
      And the operator verifies the record
      Then the answer is no: "row <row>"

      Examples:
        | change        | row |
        | a change of   | 5   |
        | the loss of   | 9   |
        | a new date of | 12  |

    Scenario: The desk does not start on a damaged record
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And somebody forces a change of row 5
      Then the desk refuses to start: "row 5"

  Rule: It can be read while nothing runs

    Scenario: A trade's story in plain words
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And the operator asks for the story of the latest trade
      Then the answer is yes: "UBER 78p 2025-12-05"

    Scenario: The newest rows first
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And the operator asks for the newest 5 rows
      Then the newest 5 rows are told, the newest first

    Scenario: All of it as text
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When the desk is down
      And the operator exports the record
      Then the export has every row in its order
