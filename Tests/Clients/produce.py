"""A producer of scripts/kill-rounds, run by the official client of one version until it is killed.

Usage: python produce.py prepare HOST:PORT
       python produce.py WRITER ROUND HOST:PORT LEDGER-DIRECTORY

Two connections send at the same time: one to the writer's own partition, one to the shared partition.
"""
import asyncio
import os
import random
import sys

from apache_iggy import IggyClient, SendMessage

import ledger


async def connected(address):
    client = IggyClient(address)
    await client.connect()
    await client.login_user("iggy", "iggy")
    return client


async def prepare(address):
    client = await connected(address)
    await client.create_stream(name=ledger.STREAM)
    await client.create_topic(stream=ledger.STREAM, name="own", partitions_count=2)
    await client.create_topic(stream=ledger.STREAM, name="shared", partitions_count=1)


async def produce(writer, round, address, directory, topic):
    client = await connected(address)
    partition = ledger.WRITERS.index(writer) if topic == "own" else 0
    file = os.open(f"{directory}/{writer}.{topic}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    dice = random.Random(f"{writer} {topic} {round}")
    number = 0
    while True:
        count = dice.choice([1, 5, 20, 100, 400])
        messages = [SendMessage(ledger.payload(writer, topic, round, number + index)) for index in range(count)]
        # Written with one call each: a kill of this process leaves no half of what it knew.
        os.write(file, f"sending {round} {number} {count}\n".encode())
        await client.send_messages(stream=ledger.STREAM, topic=topic, partitioning=partition, messages=messages)
        os.write(file, f"acknowledged {round} {number} {count}\n".encode())
        number += count


async def main():
    if sys.argv[1] == "prepare":
        await prepare(sys.argv[2])
    else:
        writer, round, address, directory = sys.argv[1:]
        lanes = [produce(writer, int(round), address, directory, topic) for topic in ["own", "shared"]]
        await asyncio.gather(*lanes)
    os._exit(0)  # the client can abort in its own teardown at interpreter exit


asyncio.run(main())
