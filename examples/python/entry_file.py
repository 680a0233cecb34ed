"""
One server's entry file in wsyard's registry, by the rules of PROTOCOL.md ("servers.d"): written whole or not at all,
put back when somebody has removed it, unlinked at the end. It knows nothing of sockets.
"""

import json
import os
import secrets
import time
from datetime import datetime, timezone


class EntryFile:
    """The entry of a server of this process that listens on 127.0.0.1."""

    def __init__(self, port, name=None):
        home = registry_home()
        self.id = f"server-{int(time.time() * 1000)}-{secrets.token_hex(3)}"
        self._directories = (home, os.path.join(home, "servers.d"))
        self.path = os.path.join(home, "servers.d", f"{self.id}.json")
        now = datetime.now(timezone.utc)
        entry = {
            "id": self.id,
            "port": port,
            "pid": os.getpid(),
            "startedAt": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "name": name,
            "host": "127.0.0.1",
            "auth": "open",
            "instance": secrets.token_hex(16),
        }
        entry = {field: value for field, value in entry.items() if value is not None}
        self._text = json.dumps(entry, indent=2) + "\n"
        self._written = None

    def write(self):
        """Puts the whole file in place. Raises OSError, and has changed nothing then."""
        for directory in self._directories:
            os.makedirs(directory, mode=0o700, exist_ok=True)
        # Should this process be killed before it renames it, a hub removes a file with a name of this form.
        directory, name = os.path.split(self.path)
        temporary = os.path.join(directory, f".{name}.{secrets.token_hex(6)}.tmp")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(self._text)
            os.replace(temporary, self.path)
        except BaseException:
            unlink(temporary)
            raise
        self._written = self._stamp()

    def look_after(self):
        """Puts the file back unless it is there as it was written. To be called about every five seconds."""
        if self._written is None or self._stamp() != self._written:
            self.write()

    def remove(self):
        """Deregisters. Works twice."""
        unlink(self.path)

    def _stamp(self):
        """Tells this file from any other that has its name, without opening what may be a FIFO by now."""
        try:
            stat = os.lstat(self.path)
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns


def registry_home():
    """SHIPYARD_HOME, or else .shipyard in the user's home directory. Raises ValueError unless that is absolute."""
    named = os.environ.get("SHIPYARD_HOME")
    if named is not None:
        return absolute(named, "SHIPYARD_HOME")
    home = os.environ.get("HOME", os.path.expanduser("~"))  # an empty HOME is an error, not the root directory
    return os.path.join(absolute(home, "HOME"), ".shipyard")


def absolute(path, variable):
    if os.path.isabs(path):
        return path
    raise ValueError(f'{variable} must be an absolute path (got "{path}"). Set it to one, or unset it.')


def unlink(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
