"""The grammar's words: one place to add a word or a phrase. What a kind does stands in `steps`.

Every word is lower case without apostrophes. A phrase is tried before its first word, the longest first.
"""

from domain.grammar.vocabulary.kinds import Kind

WORDS: dict[str, tuple[Kind, str]] = {}
PHRASES: dict[tuple[str, str], list[tuple[tuple[str, ...], Kind, str]]] = {}  # by their first two words


def add(kind: Kind, entries: str, value: str = "") -> None:
    """Enter comma-separated words and phrases; without `value` each stands for itself."""
    for entry in entries.split(","):
        words = tuple(entry.split())
        meaning = value or "_".join(words)
        if len(words) == 1:
            if words[0] in WORDS:
                raise ValueError(f"{words[0]!r} stands in two tables, {WORDS[words[0]][0]} and {kind}: keep one")
            WORDS[words[0]] = (kind, meaning)
        else:
            phrases = PHRASES.setdefault((words[0], words[1]), [])
            phrases.append((words, kind, meaning))
            phrases.sort(key=lambda phrase: -len(phrase[0]))


add(Kind.VERB, "bto,buy to open,buying to open", "bto")
add(Kind.VERB, "buy", "buy")
add(Kind.VERB, "bought,bought to open,opened,entered", "bought")
add(Kind.VERB, "buying,opening,entering,im entering,open,going long,i am entering,am entering", "opening")
add(Kind.VERB, "long,taking,grabbing,grabbed", "taking")
add(Kind.VERB, "im buying,i am buying", "opening")
add(Kind.VERB, "im selling,i am selling", "sell")
add(Kind.VERB, "im closing,i am closing,im exiting,i am exiting", "close")
add(Kind.VERB, "im trimming,i am trimming", "trim")
add(Kind.VERB, "stc,sell to close,selling to close,sold to close", "stc")
add(Kind.VERB, "sell,selling", "sell")
add(Kind.VERB, "sold", "sold")
add(
    Kind.VERB,
    "close,closing,closed,exit,exiting,exited,close out,closing out,closed out,cutting,cut,exit alert,"
    "close alert,closing alert,sell alert",
    "close",
)
add(Kind.VERB, "closing long,close long,closing my long,closing the long,to close long", "close_long")
add(Kind.VERB, "exiting out of,closing out of,getting out of", "close")
add(
    Kind.VERB,
    "out,im out,im out of,i am out of,all out,all out of,out of,fully out,fully out of",
    "out",
)
add(
    Kind.VERB,
    "stopped out of,stopped out on,stopped out,got stopped on,got stopped out of,got stopped out on,got stopped out",
    "stopped",
)
add(Kind.VERB, "taking half off,take half off,taking half off of", "halve")
add(Kind.VERB, "trim,trimming,scaling out of,trim more,trim alert,trimming more", "trim")
add(Kind.VERB, "taking some off,take some off,taking some off of,take some off of", "trim")
add(Kind.VERB, "sto,sell to open,selling to open,sold to open", "sto")
add(Kind.VERB, "btc,buy to close,buying to close,bought to close", "btc")

add(Kind.RIGHT, "c,call,calls,ce", "C")
add(Kind.RIGHT, "p,put,puts,pe", "P")
add(Kind.UNIT, "contract,contracts,con,cons,cts,ct,lots,lot")
add(Kind.SHARES, "share,shares,shs,stock,stocks,commons")
add(Kind.QUANTITY_FIELD, "qty,quantity")
add(Kind.AT, "at,for,avg,average,limit,lmt,limit order")
add(Kind.MARKET, "market,mkt,mrkt")
add(Kind.BREAK_EVEN, "be,b/e,breakeven,break even")

