"""
Keeps other web sites out, as PROTOCOL.md has it of servers: asked of every handshake, by its Host and its Origin.
Everything here reads hostile text, so nothing here raises.
"""

import re

AUTHORITY = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9][a-z0-9.-]{0,252}))(?::([0-9]{1,5}))?")
IPV4_LOOPBACK = re.compile(r"127(?:\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}")


def refusal_of(headers, origins):
    """Why a handshake is refused, naming what would allow it; None when it is welcome."""
    host = headers.get("host", "")
    if not is_loopback_authority(host):
        return f'Host "{host}" is not this machine: connect to 127.0.0.1, ::1 or localhost.'
    origin = headers.get("origin")
    if origin is None or is_loopback_origin(origin) or origin in origins:
        return None
    return f'Origin "{origin}" may not connect: start the server with --origin and that origin to allow it.'


def is_loopback_origin(origin):
    scheme, separator, authority = origin.partition("://")
    return scheme in ("http", "https") and separator != "" and is_loopback_authority(authority)


def is_loopback_authority(text):
    """Whether a host, host:port or [v6]:port is this machine by its name or literal address."""
    match = AUTHORITY.fullmatch(text.lower())
    if match is None or int(match[3] or 0) > 65535:
        return False
    host = match[1] or match[2]
    return host in ("localhost", "::1") or host.endswith(".localhost") or IPV4_LOOPBACK.fullmatch(host) is not None
