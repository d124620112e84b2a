"""Words that are, or are not, the name of something traded.

An unknown word of one to five letters may stand where an order's symbol stands. Where nothing but the symbol says
that a message is an order ("out of NBIS"), the symbol must be one of `KNOWN` or carry a `$`.
"""

SYMBOL_LETTERS_MAX = 5


def word_set(words: str) -> frozenset[str]:
    """Return the words of a table row."""
    return frozenset(words.split())


# Symbols that are English words too: read as symbols only directly before a contract or an expiry.
WORD_SYMBOLS = word_set(
    "a ai all any are at be big buy can cash cost day eat ever fast fat fly for fun gap go good grow has hood it "
    "key  life live love low main man max nice now on one open or out peak play plus real run safe say see so "
    "stay tech  time top true two up very vs wall well work you c d f m o t u v x"
)

# Futures roots that no equity shares, and those that one does (written bare, only the price can tell).
FUTURES_ROOTS = word_set("nq mnq mes mym ym rty m2k mcl mgc mbt")
SHARED_FUTURES_ROOTS = word_set("es cl gc si ng hg zb zn zf zt zc zs zw he le 6e 6j 6b 6a btc mbt vx")
SHARED_ROOT_PRICE_MIN = 1000  # an ES future trades in thousands, a share of the same letters does not

INDEX_ROOTS = word_set("SPX SPXW NDX NDXP RUT RUTW XSP VIX VIXW DJX XND")

# Below this a share's price may as well be the premium of a contract left out.
SHARE_PRICE_MIN = 10
# Their shares have cost far more than this for years: a lower price is the premium of a contract left out.
LARGE_PRICE_MIN = 50
LARGE_PRICED = word_set(
    "SPY QQQ IWM DIA TSLA NVDA AAPL MSFT META AMZN GOOGL GOOG NFLX AVGO AMD COST LLY UNH MSTR COIN CRM ADBE ORCL "
    "NOW  GS JPM CAT BA HD MCD V MA CRWD PANW SNOW SMH"
)

# Not on a US exchange, or no instrument of the account: recognised so that they are never read as a stock.
UNSUPPORTED = word_set(
    "nifty banknifty finnifty sensex btcusd ethusd btcusdt ethusdt usdt xauusd xagusd eurusd gbpusd usdjpy audusd "
    "usdcad usdchf nzdusd gbpjpy eurjpy bitcoin ethereum eth doge xrp sol usd us30 nas100 us100 us500 ger40 dax "
    "ftse gold silver oil btc"
)

# Short everyday words: nobody trades them, and a joke may put them where a symbol stands. `$` overrules.
NEVER_SYMBOLS = word_set(
    "able alive also ape apes arms ass ate ath atl atm aunt away baby back bad bag bags beach bear bears beat "
    "beer bell best biden big bike bills bit blood boat bond bonds book books boss both boy brain bread bro bruh "
    "bucks bull bulls bunch butt buys came candy chain china chips city coins coke cold come cool corn costs crab "
    "crap crash dad daily damn dead debt deep do doji dough dozen drama dress drink dte dtes dudes dump each "
    "earth eat eight elon eu euro even ever every face far fate find first five flag fomo found four fries front "
    "fruit fuck game games gave get gets girl girls give goat god goes gone good guide hand hands hat head heart "
    "hell high highs home hot hotel house huge hype india into itm japan jesus jewel job jobs jokes jpow juice "
    "karma kept kid kids knew know lambo law least lemon less life liver lives loan lord lows luck lull lunch "
    "lung lungs mango many mars meme memes men milk mom mood moon movie much music musk naked night nine noon "
    "nose often old one ones onto other otm pants part parts party pay pc peace peso phone piece pile pizza plane "
    "plays poor power price pump putin rally real rent rice rich right ring rolex same sat saw say see seen sells "
    "set seven sheep ship shirt shit shoes short side sis sit six sleep slept socks song songs soul space spend "
    "spent stack star state steak stonk story stuff such sugar sun sure sushi taco tacos take talk tall tax taxes "
    "tell ten than there thing three time times token ton tons too top tops town train tried truck true trump two "
    "uk uncle usa use used value vibe vibes vodka vote wake walk war warm water wedge wheat wick wide wife woke "
    "woman women world worse worst worth yacht year years yen young"
)

# Names of companies: the writer meant a symbol, and which one is not ours to guess.
COMPANY_NAMES = word_set(
    "apple tesla google amazon nvidia microsoft facebook netflix disney ford intel palantir boeing oracle target "
    "visa  costco walmart starbucks coinbase robinhood gamestop alibaba snowflake spotify nike cisco adobe paypal "
    "shopify  zoom block square micron pfizer macys chase cocacola pepsi broadcom qualcomm salesforce mcdonalds "
    "exxon chevron  delta united american carnival airbnb doordash lucid rivian peloton opendoor"
)

