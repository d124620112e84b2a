"""What is set: from the environment, `.env` and `alert-trader.toml`, checked as a whole before anything starts."""

from composition.settings.loading import Market, Secret, Settings, SettingsError, load, table

__all__ = ["Market", "Secret", "Settings", "SettingsError", "load", "table"]
