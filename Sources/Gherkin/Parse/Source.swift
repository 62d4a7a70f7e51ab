/// The bytes of a feature file, cut into lines.
///
/// A line ends at `\n`; a `\r` before it belongs to the break. A byte order mark is skipped. Bytes
/// that are not UTF-8 are replaced by U+FFFD and reported once per line.
struct Source {
    private(set) var lines: [Line] = []
    private(set) var errors: [ParseError] = []

    init(_ bytes: some Sequence<UInt8>) {
        var scalars: [Unicode.Scalar] = []
        var input = bytes.makeIterator()
        var decoder = UTF8()
        var damage: Int?

        func finish(_ source: inout Source) {
            let number = source.lines.count + 1
            if let damage, source.errors.count < Limits.errorsMax {
                let location = Location(line: number, column: damage)
                source.errors.append(ParseError(location: location, reason: .notUTF8))
            }
            while scalars.last == "\r" { scalars.removeLast() }
            source.lines.append(Line(number: number, scalars: scalars))
            scalars.removeAll(keepingCapacity: true)
            damage = nil
        }

        var isOpen = false
        decoding: while true {
            switch decoder.decode(&input) {
            case .scalarValue("\n"):
                finish(&self)
                isOpen = false
            case .scalarValue("\u{FEFF}") where lines.isEmpty && !isOpen:
                isOpen = true
            case .scalarValue(let scalar):
                scalars.append(scalar)
                isOpen = true
            case .error:
                damage = damage ?? scalars.count + 1
                scalars.append("\u{FFFD}")
                isOpen = true
            case .emptyInput:
                break decoding
            }
        }
        if isOpen { finish(&self) }
    }

    /// Where the end of the file is reported: the line after the last.
    var end: Location { Location(line: lines.count + 1, column: 0) }
}
