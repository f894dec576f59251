"""`python -m standin --port 9000`: run the stand-in on this machine."""

import argparse
import os

import uvicorn

from standin.app import make_app
from standin.numbers import add_whatsapp
from standin.said import Target


def main() -> None:
    """Serve on loopback until Ctrl-C. Secrets come from the environment, as the product's do."""
    parser = argparse.ArgumentParser(prog="python -m standin", description=__doc__)
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the product listens")
    asked = parser.parse_args()
    target = Target(
        url=asked.url,
        public_url=os.environ.get("GOODHELP_PUBLIC_URL", ""),
        account_sid=os.environ.get("GOODHELP_TWILIO_ACCOUNT_SID", "AC" + "0" * 32),
        auth_token=os.environ.get("GOODHELP_TWILIO_AUTH_TOKEN", ""),
        media_url=f"http://127.0.0.1:{asked.port}",
        telegram_secret=os.environ.get("GOODHELP_TELEGRAM_SECRET", ""),
    )
    app = make_app(target)
    if number := os.environ.get("GOODHELP_WHATSAPP_NUMBER"):
        add_whatsapp(app.state.standin, number)
    print(f"Stand-in for Twilio and Telegram: http://127.0.0.1:{asked.port}/", flush=True)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=asked.port,
        log_level="warning",
        access_log=False,
        ws="none",
    )


if __name__ == "__main__":
    main()
