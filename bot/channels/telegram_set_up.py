"""Setting a bot up and looking after it: `set_up` changes things at Telegram, `check` only asks."""

from collections.abc import Awaitable, Callable

from telegram import Bot, WebhookInfo
from telegram.constants import BotDescriptionLimit as Limit
from telegram.error import InvalidToken, TelegramError

from bot.channels.base import is_loopback
from bot.channels.telegram_client import BotApi
from bot.channels.telegram_updates import ALLOWED, PATH
from hub.settings import Settings
from hub.words import Words

# Updates that wait at Telegram: more than this, and we are not taking them.
MANY_WAITING = 50


def set_up(settings: Settings, words: Words) -> list[str]:
    """Tell Telegram where we are and what it may show; a line for each thing that was done.

    With polling the webhook is taken away, even one that leads elsewhere: whoever calls this
    has asked for it. Updates that wait are kept. Raises nothing for Telegram's refusals: they
    are lines too.
    """
    if not settings.telegram_token.get_secret_value():
        return []
    done: list[str] = []

    async def tell(bot: Bot) -> None:
        me = await bot.get_me()
        done.append(f"telegram: signed in as @{me.username}.")
        if settings.telegram_polling:
            await bot.delete_webhook(drop_pending_updates=False)
            done.append("telegram: no webhook; `goodhelp work` asks for updates.")
        else:
            done.append(await _webhook(bot, settings))
        await _introduce(bot, words)
        done.append("telegram: commands and profile texts are set.")

    return _asked(settings, tell, done)


def check(settings: Settings) -> list[str]:
    """What is wrong with the bot, in plain words; empty where it is not used or all is well."""
    if not settings.telegram_token.get_secret_value():
        return []
    found: list[str] = []

    async def ask(bot: Bot) -> None:
        me = await bot.get_me()
        if me.can_join_groups:
            found.append(
                "telegram: anybody can put the bot into a group: turn that off at @BotFather, "
                "by /setjoingroups."
            )
        found.extend(_problems(settings, await bot.get_webhook_info()))

    return _asked(settings, ask, found)


async def _webhook(bot: Bot, settings: Settings) -> str:
    secret = settings.telegram_secret.get_secret_value()
    if not secret:
        return "telegram: no webhook set: GOODHELP_TELEGRAM_SECRET is missing."
    if is_loopback(settings.public_url) and not is_loopback(settings.telegram_api_url):
        return (
            "telegram: no webhook set: set GOODHELP_PUBLIC_URL to an address that Telegram can "
            "reach, or GOODHELP_TELEGRAM_POLLING=true."
        )
    url = settings.public_url.rstrip("/") + PATH
    await bot.set_webhook(url, allowed_updates=ALLOWED, secret_token=secret, max_connections=20)
    return f"telegram: updates come to {url}."


async def _introduce(bot: Bot, words: Words) -> None:
    """Commands for the menu, and what is shown before the first message."""
    prefix = "telegram.commands."
    every = words.keys()
    names = [key.removeprefix(prefix) for key in every if key.startswith(prefix)]
    await bot.set_my_commands([(name, words.text(prefix + name)) for name in names])
    about, description = words.text("telegram.about"), words.text("telegram.description")
    await bot.set_my_short_description(about[: Limit.MAX_SHORT_DESCRIPTION_LENGTH])
    await bot.set_my_description(description[: Limit.MAX_DESCRIPTION_LENGTH])


def _problems(settings: Settings, info: WebhookInfo) -> list[str]:
    found = []
    wanted = settings.public_url.rstrip("/") + PATH
    if settings.telegram_polling and info.url:
        found.append("telegram: a webhook is set, so polling gets nothing: run the set-up.")
    if not settings.telegram_polling and info.url != wanted:
        found.append("telegram: the webhook does not lead to GOODHELP_PUBLIC_URL: run the set-up.")
    if not settings.telegram_polling and info.url == wanted:
        missing = sorted(set(ALLOWED) - set(info.allowed_updates or ALLOWED))
        if missing:
            found.append(f"telegram: it does not tell us of {', '.join(missing)}: run the set-up.")
        if info.last_error_message:
            # Telegram's own words about our server: no text and no number is in them.
            found.append(f"telegram: its last call failed: {info.last_error_message[:200]}")
    if info.pending_update_count > MANY_WAITING:
        found.append(f"telegram: {info.pending_update_count} updates wait there to be taken.")
    return found


def _asked(
    settings: Settings, what: Callable[[Bot], Awaitable[None]], lines: list[str]
) -> list[str]:
    api = BotApi(settings)
    try:
        api.call(what)
    except InvalidToken:
        lines.append("telegram: the token is not valid: copy it from @BotFather again.")
    except TelegramError as error:
        lines.append(f"telegram: {type(error).__name__}: {error.message[:200]}")
    finally:
        api.close()
    return lines
