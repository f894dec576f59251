"""A stock Rasa 3.6.21 beside us: its default pipeline, its own Twilio connector, its own servers.

The bot is in `bench/stock/`; its examples are ours, a few of each intent, so that its default
pipeline trains in minutes. The model is kept in `models/stock` and trained once.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import yaml

from app.stack import Child, NotStarted, die_with_parent, free_port
from bench.load import ACCOUNT, NUMBER, TOKEN, Target
from hub.settings import ROOT

BOT = ROOT / "bench" / "stock"
MODELS = ROOT / "models" / "stock"
PYTHON = ROOT / "dialogue" / ".venv" / "bin" / "python"
EXAMPLES_OF_AN_INTENT = 14
START_SECONDS = 240.0
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


class StockRasa:
    """Rasa and its action server. Use it with `with`; `logs` is a folder."""

    def __init__(self, provider_url: str, logs: Path) -> None:
        self._port, self._action_port = free_port(), free_port()
        self._logs = logs
        self._environment = {
            **os.environ,
            **QUIET,
            "STOCK_ACCOUNT_SID": ACCOUNT,
            "STOCK_AUTH_TOKEN": TOKEN,
            "STOCK_NUMBER": NUMBER,
            "STOCK_TWILIO_URL": provider_url,
            "STOCK_ACTION_URL": f"http://127.0.0.1:{self._action_port}/webhook",
            "SANIC_HOST": "127.0.0.1",
        }
        self.children: dict[str, Child] = {}

    @property
    def target(self) -> Target:
        """Where its connector takes texts."""
        return Target(self._port, "/webhooks/twilio/webhook")

    def __enter__(self) -> Self:
        model = trained()
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            self._start(
                "actions",
                *("-m", "rasa_sdk", "--actions", "actions", "--port", str(self._action_port)),
            )
            self._start(
                "rasa",
                *("serve.py", "run", "--model", str(model), "--port", str(self._port)),
                *("--interface", "127.0.0.1", "--endpoints", "endpoints.yml"),
                *("--credentials", "credentials.yml", "--quiet"),
            )
            self._wait_until_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self, name: str, *arguments: str) -> None:
        log = self._logs / f"stock-{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [str(PYTHON), *arguments],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,
                cwd=BOT,
                env=self._environment,
            )
        self.children[name] = Child(name, log, process)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + START_SECONDS
        waiting = {
            f"http://127.0.0.1:{self._port}/webhooks/twilio/",
            f"http://127.0.0.1:{self._action_port}/health",
        }
        while waiting:
            for child in self.children.values():
                if child.ended or time.monotonic() > until:
                    raise NotStarted(f"stock {child.name} did not start:\n{child.last_words()}")
            waiting = {url for url in waiting if not _answers(url)}
            time.sleep(0.25)

    def _stop(self) -> None:
        for child in self.children.values():
            if not child.ended:
                child.kill()


def trained() -> Path:
    """The model of today's sources, trained where it is not there yet."""
    model = MODELS / f"{_fingerprint()}.tar.gz"
    if model.exists():
        return model
    print("training the stock Rasa, once; some minutes ...", file=sys.stderr, flush=True)
    work = MODELS / f"making-{os.getpid()}"
    work.mkdir(parents=True)
    (work / "nlu.yml").write_text(yaml.safe_dump(_few(), allow_unicode=True))
    done = subprocess.run(
        [
            *(str(PYTHON), "-m", "rasa", "train", "--config", "config.yml"),
            *("--domain", "domain.yml", "--data", "data", str(work / "nlu.yml")),
            *("--out", str(work), "--fixed-model-name", "model"),
        ],
        cwd=BOT,
        env={**os.environ, **QUIET},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    made = work / "model.tar.gz"
    if done.returncode != 0 or not made.exists():
        raise NotStarted(f"the stock Rasa could not be trained:\n{done.stdout[-3000:]}")
    made.replace(model)
    (work / "nlu.yml").unlink()
    work.rmdir()
    return model


def _few() -> dict[str, Any]:
    """Our own examples, the first few of each intent, as Rasa reads them."""
    found = []
    for path in sorted((ROOT / "dialogue" / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = str(entry["examples"]).splitlines(keepends=True)
            found.append({**entry, "examples": "".join(lines[:EXAMPLES_OF_AN_INTENT])})
    return {"version": "3.1", "nlu": found}


def _fingerprint() -> str:
    digest = hashlib.sha256(yaml.safe_dump(_few()).encode())
    for path in sorted([BOT / "config.yml", BOT / "domain.yml", *(BOT / "data").glob("*.yml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3, trust_env=False).is_success
    except httpx.HTTPError:
        return False
