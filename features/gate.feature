Feature: Who may trigger a trade
  Only listed authors in listed channels trade, and ids count, never names. An alert is an ordinary and fresh post that
  was not acted on before: a repetition, an edit, a reply or an old message never places an order.

  Background:
    Given entries are limited to 4 contracts

  Rule: The author and the channel must both be listed

    Scenario: A listed author in a listed channel trades
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working
      And the reply says "Placed: buy 4 UBER 78p 2025-12-05 @ 0.75 (order ENTRY_ID)"

    Scenario Outline: Anybody else is recorded as denied, and hears nothing
      When <author> posts "BTO UBER 78p 12/05 @ 0.75" in <channel>
      Then the alert is denied: not allowed
      And nothing is sent to the broker
      And the room hears nothing

      Examples:
        | author  | channel |
        | Mallory | #alerts |
        | Ana     | #lounge |
        | Mallory | #lounge |

    Scenario Outline: An empty list allows nobody
      Given the setting <list> is empty
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: not allowed
      And nothing is sent to the broker

      Examples:
        | list             |
        | ALLOWED_USERS    |
        | ALLOWED_CHANNELS |

    Scenario: An author who is removed is stopped at once
      When the operator removes user Ana from the allowlist
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: not allowed
      And nothing is sent to the broker

    Scenario: An author who is added trades at once
      When the operator adds user Mallory to the allowlist
      And Mallory posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: A removal outlasts a restart and the settings that still name the author
      When the operator removes user Ana from the allowlist
      And the desk restarts
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: not allowed

    Scenario: A channel that is removed is stopped at once
      When the operator removes channel #alerts from the allowlist
      And Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: not allowed

    Scenario: A channel that is added trades at once
      When the operator adds channel #lounge to the allowlist
      And Ana posts "BTO UBER 78p 12/05 @ 0.75" in #lounge
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: Talk of those who may trade is recorded with its reason, and not answered
      When Ana posts "good morning everyone"
      Then the message is recorded as ignored: no order
      And the room hears nothing

  Rule: Only an ordinary post can be an alert

    Scenario Outline: What is never an alert
      When this comes as <kind>: "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: <reason>
      And nothing is sent to the broker

      Examples:
        | kind             | reason         |
        | a reply          | reply          |
        | a forward        | forward        |
        | an edit          | edit           |
        | a system message | system message |
        | a direct message | direct message |
        | a bot            | bot            |
        | the bot itself   | own message    |

    Scenario: A listed webhook trades without being a listed user
      Given the setting ALLOWED_WEBHOOKS is 31
      When the listed webhook posts "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: Any other webhook does not
      Given the setting ALLOWED_WEBHOOKS is 31
      When the other webhook posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: not allowed
      And nothing is sent to the broker

  Rule: One message is acted on once, ever

    Scenario: A message that is delivered twice places one order
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the same message arrives again
      Then the alert is denied: duplicate
      And the broker has seen one entry

    Scenario: A message that is delivered again after a restart places no second order
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And the desk restarts
      And the same message arrives again
      Then the alert is denied: duplicate
      And the broker has seen one entry

  Rule: The same call again within 10 seconds is a repetition

    Scenario: The same author, contract and side within the window is denied
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 9 seconds after the alert Ana posts "BTO UBER 78p 12/05 @ 0.80"
      Then the alert is denied: duplicate contract
      And the broker has seen one entry

    Scenario: After the window it is a new call
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 11 seconds after the alert Ana posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is accepted
      And the broker has seen two entries

    Scenario: Another contract within the window is a new call
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 seconds after the alert Ana posts "BTO UBER 79p 12/05 @ 0.95"
      Then the alert is accepted

    Scenario: Another author's call of a contract that is working is ignored
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 30 seconds after the alert Ben posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: already held

    Scenario: Another author's call of a contract that is held is ignored
      Given Ana bought 4 UBER 78p 12/05 at 0.75
      When Ben posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: already held

    Scenario: Another author's call adds to it where the user wants that
      Given the setting GATE_OTHER_AUTHOR is add
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 30 seconds after the alert Ben posts "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is accepted

  Rule: Only fresh alerts are traded

    Scenario: A message of 59 seconds ago is traded
      When a post of Ana arrives 59 seconds after it was written: "BTO UBER 78p 12/05 @ 0.75"
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: A message of 61 seconds ago is stale
      When a post of Ana arrives 61 seconds after it was written: "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: stale
      And nothing is sent to the broker

    Scenario: A message from the future is not believed
      When a post of Ana is dated 30 seconds ahead of our clock: "BTO UBER 78p 12/05 @ 0.75"
      Then the alert is denied: from the future

    Scenario: After a short gap the channel's history is traded
      When Ana posts "BTO UBER 78p 12/05 @ 0.75" while the desk is down for 30 seconds
      Then an order to buy 4 UBER 78p 12/05 at 0.75 is working

    Scenario: After a long gap the channel's history is recorded and not traded
      When Ana posts "BTO UBER 78p 12/05 @ 0.75" while the desk is down for 300 seconds
      Then the alert is denied: stale
      And nothing is sent to the broker

  Rule: An edit never trades, a deletion takes back what is unfilled

    Scenario: An edit that changes what was traded is told to the operator, and trades nothing
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And Ana edits the alert to "BTO UBER 79p 12/05 @ 0.75"
      Then the operator is warned: "was edited"
      And the broker has seen one entry

    Scenario: An edit that changes nothing of it is passed over
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And Ana edits the alert to "bto UBER 78P 12/05 @ .75"
      Then the operator hears nothing
      And the broker has seen one entry

    Scenario: A deleted alert's unfilled remainder is cancelled, what is filled stays and is covered
      When Ana posts "BTO UBER 78p 12/05 @ 0.75"
      And 2 contracts of the entry fill
      And Ana deletes the alert
      Then the broker has these orders:
        | order | quantity | limit | state     | filled |
        | buy   | 4        | 0.75  | cancelled | 2      |
        | sell  | 1        | 1.50  | working   | 0      |
      And 2 UBER 78p 12/05 are held
