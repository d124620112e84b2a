"""From text to tokens: normalise, scan, fuse. Kinds only; what a token does is decided in `steps`."""
