"""The report of a replay: CSV files, a summary, one page with pictures, a page a day with every trade's story.

`writing.ReplayReport` takes the lines as they come and writes the whole; `earlier.EarlierReplay` is what another replay
left behind, to be compared with. Equal lines make equal bytes: nothing here asks for the time or for chance.
"""
