/// One line of a feature file, without its line break, as Unicode scalars: keywords, indentation
/// and columns are defined by scalars, and a `Character` would swallow a `\r` or a combining mark.
struct Line {
    let number: Int
    let scalars: [Unicode.Scalar]
    /// How many whitespace scalars come before the text.
    let indent: Int

    init(number: Int, scalars: [Unicode.Scalar]) {
        self.number = number
        self.scalars = scalars
        indent = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.count
    }

    /// From the first scalar that is not whitespace.
    var text: ArraySlice<Unicode.Scalar> { scalars[indent...] }

    var isEmpty: Bool { indent == scalars.count }

    /// Where the text begins.
    var location: Location { Location(line: number, column: indent + 1) }

    func starts(with prefix: [Unicode.Scalar]) -> Bool {
        text.starts(with: prefix)
    }

    func starts(with scalar: Unicode.Scalar) -> Bool {
        text.first == scalar
    }

    /// The text after its first `count` scalars, trimmed.
    func rest(after count: Int) -> String {
        String(text.dropFirst(count).trimmed)
    }

    /// The line without `count` scalars of indentation; one that is indented less loses all it has.
    func text(removingIndent count: Int) -> ArraySlice<Unicode.Scalar> {
        count > indent ? text : scalars[count...]
    }
}

extension ArraySlice<Unicode.Scalar> {
    /// Without whitespace at either end.
    var trimmed: Self {
        guard let first = firstIndex(where: { !$0.properties.isWhitespace }),
            let last = lastIndex(where: { !$0.properties.isWhitespace })
        else { return self[endIndex...] }
        return self[first...last]
    }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
