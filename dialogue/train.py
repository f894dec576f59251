"""Train the Rasa model, or use the one that is there.

The model's file is named by a fingerprint of all it is trained from (config.yml, domain.yml,
dialogue/data, dialogue/components and the island's lock), so nothing is trained twice. Plain
Python 3.11 or newer, standard library only. The last line on stdout is the model's path.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "models" / "rasa"
SOURCES = ("config.yml", "domain.yml", "dialogue/uv.lock")
FOLDERS = ("dialogue/data", "dialogue/components")
# No telemetry, no GPU search, no chatter of TensorFlow.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


def main() -> int:
    """Train where needed; 0 when there is a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", action="store_true", help="only print where the model belongs")
    arguments = parser.parse_args()
    model = model_path()
    if arguments.path:
        print(model)
        return 0
    if model.exists():
        tell(f"The dialogue model is up to date ({model.name}).")
    else:
        train(model)
    print(model)
    return 0


def model_path() -> Path:
    """Where the model of today's sources belongs."""
    return MODELS / f"{fingerprint()}.tar.gz"


def fingerprint() -> str:
    """Twelve letters that change with anything the model is trained from."""
    files = [ROOT / name for name in SOURCES]
    for folder in FOLDERS:
        found = (ROOT / folder).rglob("*")
        files += [path for path in found if path.suffix in (".yml", ".py")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def train(model: Path) -> None:
    """Run Rasa's own training; raises SystemExit with its output where that fails."""
    tell("Training the dialogue model: which words mean what, about half a minute ...")
    began = time.monotonic()
    MODELS.mkdir(parents=True, exist_ok=True)
    work = MODELS / f"making-{os.getpid()}"
    done = subprocess.run(
        [
            *rasa("train"),
            "--config", "config.yml", "--domain", "domain.yml", "--data", "dialogue/data",
            "--out", str(work), "--fixed-model-name", "model",
        ],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    made = work / "model.tar.gz"
    if done.returncode != 0 or not made.exists():
        sys.stderr.write(done.stdout)
        raise SystemExit("Rasa could not train the dialogue model; its words are above.")
    # Moved into place at the end: a model that is there is whole.
    made.replace(model)
    work.rmdir()
    tell(f"Trained in {time.monotonic() - began:.0f} seconds.")


def rasa(command: str) -> list[str]:
    """The island's rasa, as an argument list."""
    python = ROOT / "dialogue" / ".venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit("The Rasa island is not set up yet: dialogue/.venv is missing.")
    return [str(python), "-m", "rasa", command]


def environment() -> dict[str, str]:
    """What the island's processes are given."""
    return {**os.environ, **QUIET}


def tell(line: str) -> None:
    """Progress goes to stderr; stdout is for the path."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
