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
    "stay tech  time top true two up very vs bull corn team edit lite sun car land "
    "home bill wall well work you c d f m o t u v x"
)

# Those that a sentence may hold in the same place: "buy now 640c", "selling half on 640c".
ADVERBS = word_set("a all any are at be can for has in it live most now on one or out so stay top up very you")

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

# Symbols that everyday phrases end in ("closing shop", "cutting cost"): alone behind an exit's verb they need a `$`.
PHRASE_SYMBOLS = word_set(
    "shop cost path tree car team root beam edit run open low cart docs tan wit lit sid comp key dash spot net save "
    "cake cat deck hut bill real play now all be on it so life ball five gap mos ship air wing well work two h "
    "b c d f k l m o s t u v w x z as am an ice bj app tal eat"
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
    "AA AAL AAOI AAPL ABBV ABNB ABT ACB ACHR ACI ACN ADBE ADI ADP ADSK AEHR AEM AEO AEP AFRM AG AGCO AGL AI AIG "
    "AKS ALAB ALB ALGM ALHC ALK ALL ALLY ALT AMAT AMC AMCR AMCX AMD AMDL AMGN AMKR AMT AMWL AMZN AN ANET ANF ANGI "
    "AON APA APD APH APLD APO APP ARKG ARKK ARKW ARM AS ASML ASTS ATAT AUR AVAV AVGO AXON AXP B BA BABA BAC BALL "
    "BB BBAI BBBY BBWI BBY BE BEAM BEKE BEN BGNE BHP BIDU BIIB BILI BILL BIRK BITF BITO BITX BJ BK BKNG BKSY BLDE "
    "BLK BLNK BLSH BMBL BMNR BMY BNTX BOIL BRK.B BROS BSX BTBT BTDR BTI BUD BURL BX BYDDY BYND BZ C CABO CAG CAKE "
    "CAR CARR CART CAT CAVA CB CBOE CCI CCJ CCK CCL CDE CEG CELH CF CFLT CGC CHD CHPT CHTR CHWY CHYM CI CIBR CIEN "
    "CIFR CL CLF CLOV CLS CLSK CLX CMC CMCSA CME CMG CMI CNC CNH COF COHR COIN COMP CONL COP COPX CORZ COST COTY "
    "CPB CPNG CPRI CRCL CRDO CRM CRML CRON CROX CRSP CRUS CRWD CRWV CSCO CSX CURLF CVNA CVS CVX CZR D DAL DASH "
    "DAVE DD DDOG DDS DE DECK DELL DFS DG DHI DHR DIA DIS DJT DKNG DLR DLTR DNN DNUT DOCS DOCU DOV DOW DOYU DPZ "
    "DRI DRIP DUK DUOL DVN DXCM EA EBAY ECL EDIT EDU EEM EFA EH EL ELF ELV EMN EMR ENPH ENTG EOG EOSE EPAM EPD "
    "EQIX ERJ ERX ESTC ET ETHA ETHU ETN ETSY EVEX EVTL EW EWZ EXC EXK EXPE EXPI F FANG FAS FAZ FCEL FCX FDX FFIE "
    "FICO FIG FIGR FINV FITB FLNC FLUT FMC FN FNV FOSL FOXA FSLR FSLY FUBO FUTU FXI FYBR GD GDX GDXJ GE GEMI GENI "
    "GEV GILD GIS GLD GLOB GLW GLXY GM GME GO GOOG GOOGL GOTU GPRO GPS GRAB GRMN GRPN GS GSAT GTLB GUSH H HAL "
    "HBAN HCA HD HEI HIMS HIVE HL HLT HMC HON HOOD HPE HPQ HRL HSY HTHT HTZ HUM HUT HUYA HWM HYG HYMC IAC IBB "
    "IBIT IBM ICE ICLN IFF IGV IHG IHRT INDI INFY INOD INTC INTU IONQ IP IQ IR IRBT IRDM IREN ISRG ITA ITB ITW "
    "IVZ IWM IYR JBLU JCI JD JEPI JETS JNJ JOBY JPM JWN K KBH KDP KEY KGC KHC KKR KLAC KLAR KMB KMI KMPH KMX KO "
    "KOLD KOSS KR KRE KSS KTOS KULR KWEB LABD LABU LAC LAES LAZR LC LCID LEGN LEN LEU LEVI LHX LI LIDR LII LIN "
    "LIT LITE LLY LMND LMT LNG LOW LQD LRCX LSCC LTH LU LULU LUMN LUNR LUV LVS LYB LYFT LYV M MA MANU MAR MARA "
    "MBLY MCD MCHP MCO MDB MDLZ MDT MELI MET META MGM MKC MMC MMM MMYT MNSO MNST MO MOS MP MPC MPWR MRK MRNA MRO "
    "MRVL MS MSCI MSFT MSGS MSOS MSTR MSTU MSTX MSTZ MT MTCH MU MULN NAV NB NBIS NCLH NDAQ NDX NEE NEM NET NFLX "
    "NIO NKE NKLA NNE NOAH NOC NOK NOW NSC NTAP NTES NTLA NTR NTRS NTSK NU NUE NVAX NVDA NVDL NVDS NVDX NVO NVR "
    "NVT NVTS NWSA NXE NXPI NYCB NYT O OCGN OI OKLO OKTA OLLI ON ONON OPAD OPEN ORCL OSCR OSK OTIS OUST OXY PAAS "
    "PANW PARA PATH PAYC PBR PCAR PCG PDD PENN PEP PFE PFSI PG PGR PGY PH PHM PINS PKG PL PLD PLNT PLTK PLTR PLTU "
    "PLUG PM PNC PODD POET PONY POWI PPG PRTS PRU PSKY PSTG PSX PTON PVH PWR PYPL QBTS QCOM QFIN QQQ QRVO QS QSR "
    "QUBT RBLX RBRK RCAT RCL RDDT RDFN RDW REGN REMX RF RGTI RH RIO RIOT RIVN RKLB RKT RL ROK ROKU ROOT ROST RS "
    "RSI RSP RTX RUN RUT S SABR SAM SATL SATS SAVA SAVE SBET SBUX SCCO SCHD SCHW SE SEDG SERV SEZL SFM SG SHAK "
    "SHOP SHW SID SIL SILJ SIRI SITM SJM SKLZ SKX SLAB SLB SLV SMCI SMG SMH SMR SMTC SNAP SNDK SNDL SNOW SO SOFI "
    "SONO SOUN SOXL SOXS SOXX SPCE SPG SPGI SPOT SPR SPX SPXL SPXS SPXU SPXW SPY SQ SQM SQQQ SRPT STEM STLA STLD "
    "STT STUB STX STZ SVIX SVXY SWKS SYF SYK SYY T TAL TAN TAP TASR TCEHY TCOM TDG TDOC TE TEAM TECK TEM TEVA TEX "
    "TFC TGT TJX TKO TLN TLRY TLT TM TMC TMDX TME TMO TMUS TNA TOL TOST TPR TQQQ TREE TRIP TROW TRV TSLA TSLL "
    "TSLQ TSLZ TSM TSN TT TTD TTWO TWLO TX TXN TXRH TZA U UAA UAL UBER UEC ULTA UMAC UNG UNH UNP UPRO UPS UPST "
    "URA URBN URI URNM USAR USB USFD USO UUUU UVIX UVXY UWMC V VALE VFC VIPS VIX VIXY VKTX VLO VNQ VOO VRT VRTX "
    "VSAT VSCO VST VTI VXX VZ W WAL WBD WDAY WDC WEN WFC WH WISH WIT WMB WMT WOLF WPM WRD WRK WTW WULF WWE WYNN X "
    "XBI XHB XLB XLE XLF XLI XLK XLP XLRE XLU XLV XLY XME XOM XOP XPEV XPOF XRT XSP XYL XYZ YANG YELP YINN YMM "
    "YUM YUMC Z ZG ZION ZLAB ZM ZS ZTO"
)


def share_price_min(symbol: str) -> int:
    """Return the price below which an order for that symbol's shares may be a contract left out."""
    return LARGE_PRICE_MIN if symbol in LARGE_PRICED else SHARE_PRICE_MIN
