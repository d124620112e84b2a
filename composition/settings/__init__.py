"""What is set: from the environment, `.env` and `alert-trader.toml`, checked as a whole before anything starts."""

from composition.settings.loading import Effective, Market, Secret, Settings, SettingsError, load, table

__all__ = ["Effective", "Market", "Secret", "Settings", "SettingsError", "load", "table"]
