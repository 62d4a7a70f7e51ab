"""The reader of scripts/kill-rounds, run by the official client of one version: polls what the ledger speaks of.

Usage: python judge.py HOST:PORT LEDGER-DIRECTORY FIRST-ROUND LAST-ROUND

Reads each partition from the beginning of the first round to its end, whoever wrote there, and judges each round.
Prints one line of JSON; exit 1 and one line on stderr when something acknowledged is not where it has to be.
"""
import asyncio
import json
import os
import sys

from apache_iggy import IggyClient, PollingStrategy

import ledger


async def read(client, topic, partition, offset):
    messages = []
    while True:
        batch = await client.poll_messages(
            stream=ledger.STREAM, topic=topic, partition_id=partition, polling_strategy=PollingStrategy.Offset(value=offset),
            count=1000, auto_commit=False)
        if not batch:
            return messages
        messages += [(message.offset(), message.payload()) for message in batch]
        offset = messages[-1][0] + 1


async def main():
    address, directory, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    book = ledger.Ledger(directory)
    client = IggyClient(address)
    await client.connect()
    await client.login_user("iggy", "iggy")
    result = {"acknowledged": 0, "others": 0, "partitions": {}}
    for topic, partition in ledger.PARTITIONS:
        start = base = book.base(topic, partition, first)
        messages = await read(client, topic, partition, base)
        for round in range(first, last + 1):
            end = start + len(messages) if round == last else book.base(topic, partition, round + 1)
            part = messages[base - start:end - start]
            acknowledged, others = book.judge(topic, partition, round, base, part)
            seen = {"end": end, "digest": book.digest(part)}
            known = book.rounds.get(book.key(topic, partition), [])
            if round < len(known) and known[round] != seen:
                raise ledger.Broken(f"{topic}/{partition} round {round}: {seen}, and once it was {known[round]}")
            result["acknowledged"] += acknowledged
            result["others"] += others
            base = end
        result["partitions"][book.key(topic, partition)] = seen
    print(json.dumps(result), flush=True)


try:
    asyncio.run(main())
except ledger.Broken as broken:
    print(broken, file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)  # the client can abort in its own teardown at interpreter exit
