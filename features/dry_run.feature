Feature: Dry runs and modes
  A dry run goes the whole way to the validated entry and says what exit it would place. Nothing is placed. The mode is
  on every reply, on every notice and on every row of the record.

  Background:
    Given entries are limited to 4 contracts

  Rule: A dry run of one alert

    Scenario: The entry is validated by the broker, the reply says what would follow
      When Ana asks for a dry run of "BTO UBER 78p 12/05 @ 0.75"
      Then the reply says "Dry run, nothing placed: buy 4 UBER 78p 2025-12-05 @ 0.75 is valid; when filled there, the exit would be sell 2 @ 1.50 GTC"
      And the broker has seen no entry

    Scenario: It ends there
      When Ana asks for a dry run of "BTO UBER 78p 12/05 @ 0.75"
      And 2 minutes pass
      Then the broker has seen no entry
      And the room hears "Dry run" 1 time
      And no trade is open

    Scenario: Every check is made as for a real alert
      When Ana asks for a dry run of "BTO UBER 78p 12/09 @ 0.75"
      Then the alert is denied: no such contract

    Scenario: It counts for no limit
      Given the setting RISK_MAX_ENTRIES_DAY is 1
      When Ana asks for a dry run of "BTO UBER 78p 12/05 @ 0.75"
      And 15 seconds pass
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is accepted

    Scenario: What the broker would refuse is said
      Given the broker rejects the next entry: "account_restricted"
      When Ana asks for a dry run of "BTO UBER 78p 12/05 @ 0.75"
      Then the reply says "Rejected by the broker: account_restricted"
      And the broker has seen no entry

    Scenario: A dry run of a close says what would be sold, and sells nothing
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ana asks for a dry run of "STC 1/2 UBER 78p 12/05"
      Then the reply says "would sell 2 of 4 UBER 78p 2025-12-05"
      And the broker has 2 contracts to sell at 1.50

  Rule: The mode dry run

    Scenario: No alert ever places an order
      Given the mode is dry run
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 minutes pass
      Then the broker has seen no entry
      And the room hears "[dry_run] Dry run, nothing placed: buy 4 UBER 78p 2025-12-05 @ 0.75"

  Rule: The mode is everywhere

    Scenario Outline: On replies and in the record
      Given the mode is <mode>
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then every reply begins with "[<name>]"
      And every row of the record is of mode <name>

      Examples:
        | mode    | name    |
        | paper   | paper   |
        | dry run | dry_run |
        | sandbox | sandbox |
        | live    | live    |
