/// Results in the form that servers for continuous integration read: one suite, a case for each thing that was tried.
public struct JUnit: Equatable, Sendable {
    public struct Case: Equatable, Sendable {
        /// The same from run to run, so that a viewer sees its history.
        public var name: String
        public var milliseconds: Int
        /// nil if it passed.
        public var failure: Failure?

        public struct Failure: Equatable, Sendable {
            /// In a word or two: a property, `died`, `vacuous`.
            public var kind: String
            /// One line.
            public var message: String
            public var text: String

            public init(kind: String, message: String, text: String) {
                self.kind = kind
                self.message = message
                self.text = text
            }
        }

        public init(_ name: String, milliseconds: Int, failure: Failure? = nil) {
            self.name = name
            self.milliseconds = milliseconds
            self.failure = failure
        }
    }

    /// Of the suite, such as `galgo-sim run`.
    public let name: String
    public var cases: [Case] = []

    public init(_ name: String) { self.name = name }

    /// An XML 1.0 document.
    public var xml: String {
        let failures = cases.count { $0.failure != nil }
        let time = Self.seconds(cases.reduce(0) { $0 + $1.milliseconds })
        let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\" time=\"\(time)\""
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(counts)>",
            "  <testsuite name=\"\(Markup.escaped(name))\" skipped=\"0\" \(counts)>",
        ]
        for test in cases {
            let head =
                "    <testcase classname=\"\(Markup.escaped(name))\" name=\"\(Markup.escaped(test.name))\" "
                + "time=\"\(Self.seconds(test.milliseconds))\""
            guard let failure = test.failure else {
                lines.append(head + "/>")
                continue
            }
            lines.append(head + ">")
            lines.append(
                "      <failure type=\"\(Markup.escaped(failure.kind))\" message=\"\(Markup.escaped(failure.message))\">"
                    + Markup.escaped(failure.text) + "</failure>")
            lines.append("    </testcase>")
        }
        return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n") + "\n"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
