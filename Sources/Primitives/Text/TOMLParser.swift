extension TOML {
    /// Reads a whole document. A byte order mark at its beginning is passed over. The caller bounds the length.
    public init(parsing bytes: [UInt8], version: Version = .v1_0) throws(TOMLError) {
        var parser = try TOMLParser(bytes, version: version)
        self = try parser.parse()
    }

    public init(parsing text: String, version: Version = .v1_0) throws(TOMLError) {
        try self.init(parsing: Array(text.utf8), version: version)
    }
}

/// Reads a document line by line. What a value is stands in the other files of this type; which table may be added to,
/// `TOMLTree` knows.
struct TOMLParser {
    let bytes: [UInt8]
    let version: TOML.Version
    var position = 0
    var tree = TOMLTree()
    /// The table that keys of the present line belong to.
    var section = TOMLTree.root
    /// Of the last header.
    private(set) var headerPath: [TOMLTree.Name] = []
    private(set) var headerState = HeaderState.unread
    /// The value that is read, for whoever goes on after an error in it.
    var entry: Entry?

    /// Where a value belongs, and how many children its container had before it.
    struct Entry {
        let container: TOMLTree.ContainerID
        let childCount: Int
    }

    /// How far the last header was read.
    enum HeaderState {
        case unread
        /// Its path is.
        case named(isArray: Bool)
        /// All of it is, and its table is the section.
        case opened
    }

    init(_ bytes: [UInt8], version: TOML.Version) throws(TOMLError) {
        self.bytes = bytes
        self.version = version
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw TOMLError(.notUTF8, at: error.byteOffsets.lowerBound)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func parse() throws(TOMLError) -> TOML {
        while try line() {}
        return document
    }

    /// What was read so far.
    var document: TOML { TOML(root: tree.table(TOMLTree.root)) }

    // MARK: Lines

    /// One line, and those that its value goes on in. False at the end.
    mutating func line() throws(TOMLError) -> Bool {
        skipBlanks()
        switch byte() {
        case nil:
            return false
        case UInt8(ascii: "["):
            try header()
            try lineEnd()
        case UInt8(ascii: "#"), 0x0A, 0x0D:
            try lineEnd()
        default:
            try keyAndValue()
            try lineEnd()
            entry = nil
        }
        return true
    }

    /// `[a.b]` or `[[a.b]]`; its brackets stand together.
    private mutating func header() throws(TOMLError) {
        position += 1
        headerState = .unread
        let isArray = accept("[")
        skipBlanks()
        headerPath = try key()
        headerState = .named(isArray: isArray)
        skipBlanks()
        guard accept("]"), !isArray || accept("]") else { throw unexpected(.closingBracket) }
        section = try isArray ? tree.appendTable(headerPath) : tree.openTable(headerPath)
        headerState = .opened
    }

    private mutating func keyAndValue() throws(TOMLError) {
        let (container, name) = try keyAndEqualsSign(in: section)
        entry = Entry(container: container, childCount: tree.childCount(of: container))
        try value(named: name, in: container)
    }

    /// A key up to the blanks behind its equals sign: the table that it leads to, and its last name.
    mutating func keyAndEqualsSign(
        in section: TOMLTree.ContainerID
    ) throws(TOMLError) -> (container: TOMLTree.ContainerID, name: TOMLTree.Name) {
        let path = try key()
        skipBlanks()
        guard accept("=") else { throw unexpected(.equalsSign) }
        skipBlanks()
        guard let name = path.last else { throw unexpected(.key) }
        return (try tree.walkKey(path.dropLast(), in: section), name)
    }

    /// Blanks, a comment if there is one, and the line's end or the document's.
    mutating func lineEnd() throws(TOMLError) {
        skipBlanks()
        try skipComment()
        guard try skipLineBreak() || byte() == nil else { throw unexpected(.lineEnd) }
    }

    // MARK: Keys

    /// `a`, `"a"`, `'a'`, or several with dots between them.
    mutating func key() throws(TOMLError) -> [TOMLTree.Name] {
        var path: [TOMLTree.Name] = []
        repeat {
            skipBlanks()
            guard path.count < TOML.depthMax else { throw TOMLError(.tooDeep, at: position) }
            path.append(try name())
            skipBlanks()
        } while accept(".")
        return path
    }

    private mutating func name() throws(TOMLError) -> TOMLTree.Name {
        let start = position
        let text: String
        switch byte() {
        case UInt8(ascii: "\""): text = try basicString()
        case UInt8(ascii: "'"): text = try literalString()
        default:
            while let byte = byte(), Self.isBareKey(byte) { position += 1 }
            guard position > start else { throw unexpected(.key) }
            text = String(decoding: bytes[start..<position], as: UTF8.self)
        }
        return TOMLTree.Name(text: text, range: start..<position)
    }

    static func isBareKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Bytes

    func byte(ahead distance: Int = 0) -> UInt8? {
        let place = position + distance
        return place < bytes.count ? bytes[place] : nil
    }

    /// Passes over the character if it comes next.
    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = byte(), UInt32(byte) == character.value else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = byte(), byte == 0x20 || byte == 0x09 { position += 1 }
    }

    /// Passes over a comment up to its line's end.
    mutating func skipComment() throws(TOMLError) {
        guard accept("#") else { return }
        while let byte = byte(), byte != 0x0A, !isLineBreak() {
            guard byte == 0x09 || !Self.isControl(byte) else { throw TOMLError(.controlCharacter(byte), at: position) }
            position += 1
        }
    }

    /// Passes over LF or CR LF; a CR alone is an error.
    mutating func skipLineBreak() throws(TOMLError) -> Bool {
        guard isLineBreak() else {
            guard byte() != 0x0D else { throw TOMLError(.controlCharacter(0x0D), at: position) }
            return false
        }
        position += byte() == 0x0D ? 2 : 1
        return true
    }

    func isLineBreak() -> Bool {
        byte() == 0x0A || byte() == 0x0D && byte(ahead: 1) == 0x0A
    }

    static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F
    }

    /// The end, a control character, or something that does not belong here.
    func unexpected(_ expectation: TOMLError.Expectation) -> TOMLError {
        guard let byte = byte() else { return TOMLError(.endTooEarly(expectation), at: position) }
        if Self.isControl(byte), byte != 0x09, !isLineBreak() {
            return TOMLError(.controlCharacter(byte), at: position)
        }
        return TOMLError(.expected(expectation), at: position)
    }
}
