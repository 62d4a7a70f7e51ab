"""What the judgement of scripts/kill-rounds finds: python3 -m unittest discover Tests/Clients"""
import tempfile
import unittest

import ledger


def sent(writer, topic, *batches):
    """Ledger lines of round 0 for batches of (count, is acknowledged)."""
    lines, first = [], 0
    for count, is_acknowledged in batches:
        lines.append(f"sending 0 {first} {count}")
        if is_acknowledged:
            lines.append(f"acknowledged 0 {first} {count}")
        first += count
    return writer, topic, lines


def book(*lanes, tail=""):
    directory = tempfile.mkdtemp()
    for writer, topic, lines in lanes:
        with open(f"{directory}/{writer}.{topic}", "w") as file:
            file.write("".join(line + "\n" for line in lines) + tail)
    return ledger.Ledger(directory)


def stored(topic, *names, base=0):
    """What a partition holds: messages (writer, number) from `base` on."""
    return [(base + index, ledger.payload(writer, topic, 0, number)) for index, (writer, number) in enumerate(names)]


OLD, NEW = ledger.WRITERS


class OwnPartition(unittest.TestCase):
    # Batches of 2, 1 and 2; the last is not acknowledged.
    def setUp(self):
        self.book = book(sent(OLD, "own", (2, True), (1, True), (2, False)))

    def judge(self, messages):
        return self.book.judge("own", 0, 0, 0, messages)

    def all(self, count=5):
        return stored("own", *[(OLD, number) for number in range(count)])

    def test_acknowledged_messages_are_needed_and_the_last_batch_may_be_there(self):
        self.assertEqual(self.judge(self.all(3)), [3, 0])
        self.assertEqual(self.judge(self.all(5)), [3, 2])

    def test_an_acknowledged_batch_that_is_missing_is_found(self):
        for messages in [[], self.all(2), self.all(1), stored("own", (OLD, 2))]:
            self.assertRaises(ledger.Broken, self.judge, messages)

    def test_half_of_a_batch_that_was_not_acknowledged_is_found(self):
        self.assertRaises(ledger.Broken, self.judge, self.all(4))

    def test_a_changed_payload_is_found(self):
        for index in range(5):
            messages = self.all()
            offset, bytes = messages[index]
            for changed in [bytes[:-1], bytes + b"x", bytes[:-1] + bytes[-1:].swapcase() + b"!", b""]:
                messages[index] = (offset, changed)
                self.assertRaises(ledger.Broken, self.judge, messages)

    def test_another_offset_is_found(self):
        shifted = stored("own", *[(OLD, number) for number in range(3)], base=1)
        self.assertRaises(ledger.Broken, self.judge, shifted)
        holed = self.all()
        holed[4] = (5, holed[4][1])
        self.assertRaises(ledger.Broken, self.judge, holed)

    def test_a_copy_and_another_order_are_found(self):
        self.assertRaises(ledger.Broken, self.judge, stored("own", *[(OLD, n) for n in [0, 1, 0, 1, 2]]))
        self.assertRaises(ledger.Broken, self.judge, stored("own", *[(OLD, n) for n in [2, 0, 1]]))

    def test_what_nobody_sent_there_is_found(self):
        self.assertRaises(ledger.Broken, self.judge, self.all(3) + [(3, b"hello")])
        self.assertRaises(ledger.Broken, self.judge, self.all(3) + stored("own", (NEW, 0), base=3))
        self.assertRaises(ledger.Broken, self.judge, self.all(5) + stored("own", (OLD, 5), base=5))

    def test_messages_of_another_round_are_found(self):
        late = [(index, ledger.payload(OLD, "own", 1, index)) for index in range(3)]
        self.assertRaises(ledger.Broken, self.judge, late)


class SharedPartition(unittest.TestCase):
    def setUp(self):
        self.book = book(sent(OLD, "shared", (2, True), (2, True)), sent(NEW, "shared", (1, True), (2, False)))

    def judge(self, *names):
        return self.book.judge("shared", 0, 0, 0, stored("shared", *names))

    def test_writers_may_mix_by_whole_batches(self):
        self.assertEqual(self.judge((OLD, 0), (OLD, 1), (NEW, 0), (OLD, 2), (OLD, 3)), [5, 0])
        self.assertEqual(self.judge((NEW, 0), (NEW, 1), (NEW, 2), (OLD, 0), (OLD, 1), (OLD, 2), (OLD, 3)), [5, 2])

    def test_a_lost_batch_of_either_is_found(self):
        self.assertRaises(ledger.Broken, self.judge, (OLD, 0), (OLD, 1), (OLD, 2), (OLD, 3))
        self.assertRaises(ledger.Broken, self.judge, (NEW, 0), (OLD, 0), (OLD, 1))

    def test_a_batch_with_another_in_between_is_found(self):
        self.assertRaises(ledger.Broken, self.judge, (OLD, 0), (NEW, 0), (OLD, 1), (OLD, 2), (OLD, 3))


class LedgerFile(unittest.TestCase):
    def test_a_line_without_its_end_was_not_written(self):
        torn = book(sent(OLD, "own", (2, True)), tail="sending 0 2 ")
        self.assertEqual(torn.acknowledged_count(0), 2)
        self.assertEqual(torn.judge("own", 0, 0, 0, stored("own", (OLD, 0), (OLD, 1))), [2, 0])

    def test_an_acknowledgement_of_what_was_not_sent_is_refused(self):
        self.assertRaises(ledger.Broken, book, (OLD, "own", ["sending 0 0 2", "acknowledged 0 0 3"]))


if __name__ == "__main__":
    unittest.main()
