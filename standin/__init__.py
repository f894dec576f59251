"""A stand-in provider: speaks Twilio's and Telegram's HTTP, sends nothing anywhere."""
