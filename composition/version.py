"""The version of this program, for the log, the metrics and `--version`; the package is built with it.

It stands here and not in the package's metadata: to look it up there takes a twentieth of a desk's start.
"""

VERSION = "0.1.0"
