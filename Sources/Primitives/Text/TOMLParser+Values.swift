// Values. Arrays and inline tables that are open stand in an array, so depth costs no stack.
extension TOMLParser {
    /// An array or inline table whose end has not come.
    private struct Open {
        let container: TOMLTree.ContainerID
        let isTable: Bool
    }

    /// One value and everything in it, added to `container` under `name`.
    mutating func value(named name: TOMLTree.Name, in container: TOMLTree.ContainerID) throws(TOMLError) {
        var open: [Open] = []
        var name: TOMLTree.Name? = name
        var container = container
        while true {
            let start = position
            switch byte() {
            case UInt8(ascii: "["):
                position += 1
                let id = try tree.open(.array, range: start..<position, named: name, in: container)
                open.append(Open(container: id, isTable: false))
            case UInt8(ascii: "{"):
                position += 1
                // Keys add to it until its brace comes, and nobody after that: no dotted key has this section.
                let id = try tree.open(.table(.inline), range: start..<position, named: name, in: container)
                open.append(Open(container: id, isTable: true))
            default:
                let value = try scalar()
                try tree.add(TOML.Item(value: value, range: start..<position), named: name, to: container)
                guard try endOfElement(&open) else { return }
            }
            // What was opened, or goes on, either has another element or ends; ends may follow each other.
            while let innermost = open.last {
                try skipSpace(in: innermost)
                guard accept(innermost.isTable ? "}" : "]") else { break }
                try refuseLastComma(before: position - 1, in: innermost)
                open.removeLast()
                guard try endOfElement(&open) else { return }
            }
            guard let innermost = open.last else { return }
            if innermost.isTable {
                let (place, last) = try keyAndEqualsSign(in: innermost.container)
                (container, name) = (place, last)
            } else {
                (container, name) = (innermost.container, nil)
            }
        }
    }

    /// Behind an element: a comma, or nothing when its container's end comes next. False when no container is open.
    private mutating func endOfElement(_ open: inout [Open]) throws(TOMLError) -> Bool {
        guard let innermost = open.last else { return false }
        try skipSpace(in: innermost)
        if accept(",") { return true }
        guard byte() == UInt8(ascii: innermost.isTable ? "}" : "]") else {
            throw unexpected(innermost.isTable ? .commaOrBrace : .commaOrBracket)
        }
        return true
    }

    /// Blanks; in an array, and in the inline tables of TOML 1.1, also comments and line breaks.
    private mutating func skipSpace(in open: Open) throws(TOMLError) {
        while true {
            skipBlanks()
            let start = position
            try skipComment()
            let hasBreak = try skipLineBreak()
            guard position > start else { return }
            guard !open.isTable || version == .v1_1 else {
                throw TOMLError(.needsVersion1_1(.inlineTableOverLines), at: start)
            }
            guard hasBreak else { return }
        }
    }

    /// A comma before the brace of an inline table is of TOML 1.1.
    private func refuseLastComma(before brace: Int, in open: Open) throws(TOMLError) {
        guard open.isTable, version == .v1_0 else { return }
        var place = brace - 1
        while place >= 0, bytes[place] == 0x20 || bytes[place] == 0x09 { place -= 1 }
        guard place >= 0, bytes[place] == UInt8(ascii: ",") else { return }
        throw TOMLError(.needsVersion1_1(.commaBeforeBrace), at: place)
    }

    private mutating func scalar() throws(TOMLError) -> TOML.Value {
        switch byte() {
        case UInt8(ascii: "\""):
            return .string(try bytes[position...].starts(with: [0x22, 0x22, 0x22]) ? longBasicString() : basicString())
        case UInt8(ascii: "'"):
            return .string(
                try bytes[position...].starts(with: [0x27, 0x27, 0x27]) ? longLiteralString() : literalString())
        default:
            return try word()
        }
    }
}
