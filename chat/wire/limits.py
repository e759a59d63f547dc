"""How much of everything the protocol allows, in one place, so that no two numbers secretly agree."""

from enum import IntEnum

PROTOCOL = "distchat.v1"

KIB = 1024

# Frames
FRAME_BYTES = 64 * KIB  # one text frame from a client, as UTF-8
SERVER_FRAME_BYTES = 4 * FRAME_BYTES  # one frame from a node; the same number is Daphne's --websocket-max-frame-size
OUTBOX_BYTES = 16 * FRAME_BYTES  # what may wait in a connection's transport before it is closed as too slow
FRAME_COMMANDS = 256  # commands in one frame
COMMAND_FIELDS = 16  # in one command; none has more than eight
JSON_DEPTH = 1024  # levels of nesting that the JSON parser (orjson) follows; no valid command has more than four

# Numbers: what a JavaScript client can hold exactly (ECMA-262, Number.MAX_SAFE_INTEGER)
INTEGER_MAX = 2**53 - 1

# What people write
TEXT_CHARS = 8000
DRAFT_CHARS = TEXT_CHARS
TITLE_CHARS = 120
DEVICE_NAME_CHARS = 80
PLATFORM_CHARS = DEVICE_NAME_CHARS
USERNAME_CHARS = 150  # Django's AbstractUser.username
EPOCH_CHARS = 32
EMOJI_BYTES = 32
REACTION_EMOJIS = 20  # different emojis on one message
ANNOUNCEMENT_CHARS = 500
ATTACHMENTS = 0  # in one message; none until uploads exist

# How many at once
CURSORS = 1000  # conversations in one `hello` or `ack`
MEMBERS_AT_ONCE = 200  # usernames in one `create` or `invite`
MEMBERS_PAGE = 200
MEMBERS_SHOWN = 50  # in `welcome`
BROADCAST_MEMBERS = MEMBERS_SHOWN  # presence, typing and receipts are broadcast only up to here

# Coming back
REPLAY_CHANGES = 500
SNAPSHOT_MESSAGES = 50
HISTORY_PAGE = 200
HISTORY_DEFAULT = SNAPSHOT_MESSAGES

# Time
HEARTBEAT_SECONDS = 15
SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS  # nothing from the server for so long: the client reconnects
ACK_SECONDS = 1  # a client acknowledges at most this often
TYPING_SECONDS = 6  # a `typing` that is not renewed ends by itself

# Rates, told to the client in `welcome`
RATE_WINDOW_SECONDS = 10
POSTS_PER_10S = 50
COMMANDS_PER_10S = 10 * POSTS_PER_10S


class CloseCode(IntEnum):
    """Why the server closed the socket, and so what the client does next."""

    RESTART = 1012
    BROKEN_PROTOCOL = 4400
    NOT_LOGGED_IN = 4401
    REVOKED = 4403
    TOO_SLOW = 4408
    FLOODING = 4429


CLOSE_RESTART = CloseCode.RESTART
CLOSE_BROKEN_PROTOCOL = CloseCode.BROKEN_PROTOCOL
CLOSE_NOT_LOGGED_IN = CloseCode.NOT_LOGGED_IN
CLOSE_REVOKED = CloseCode.REVOKED
CLOSE_TOO_SLOW = CloseCode.TOO_SLOW
CLOSE_FLOODING = CloseCode.FLOODING
