"""Checks a copy of Signet's audit trail as a stranger would: python3 trail.py TRAIL.PUB FOLDER…

Written from server/TRAIL.md alone. Each folder holds the segments (*.jsonl) and checkpoints (*.note) of one database. Says how far each trail
reaches; exit status 1 and one line a fault where anything does not hold.
"""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Fault(Exception):
    pass


class Key:
    """A verifier key: name+hash+base64(algorithm, key), as C2SP's signed-note writes it."""

    def __init__(self, text):
        self.name, hash_text, rest = text.strip().split("+", 2)
        raw = base64.b64decode(rest, validate=True)
        self.hash = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if raw[0] != 1 or len(raw) != 33 or self.hash.hex() != hash_text:
            raise Fault("the key is no Ed25519 verifier key")
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def text(self, note):
        """The signed text of a note."""
        text, blank, lines = note.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise Fault("it is no signed note")
        text += "\n"
        for line in lines.splitlines():
            dash, _, rest = line.partition(" ")
            name, _, encoded = rest.partition(" ")
            if dash != "\u2014" or name != self.name:
                continue
            signature = base64.b64decode(encoded, validate=True)
            if signature[:4] != self.hash:
                continue
            try:
                self.public.verify(signature[4:], text.encode())
                return text
            except InvalidSignature:
                break
        raise Fault("its signature does not hold")


def canonical(body):
    """Keys in order, no space, the same characters."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def check(key, folder):
    notes = sorted(folder.glob("*.note"))
    if not notes:
        raise Fault(f"{folder}: no checkpoint")
    position, origin, link = 0, None, None
    for path in notes:
        where = path.name
        try:
            lines = key.text(path.read_bytes().decode()).split("\n")
            if len(lines) != 4 or lines[3] != "":
                raise Fault("its text is not three lines")
            name, size, signed = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
            if origin is None:
                origin, link = name, hashlib.sha256(name.encode()).digest()
            if name != origin:
                raise Fault(f"it is of the trail {name}")
            first, last, _ = path.stem.split("-", 2)
            if int(first) != position + 1 or int(last) != size:
                raise Fault(f"it covers {first} to {last}, but {position} entries came before it and it signs {size}")
            segment = path.with_suffix(".jsonl").read_bytes().decode()
            if segment and not segment.endswith("\n"):
                raise Fault("its segment ends in the middle of a line")
            for body in segment.split("\n")[:-1]:
                position += 1
                link = hashlib.sha256(link + body.encode()).digest()
                entry = json.loads(body)
                if entry["position"] != position or canonical(entry) != body:
                    raise Fault(f"entry {position} is not as it must be")
                if not isinstance(entry["at"], int) or not entry["kind"] or "object" not in entry:
                    raise Fault(f"entry {position} does not say when, what and to what")
            if position != size or link != signed:
                raise Fault("its segment is not the one that was signed")
        except (Fault, ValueError, KeyError, OSError) as problem:
            raise Fault(f"{folder.name}/{where}: {problem}") from problem
    orphans = [path.name for path in folder.glob("*.jsonl") if not path.with_suffix(".note").exists()]
    if orphans:
        raise Fault(f"{folder.name}: {orphans[0]} has no checkpoint")
    return origin, position, link.hex()


def main(arguments):
    key = Key(pathlib.Path(arguments[0]).read_text())
    failed = False
    for folder in arguments[1:]:
        try:
            origin, position, link = check(key, pathlib.Path(folder))
            print(f"{origin} {position} {link}")
        except Fault as problem:
            print(problem, file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
