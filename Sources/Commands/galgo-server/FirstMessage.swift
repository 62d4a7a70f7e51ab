/// A program for an official client that sends a message and reads it back, as lines to paste into a shell. It can be
/// run again: what is there already is used.
struct FirstMessage {
    /// How the program comes to the name and the password.
    enum Login {
        /// They stand in it.
        case known(name: String, password: String)
        /// From the environment, where the operator has them; it asks for a password that is not there.
        case asked
    }

    let address: String
    let login: Login

    /// Where the client is installed: the system's Python refuses packages that are not its own.
    static let preparation = "python3 -m venv galgo-try && galgo-try/bin/pip install apache-iggy==0.8.0"

    var text: String {
        """
        galgo-try/bin/python - <<'END'
        \(imports)
        from apache_iggy import IggyClient, PollingStrategy, SendMessage
        async def main():
            client = IggyClient(\(pythonLiteral(address)))
            await client.connect()
            await client.login_user(\(arguments))
            if await client.get_stream("hello") is None:
                await client.create_stream(name="hello")
            if await client.get_topic("hello", "world") is None:
                await client.create_topic(stream="hello", name="world", partitions_count=1)
            await client.send_messages(stream="hello", topic="world", partitioning=0,
                messages=[SendMessage("a message")])
            for message in await client.poll_messages(stream="hello", topic="world", partition_id=0,
                    polling_strategy=PollingStrategy.First(), count=10, auto_commit=False):
                print(message.offset(), message.payload())
        asyncio.run(main())
        END
        """
    }

    private var imports: String {
        switch login {
        case .known: "import asyncio"
        case .asked: "import asyncio, getpass, os"
        }
    }

    private var arguments: String {
        switch login {
        case .known(let name, let password): "\(pythonLiteral(name)), \(pythonLiteral(password))"
        case .asked:
            "os.environ.get(\"IGGY_ROOT_USERNAME\", \"iggy\"), "
                + "os.environ.get(\"IGGY_ROOT_PASSWORD\") or getpass.getpass()"
        }
    }
}

/// The text as Python writes it, on one line.
func pythonLiteral(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
            let digits = String(scalar.value, radix: 16)
            result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
