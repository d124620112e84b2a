"""Tastytrade: orders, account, contracts and quotes. The only place that knows the broker's SDK."""
