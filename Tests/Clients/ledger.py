"""What the producers of scripts/kill-rounds sent and what was acknowledged, and the judgement of what a reader finds.

No client in it: `produce.py` writes the ledger, `judge.py` reads the server, `test_ledger.py` shows that this can fail.

A lane is one writer's way into one partition. In topic "own" each writer has a partition for itself, in "shared" all
mix in one. A message is named by its writer, topic, round and number, and its payload follows from the name.

On disk, in one directory:

    <writer>.<topic>    two kinds of lines: "sending ROUND FIRST COUNT" before a batch leaves,
                        "acknowledged ROUND FIRST COUNT" after its reply
    rounds.json         for each partition and round: where it begins, and the digest of what was read there
"""
import hashlib
import json
import pathlib
import random

WRITERS = ["0.7.0", "0.8.0"]
STREAM = "rounds"
# Topic and partition, and who writes there.
PARTITIONS = {("own", 0): ["0.7.0"], ("own", 1): ["0.8.0"], ("shared", 0): WRITERS}

NOISE = random.Random(1).randbytes(16384)


def payload(writer, topic, round, number):
    """Its name, and noise of a length that differs from message to message: 0 to 1,500 bytes, mostly short."""
    length = (number * 7919 + round * 31) % (1500 if number % 16 == 0 else 150)
    start = (number * 131 + round * 17) % 8192
    return f"{writer}/{topic}/{round}/{number}/".encode() + NOISE[start:start + length]


class Broken(Exception):
    """What was read is not what was acknowledged."""


class Batch:
    def __init__(self, first, count):
        self.first = first
        self.count = count
        self.is_acknowledged = False


class Ledger:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        # (writer, topic, round) -> batches in the order in which they were sent.
        self.batches = {}
        for writer in WRITERS:
            for topic in ["own", "shared"]:
                path = self.directory / f"{writer}.{topic}"
                # A producer is killed between any two bytes: a line without its end was not written.
                text = path.read_text() if path.exists() else ""
                for line in text[:text.rfind("\n") + 1].splitlines():
                    self.note(writer, topic, line)
        path = self.directory / "rounds.json"
        self.rounds = json.loads(path.read_text()) if path.exists() else {}

    def note(self, writer, topic, line):
        kind, round, first, count = line.split()
        batches = self.batches.setdefault((writer, topic, int(round)), [])
        if kind == "sending":
            batches.append(Batch(int(first), int(count)))
        else:
            last = batches[-1]
            if kind != "acknowledged" or (last.first, last.count) != (int(first), int(count)):
                raise Broken(f"the ledger of {writer} {topic} says '{line}' after batch {last.first}")
            last.is_acknowledged = True

    def acknowledged_count(self, round, writer=None):
        return sum(batch.count for (who, _, when), batches in self.batches.items() for batch in batches
                   if batch.is_acknowledged and when == round and writer in (None, who))

    def save_rounds(self):
        (self.directory / "rounds.json").write_text(json.dumps(self.rounds, indent=1))

    # Judging

    def judge(self, topic, partition, round, base, messages):
        """Judges everything that a partition holds of a round: [(offset, payload)], from offset `base` on.

        Each acknowledged batch is there once, whole, in its writer's order, at the offsets that follow from it; one
        that was sent and not acknowledged is there like that or not at all; and there is nothing else. Returns the
        number of acknowledged messages and of the others.
        """
        place = f"{topic}/{partition} round {round}"
        for index, (offset, _) in enumerate(messages):
            if offset != base + index:
                raise Broken(f"{place}: offset {offset} where {base + index} should be")
        pending = {writer: list(self.batches.get((writer, topic, round), [])) for writer in PARTITIONS[topic, partition]}
        counts = [0, 0]
        index = 0
        while index < len(messages):
            batch, writer = self.batch_at(place, messages[index], pending)
            for number in range(batch.first, batch.first + batch.count):
                if index == len(messages):
                    raise Broken(f"{place}: batch {batch.first} of {writer} ends after {number - batch.first} messages")
                offset, bytes = messages[index]
                if bytes != payload(writer, topic, round, number):
                    raise Broken(f"{place}: offset {offset} is not message {number} of {writer} but {bytes[:40]}")
                index += 1
            counts[0 if batch.is_acknowledged else 1] += batch.count
        for writer, batches in pending.items():
            for batch in batches:
                if batch.is_acknowledged:
                    raise Broken(f"{place}: acknowledged batch {batch.first} of {writer} is lost")
        return counts

    @staticmethod
    def batch_at(place, message, pending):
        """The batch that begins with this message; it and what its writer sent before are no longer pending."""
        offset, bytes = message
        try:
            writer, _, _, number, _ = bytes.split(b"/", 4)
            writer, number = writer.decode(), int(number)
            batches = pending[writer]
        except (ValueError, KeyError):
            raise Broken(f"{place}: offset {offset} holds what nobody sent there: {bytes[:40]}") from None
        while batches:
            batch = batches.pop(0)
            if batch.first == number:
                return batch, writer
            if batch.is_acknowledged:
                raise Broken(f"{place}: offset {offset} is message {number} of {writer}, and its acknowledged batch "
                             f"{batch.first} is missing before it")
        raise Broken(f"{place}: offset {offset} is message {number} of {writer}, which begins no batch that is due")

    def key(self, topic, partition):
        return f"{topic}/{partition}"

    def base(self, topic, partition, round):
        """The offset at which a round begins in a partition; rounds are counted from 0."""
        known = self.rounds.get(self.key(topic, partition), [])
        return known[round - 1]["end"] if round > 0 else 0

    @staticmethod
    def digest(messages):
        sum = hashlib.sha256()
        for offset, bytes in messages:
            sum.update(b"%d %d " % (offset, len(bytes)) + bytes)
        return sum.hexdigest()
