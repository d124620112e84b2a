"""The words around orders: what makes a message something else than an order, and what may stand after one.

A word that is in none of these tables, and is no symbol, is not understood: the message is then no order.
"""

from domain.grammar.vocabulary.kinds import Kind
from domain.grammar.vocabulary.words import add

add(
    Kind.NEGATION,
    """
    not, no, never, dont, do not, doesnt, didnt, cant, cannot, wont, wouldnt, shouldnt, isnt, arent, aint,
    wasnt, havent, hasnt, nope, neither, nor, without, avoid, avoiding, skip, skipping, skipped, passing,
    pass, refuse, nobody, none, nothing, hardly, instead, rather, barely, stay out, staying out, stay away,
    false, wrong, mistake, typo, jk, joking, kidding, joke, fake, paper, sim, hypothetical, hypothetically,
    pretend, imagine, imagined, dreamt, dream, sarcasm, lmao, too expensive, expensive, zero
    """,
)
add(
    Kind.QUESTION,
    """
    what, whats, why, how, hows, who, whos, whose, which, where, should, anyone, anybody, someone, somebody,
    does, did, is it, are we, are you, do you, do we, can someone, can you, can we, could you, thoughts,
    wondering, wonder, question, ask me, whether, curious, explain, opinions, opinion, worth it
    """,
)
add(
    Kind.CONDITION,
    """
    if, when, whenever, once, above, over, below, under, until, till, unless, after, before, break, breaks,
    breaking, broke, wait, waiting, dip, dips, pullback, pullbacks, retest, trigger, triggers, provided,
    assuming, depending, depends, maybe, perhaps, possibly, possible, probably, likely, either, or, otherwise,
    pending, contingent, reject, rejects, rejection, holds, clears, reclaim, reclaims, crosses, touches,
    breakout, breakdown, at open, on open, at close, bounce, case, upon, while, as long as, as soon as, near,
    around, about, approx, roughly, almost, then, next
    """,
)
add(
    Kind.PLAN,
    """
    will, ill, would, id, might, could, can, gonna, going, plan, plans, planning, planned, idea, ideas,
    watchlist, eyeing, eyes, eye, looking, look, considering, consider, thinking, think, thought, want, wanna,
    wanting, hoping, hope, hopefully, later, soon, ready, loading, load, loaded, tempted, shall, must, need,
    needs, wish, intend, intending, prepare, preparing, ponder, liking, prefer, favorite, candidate,
    candidates, potential, potentially, contemplating, shopping, stalking, scouting, bid in, bidding, order
    in, limit in, queued, tonight, try, expect, expecting, expected, supposed, set to, about to, ought,
    getting ready, stay posted, tempting, interested, interest
    """,
)
add(
    Kind.RECAP,
    """
    was, were, had, went, took, made, ran, hit, hits, filled, fills, yesterday, yesterdays, ago, earlier,
    last, still, already, missed, miss, congrats, congratulations, held, averaged, printed, printing, printer,
    recap, update, updates, status, sent, notification, been, got, posted, expired, called, cashed, nailed,
    crushed, smashed, killed, tripled, doubled, trimmed, added, remember, reminder, history, previously,
    prior, past, month, months, hour, hours, minutes, min, mins, morning, afternoon, since, ended, failed,
    followed, following, results, result, performance, review, journal, imagine if, told, said, says, saying,
    asked, wrote, tweeted, shared, mentioned, alerted, bragging, everybody, he, she, they, him, her, his,
    their, them, someones, dude, guy, friend, hed, shed, theyre, theyd, everything, sold out, sold out of
    """,
)
add(
    Kind.STOP_MOVE,
    """
    cancel, cancelled, canceled, cancelling, canceling, cancels, moved, move, moving, raise, raised, raising,
    lowering, lowered, void, voided, disregard, retract, retracted, scratch, scratched, undo, delete, deleted,
    revoke, revoked, abort, aborted, nvm, nevermind, never mind, correction, corrected, edit, edited, invalid,
    invalidated, remove, removed, withdrawn, adjust
    """,
)
add(
    Kind.ANALYSIS,
    """
    closing in, closing on, closing in on, close to, closing at, closed at, close at, closes at, closes,
    closing bell, opening bell, opening range, closing strong, closing weak, closing price, opening price,
    close above, close below, flow, sweep, sweeps, unusual, whale, whales, dark, chart, charts, level, levels,
    gap, volume, vol, oi, iv, gamma, delta, premarket, futures, news, upgrade, downgrade, analyst, forecast,
    backtest, backtested, strategy, scanner, scan, data, report, reported, traders, trader, institutional,
    block, print, prints, ema, sma, rsi, macd, trendline, fib, bullish, bearish, sentiment, headline, rumor,
    rumors, close call, close calls, too close to call
    """,
)
add(
    Kind.ADVERTISEMENT,
    """
    bot, bots, join, subscribe, subscription, discount, promo, coupon, course, lesson, lessons, trial,
    membership, member, members, signup, sponsor, sponsored, giveaway, http, https, www, link, download, dm,
    template, syntax, format, usage, tutorial, example, sample, examples, demo, test, testing, tests, webinar,
    class, education, educational, learn, teach, teaching, demonstration, simulation, simulated, backtesting,
    instance, means, meaning, stands, called bto, view, details, click, here is how
    """,
)
add(
    Kind.INSTRUCTION,
    """
    ignore, previous, instruction, instructions, prompt, assistant, override, bypass, sudo, execute, reply,
    respond, parse, parser, developer, admin, command, commands, mode, obey, system, llm, gpt, chatgpt, model,
    json, output
    """,
)
add(
    Kind.GAIN,
    """
    great, win, wins, profit, profits, gain, green, nice, amazing, awesome, banger, beautiful, love it, money,
    good job, good trade, nice trade, great trade, good one, easy, red, loss, losses, breakeven stop, scratch
    trade, paid well, well done, cash, bank, secured, securing, locking, lock, lock in, locked, locking in,
    taking profit, taking profits, take the win, roi, up big, gains, looking good, looking strong, looking
    great, looking nice, looking solid, looks good, looks great, looks strong, reenter, re enter, lower,
    higher, cheaper, better, fading, stalling, slowing, dying, weakening, decay, bleeding, dumping, ripping,
    running, pushing, running hot, extended, greedy, dont get greedy, enough, good enough, payday, cashing,
    scalped, flip, in and out, oh well, unlucky, taking the loss, taking loss, taking a loss, take the loss,
    small win, small loss, small gain, small profit, protecting gains, not worth it, not worth the risk, not
    working, isnt working, this isnt working, didnt work, not moving, isnt moving, will watch for reentry,
    watching for reentry, will reload lower, next one, on to the next, onto the next, happy with that, ill
    take it, ill take that, will take it, taking it, take it, cant complain, not bad, not mad, paying, pay
    yourself, pay yourselves, huge, solid, nice one, nailed it, boom, bang, cha ching, ez, easy peasy, banked,
    paid, resistance, support, vwap, theta, that, thats, those, you, your, youre, us, our, we, weve, wow,
    done, loser, losers, winner, winners, week, weeks, day, days, insane, crazy, wild, getting, has, have,
    having, worked, lost, losing, won, caught, taken, finished, lets, let, love, loving, like, feel, feeling,
    believe, guess, watch, watching, lets see, no follow through, no momentum, no volume, sl hit, stop hit,
    stops hit, got stopped, playing it safe, playing safe, safe, are, good, im good, good with that, with
    that, with this, while green, while im up, before it fades, vs, breakeven trade, profits are profits,
    profit is profit, slow
    """,
)
add(
    Kind.NEUTRAL,
    """
    i, im, ive, me, am, it, its, this, this is, it is, very, really, super, pretty, quite, so, but, very
    risky, please, pls, only, just a, for now, for free, for the day, for today, today only, at work, lets go,
    lets get it, lets eat, good luck, goodluck, gl, good luck all, gl all, good luck everyone, everyone,
    folks, fam, all good, boys, gang, yall, careful, be careful, size right, manage, manage risk, manage your
    risk, risk, risk reward, r/r, rr, own, your own risk, at your own risk, at own risk, risk it, risk only
    what you can lose, accordingly, tight, tight stop, manage accordingly, small account, account, port,
    portfolio, size, sized, sz, sizing, conservative, aggressive, degen, gamble, gambling, yolo, momentum,
    setup, play, runner, runners, runner left, free, make, makes, making, the free, overnight, over weekend,
    over the weekend, into close, into the close, into earnings, earnings, er, catalyst, hedge play, trying
    again, try again, trying this again, one more try, second try, re entry, reentry, re enter, back in,
    quick, quick one, fast, patient, patience, relax, chill, nothing crazy, nothing big, high conviction,
    conviction, confident, cheap, cheapie, fun, for fun, good setup, nice setup, great setup, clean setup,
    good chart, nice chart, clean chart, good entry, nice entry, good risk reward, good rr, good spot, nice
    spot, good spot to, good price, good level, good risk, good structure, strength, weakness, support here,
    strong, weak, moving nicely, market strong, market weak, volatile, choppy, chop, tape, be watching, will
    be watching, will watch, watching closely, will update, will let you know, will hold, will hold overnight,
    will swing, will scale out, will manage, will keep you posted, will average down, will post, ill update,
    ill post, not financial advice, nfa, dont chase, do not chase, no chasing, no chase, dont fomo, no fomo,
    no rush, no stop, no sl, no stop loss, no problem, no worries, not a lot, not too big, not much, posted
    this in watchlist, from watchlist, from the watchlist, off watchlist, off the watchlist, as planned, as
    discussed, voice, voice alert, on voice, live, live now, see chart, chart below, chart attached, chart in
    chat, cooking, sending it, send it, here we go, risk free, house money, playing with house money, let
    runners ride, let run, let it run, locked in, happy, happy with this, happy here, going with, going for,
    on this, on it, move on, moving on, red day, time stop, out the gate, grabbed this, through, theta burn,
    no need, before close, before the close, into weekend, into the weekend, worried, reducing, reduce, reduce
    risk, reducing risk, derisk, derisking, protect, protecting, protect profits, capital, preserve capital,
    stop is, plan is, cpi, ppi, fomc, fed, nfp, into, daily, hourly, on the daily, on the hourly, for a
    bounce, for the bounce, for a move, for a push, will add lower, will add more, will add on dips, will add
    on dip, will add on weakness, will add if needed, ill manage, manage this one, this one, high reward, only
    risk what you can lose, only play with what you can lose, what you can afford to lose, will look for
    reentry, will look for re entry, will look to reenter, will reenter, looking to reenter, looking for
    reentry, might reenter, will try again, fill, good fill, my fill, ea, each, as a hedge, as hedge, let it
    ride, lets ride, gtc, day order, good til close
    """,
)
add(
    Kind.ADD,
    """
    add, adding, adds, averaging, dca, dcaing, more, another, reload, reloading, reloaded, increase,
    increasing, double
    """,
)

# "posted this in watchlist on monday" does not undo the order before it.
for _remark in (
    "posted this in watchlist",
    "posted in watchlist",
    "was in watchlist",
    "was on watchlist",
    "on watchlist",
):
    for _when in ("", "monday", "tuesday", "wednesday", "thursday", "friday", "today", "yesterday", "earlier"):
        add(Kind.NEUTRAL, f"{_remark} {_when}")
        add(Kind.NEUTRAL, f"{_remark} on {_when}")