add(
    Kind.EXPIRY,
    "today,exp today,expiring today,expires today,eod expiry,eod exp,today expiry,today exp,odte,same day",
    "0",
)
add(Kind.EXPIRY, "tomorrow,tmrw,tmr,tomorrows,tomorrow expiry,exp tomorrow,expiring tomorrow", "tomorrow")
add(Kind.EXPIRY, "weekly,weeklies,weeklys,this week,this weeks", "weekly")
add(Kind.EXPIRY, "this friday,this fri,this fridays", "this_friday")
add(Kind.EXPIRY, "monday,mon,mondays", "monday")
add(Kind.EXPIRY, "tuesday,tue,tues,tuesdays", "tuesday")
add(Kind.EXPIRY, "wednesday,wed,wednesdays", "wednesday")
add(Kind.EXPIRY, "thursday,thu,thurs,thursdays", "thursday")
add(Kind.EXPIRY, "friday,fri,fridays", "friday")
add(
    Kind.VAGUE_EXPIRY,
    "next month,next week,next weeks,next friday,next fri,next monday,next tuesday,next wednesday,next thursday,"
    "monthly,monthlies,leap,leaps,eod,eow,eom,opex,end of month,end of week,end of day,this month,quarterly,"
    "far dated,"
    "next year,month out,week out,two weeks,2 weeks",
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTHS = {name[:3]: number for number, name in enumerate(_MONTHS, start=1)}
for _name in _MONTHS:
    add(Kind.MONTH, _name if _name == "may" else f"{_name[:3]},{_name}", str(MONTHS[_name[:3]]))
add(Kind.MONTH, "sept", "9")

add(Kind.FRACTION, "half,one half,1 half", "1/2")
add(Kind.FRACTION, "quarter,a quarter,one quarter", "1/4")
add(Kind.FRACTION, "third,a third,one third", "1/3")
add(Kind.FRACTION, "two thirds", "2/3")
add(Kind.FRACTION, "three quarters", "3/4")
add(
    Kind.FRACTION,
    "all,full,fully,rest,remaining,remainder,final,entire,whole,my last,the last,last of,last one,"
    "last con,last contract,last contracts,last runner,last runners,last piece",
    "all",
)
add(Kind.FRACTION, "most,majority", "most")
add(Kind.FRACTION, "partial,partials,partially,some,few,a few,couple,a couple,some off,small piece", "partial")

add(Kind.LABEL, "super lotto,superlotto,super lottos", "super_lotto")
add(Kind.LABEL, "lotto,lottos,lottery,earnings lotto,er lotto", "lotto")
add(Kind.LABEL, "alert,alerts", "alert")
add(Kind.LABEL, "risky,high risk,risky size,riskier,high risk high reward", "risky")
add(Kind.LABEL, "swing,swinging,swing trade,swing play,swing position", "swing")
add(Kind.LABEL, "day trade,daytrade,day trading,daytrading,intraday", "day_trade")
add(Kind.LABEL, "scalp,scalping,quick scalp,scalps", "scalp")

add(Kind.TAG, "small,small size,small position,small please,smaller", "small")
add(Kind.TAG, "tiny,tiny size,tiny position", "tiny")
add(Kind.TAG, "medium,medium size", "medium")
add(Kind.TAG, "large,large size", "large")
add(Kind.TAG, "full size,full sized", "full size")
add(Kind.TAG, "half size,half sized", "half size")
add(Kind.TAG, "quarter size", "quarter size")
add(Kind.TAG, "light,lite,light size", "light")
add(Kind.TAG, "starter,starters,starter position,starter positions,starter size", "starter")
add(Kind.TAG, "roll up,rolling up,rollup", "roll up")
add(Kind.TAG, "roll down,rolling down", "roll down")
add(Kind.TAG, "roll out,rolling out,roll", "roll")
add(Kind.TAG, "size appropriate,size appropriately,size accordingly,manage size", "size appropriate")
add(Kind.TAG, "hedge,earnings play,er play", "")

add(
    Kind.STOP,
    "sl,stop,stops,moving sl,moving stop,moving stops,moving my stop,raising stop,raising stops,raise stop,"
    "raised stop,moved sl,moved stop,set sl,"
    "setting sl,setting stop,sl on rest,stop on rest,sl on the rest,cut if,cut below,cut under,out if,"
    "out below,exit if,exit below,exit under,stop loss,stoploss,stop at,sl set at,stop set at,hard stop,"
    "mental stop,will sl,will stop,my stop,"
    "stop loss at,trail stop,trailing stop,ts,stop out,will stop out,cut at,cutting at",
)
add(
    Kind.TARGET,
    "tp,pt,targeting,target,targets,tgt,take profit,take profits,profit target,price target,tps,pts,will trim,"
    "will sell,"
    "trim at,trims at,will take profit,will take profits,looking for,tp at,first target,second target",
)
add(Kind.UNDERLYING, "loses,lose,underlying,closes under,closes below")
add(Kind.LATER, "will add,ill add,may add,might add,looking to add,will average,will dca,can add,add more,will avg")
add(Kind.FROM, "from,bought at,bought @,entry @,entry was,in at")
add(Kind.QUOTE, "bid,ask,mid,nbbo")
add(
    Kind.REMAINS,
    "leaving,holding,keeping,riding,trailing,let the rest ride,let rest ride,letting the rest ride,left,keep,"
    "hold,letting,leave",
)
add(Kind.UP, "up,down")
add(
    Kind.SPREAD,
    "spread,spreads,vertical,condor,iron condor,ic,butterfly,fly,straddle,strangle,diagonal,double diagonal,calendar,"
    "bwb,pcs,ccs,pds,cds,collar,ratio,legs,leg,legged,iron fly,risk reversal,covered",
)

# Around an order, without a meaning of their own. A connective may stand inside an order, a remark only after it.
add(
    Kind.CONNECTIVE,
    "of,on,the,my,here,now,a,an,exp,expiry,expiration,expiring,expires,strike,in,with,these,position,pos,positions,"
    "again,to,avg in,or better,close or trim & set sl to be,close or trim and set sl to be",
)
add(Kind.EFFECT, "debit,credit")
add(Kind.PLUS, "and")
add(
    Kind.HEADER,
    "new,signal,trade,trades,options,option,just,ok,okay,alright,entry,hey,team,guys,all right,"
    "new position,new entry,new trade,new alert,trade alert,options alert,option alert,entry alert,"
    "new signal,live trade,live alert",
)

# Alone on the first line these stand for the verb.
ENTRY_HEADINGS = frozenset({"entry", "new entry", "entry alert", "new position"})

# Before a colon these name a field of a card. The value says how a plain number after it is read.
FIELDS = {
    name: value
    for value, names in (
        ("price", "price,entry,entry price,fill,premium,cost,avg,limit,limit price,exit,exit price"),
        ("strike", "strike,strike price"),
        ("quantity", "contracts,size"),
        ("", "ticker,symbol,stock,underlying,contract,option,type,option type,side,direction,right,action"),
        ("", "exp,expiry,expires,expiration,expiration date,date,risk,risk level,trade type,style"),
    )
    for name in names.split(",")
}
for _field in FIELDS:
    if " " in _field:
        add(Kind.HEADER, _field)
