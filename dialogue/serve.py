"""Start the Rasa server of the island, on loopback only, with the model of today's sources.

    python3 dialogue/serve.py --port 5005 --actions http://127.0.0.1:5055/webhook

It becomes the Rasa process (exec), so that a signal sent to it reaches Rasa itself.
"""

import argparse
import os

from train import QUIET, ROOT, model_path, rasa, train

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Train where needed, then run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument(
        "--actions",
        default=os.environ.get("GOODHELP_ACTION_URL", "http://127.0.0.1:5055/webhook"),
        help="where the actions are called",
    )
    arguments = parser.parse_args()
    model = model_path()
    if not model.exists():
        train(model)
    os.environ.update(QUIET, GOODHELP_ACTION_URL=arguments.actions, LOG_LEVEL="WARNING")
    os.chdir(ROOT)
    command = [
        *rasa("run"),
        "--model", str(model), "--interface", LOOPBACK, "--port", str(arguments.port),
        "--endpoints", "dialogue/endpoints.yml", "--credentials", "dialogue/credentials.yml",
        "--enable-api", "--quiet",
    ]  # fmt: skip
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