KNOWN = word_set(
    "SPY QQQ IWM DIA SPX SPXW NDX RUT XSP VIX VXX UVXY SVXY TQQQ SQQQ SOXL SOXS TNA TZA UPRO SPXU SPXL SPXS LABU "
    "LABD  FXI KWEB EEM EFA EWZ GLD SLV GDX GDXJ USO UNG BOIL TLT HYG LQD XLF XLE XLK XLV XLI XLP XLU XLY XLB "
    "XLRE XBI IBB  SMH SOXX ARKK KRE XOP XHB XRT IYR JETS BITO IBIT ETHA VOO VTI RSP TSLL NVDL CONL MSTU  AAPL "
    "MSFT NVDA AMZN GOOGL GOOG META TSLA AVGO ORCL NFLX AMD INTC MU QCOM TXN ARM SMCI MRVL AMAT LRCX KLAC ASML "
    "TSM ADI NXPI MCHP SWKS QRVO WDC STX SNDK DELL HPE HPQ IBM CSCO ANET CRM ADBE NOW SNOW PANW CRWD ZS NET DDOG "
    "MDB  OKTA PLTR TEAM SHOP SQ XYZ PYPL AFRM UPST SOFI HOOD COIN MSTR MARA RIOT CLSK HUT BITF CIFR IREN WULF "
    "BTBT CRWV NBIS  RKLB ASTS LUNR RDW ACHR JOBY EVTL OKLO SMR NNE CCJ LEU UEC VST CEG GEV TLN BE PLUG FCEL ENPH "
    "SEDG FSLR RUN BLNK  CHPT RIVN LCID NIO XPEV LI F GM STLA TM HMC BABA JD PDD BIDU BILI NTES TME FUTU BEKE "
    "TCEHY  DIS CMCSA WBD PARA PSKY ROKU SPOT SNAP PINS RDDT MTCH BMBL UBER LYFT DASH ABNB BKNG EXPE TRIP CCL RCL "
    "NCLH DAL  UAL AAL LUV JBLU ALK SAVE BA LMT RTX NOC GD LHX HON GE CAT DE CMI ETN EMR MMM UPS FDX UNP CSX NSC "
    "WMT TGT COST HD LOW TJX ROST BBY DG DLTR KSS M JWN GPS LULU NKE UAA DECK ONON CROX SKX ANF AEO URBN RH W "
    "ETSY EBAY  CHWY CVNA KMX AN GME AMC BBBY KOSS MCD SBUX CMG YUM DPZ WEN QSR DRI TXRH CAVA SHAK BROS SG KO PEP "
    "MNST KDP CELH PM  MO BTI STZ BUD TAP SAM PG CL KMB CHD EL ULTA K GIS CPB KHC HSY MDLZ TSN BYND KR SFM GO "
    "JPM BAC WFC C GS MS SCHW BLK BX KKR APO AXP V MA COF DFS SYF USB PNC TFC FITB KEY RF HBAN ZION WAL NYCB  ALL "
    "PGR TRV MET PRU AIG CB LMND ROOT OSCR UNH CVS CI HUM ELV CNC HCA LLY NVO PFE MRK JNJ ABBV BMY AMGN GILD REGN "
    "VRTX BIIB MRNA BNTX NVAX ABT MDT TMO DHR ISRG BSX SYK EW DXCM TDOC HIMS VKTX SRPT XOM CVX COP OXY SLB HAL "
    "MPC VLO  PSX DVN EOG FANG APA MRO KMI WMB ET EPD LNG FCX NEM AEM KGC PAAS AG HL CLF X NUE STLD AA ALB "
    "SQM MP LAC LIN  DOW DD CF MOS NTR VZ T TMUS CHTR NEE DUK SO D AEP EXC PCG AMT CCI EQIX DLR PLD SPG O  AI "
    "SOUN BBAI PATH U RBLX DKNG PENN MGM WYNN LVS CZR FUBO OPEN Z RDFN CPNG SE GRAB MELI NU DOCU ZM TWLO FSLY  S "
    "ESTC CFLT GTLB BILL PAYC WDAY INTU ADSK ADP ACN FIG CRCL FIGR KLAR GLXY BMNR SBET TTD APP APLD RGTI QBTS "
    "IONQ QUBT  QS LAZR PTON BYDDY DJT TLRY CGC ACB SNDL CRSP BEAM NTLA EDIT LMT AVAV KTOS IRBT GPRO SIRI BB NOK "
    "KMPH USAR TEM HPQ  CLOV WISH SKLZ SPCE NKLA FFIE MULN HYMC TOST CART DUOL GRMN TEVA VALE PBR RKT UWMC CAKE "
    "PRTS LEVI VFC BRK.B"
)


def share_price_min(symbol: str) -> int:
    """Return the price below which an order for that symbol's shares may be a contract left out."""
    return LARGE_PRICE_MIN if symbol in LARGE_PRICED else SHARE_PRICE_MIN
