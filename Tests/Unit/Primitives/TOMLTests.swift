import Foundation
import Primitives
import Testing

/// The TOML community's test data, and what it does not cover: places and the words of errors.
@Suite struct TOMLTests {
    /// A folder of other cases, laid out alike, may be named in the environment. A valid file has a JSON file beside it
    /// that says what it means. The data holds files of both versions: what 1.0 refuses as being of 1.1 has to be read
    /// as 1.1, and counts apart.
    @Test func `the community's documents are read and refused as they say`() throws {
        let named = ProcessInfo.processInfo.environment["GALGO_TOML_CASES"].map { URL(fileURLWithPath: $0) }
        let folder = try #require(named ?? Bundle.module.url(forResource: "Golden/toml", withExtension: nil))
        var (read, newer, refused) = (0, 0, 0)
        var wrong: [String] = []

        for file in try files(of: folder.appendingPathComponent("valid")) {
            let bytes = [UInt8](try Data(contentsOf: file))
            let expected = try JSON(
                parsing: String(
                    contentsOf: file.deletingPathExtension().appendingPathExtension("json"), encoding: .utf8))
            do {
                let toml = try TOML(parsing: bytes)
                read += 1
                if !Tagged.table(toml.root, equals: expected) { wrong.append("\(file.path): other values") }
            } catch  where error.isOfNewerVersion {
                newer += 1
                let toml = try TOML(parsing: bytes, version: .v1_1)
                if !Tagged.table(toml.root, equals: expected) { wrong.append("\(file.path): other values as TOML 1.1") }
            } catch {
                wrong.append("\(file.path): \(error) at \(error.position)")
            }
        }
        for file in try files(of: folder.appendingPathComponent("invalid")) {
            let bytes = [UInt8](try Data(contentsOf: file))
            do {
                _ = try TOML(parsing: bytes)
                wrong.append("\(file.path): not refused")
            } catch {
                refused += 1
                if error.position > bytes.count { wrong.append("\(file.path): refused behind its end") }
            }
        }

        print("TOML cases in \(folder.path): \(read) read, \(newer) read as TOML 1.1, \(refused) refused")
        #expect(wrong == [])
        #expect(read > 0 && refused > 0, "no cases in \(folder.path)")
        let counts = [read, newer, refused]
        if named == nil { #expect(counts == [175, 6, 348]) }
    }

    /// Of every document of the community: nothing is found in one that is right, and the first thing found in one that
    /// is wrong is what a strict reading finds.
    @Test func `a lenient reading agrees with a strict one, and comes to an end`() throws {
        let folder = try #require(Bundle.module.url(forResource: "Golden/toml", withExtension: nil))
        for file in try files(of: folder) {
            let bytes = [UInt8](try Data(contentsOf: file))
            let errors = TOML.leniently(parsing: bytes, errorsMax: 1_000).flaws.map(\.error)
            var strict: TOMLError?
            do { _ = try TOML(parsing: bytes) } catch { strict = error }

            #expect(errors.first == strict, "\(file.path)")
            #expect(errors.count < 1_000 && errors.map(\.position) == errors.map(\.position).sorted(), "\(file.path)")
        }
    }

    /// Each with the lines of its errors, and the keys that are read.
    @Test(arguments: [
        ("a =\nb = 2\nc = x\nd = 4", [1, 3], ["b", "d"]),
        ("a = 1\na = 2\nb = 1\nb = [\n 2,\n 3]\nc = 3", [2, 4], ["a", "b", "c"]),
        ("[t]\na = 1\n[t]\nb = 2\na = 3\n[u]\nc = 1", [3, 5], ["t", "u"]),
        ("[t\na = \n[u]\nb = 1", [1, 2], ["t", "u"]), ("[t] a = 1\nb = \n", [1, 2], ["t"]),
        ("[[t]\na = \n", [1, 2], ["t"]), ("[t.]\na = \n[u]\nb = ", [1, 4], ["u"]),
        ("[= 1\na = \n[ u . v ] # here\nb = ", [1, 4], ["u"]), ("a = [1 2,\n[3], x\n]\nb = 1", [1], ["b"]),
        ("a = [1, 2\nb = 3\nc = 4", [2], ["b", "c"]),
        ("a = [1 2\n[3]\n]\n[t]\nb = 1", [1], ["t"]),
        ("a = [\n  { x = 1 }\n  { x = 2 }\n]\nb = 1", [3], ["b"]),
        ("a = \"\"\"\n[t]\nb = \\q\n\"\"\"\nc = 1", [3], ["c"]),
        ("a = \"\"\"\n[t]\nb = 1\n", [1], []),
        ("a = \"x\nb = 'y\nc = 1", [1, 2], ["c"]),
        ("a = { b = 1, b = 2 }\nc = 1", [1], ["c"]),
        ("a = 1\n[a]\nb = 1\n[[c]]\n[c]\nd = 1\n[e]", [2, 5], ["a", "c", "e"]),
        ("a.b = 1\na = 2\na.b.c = 3\nd = 1", [2, 3], ["a", "d"]),
        ("a = 5 MB\nb = { c = 1,\n  d = 2 }\ne = 1", [1, 2], ["e"]),
        ("key value\n- list\na = 1", [1, 2], ["a"]),
    ])
    func `a lenient reading goes on where nothing is doubtful`(text: String, lines: [Int], keys: [String]) {
        let bytes = Array(text.utf8)

        let (toml, flaws) = TOML.leniently(parsing: bytes, errorsMax: 10)

        let errors = flaws.map(\.error)
        #expect(errors.map { error in bytes[..<error.position].count { $0 == 0x0A } + 1 } == lines, "\(errors)")
        #expect(toml.root.members.map(\.name) == keys)
        #expect(TOML.leniently(parsing: bytes, errorsMax: 1).flaws == Array(flaws.prefix(1)))
    }

    /// Each with the paths of what is not read.
    @Test(arguments: [
        ("a = x\n[t]\nb.c = 5 MB\n[t.u]\nd = [1\n", ["a", "t.b.c", "t.u.d"]),
        ("[t]\na = 1\na = 2\n[t]\nb", ["t.a", "t", "t"]), ("[t.]\na = 1", [""]), ("[t] a = 1", ["t"]),
        ("[t]\na = \"\"\"\nb = 1", [""]), ("[t]\na = \"\"\"\n\\q\n\"\"\"", ["t.a"]), ("a\n", [""]),
        ("[t]\na = {\n  b = 1,\n}", ["t.a"]), ("[t]\na = {\n  b = 1\nc = 1", ["t"]), ("[[t]]\na = x", ["t.a"]),
        ("\u{7f}", [""]),
    ])
    func `a lenient reading says what it has not read`(text: String, paths: [String]) {
        let flaws = TOML.leniently(parsing: Array(text.utf8), errorsMax: 10).flaws

        #expect(flaws.map { $0.path.joined(separator: ".") } == paths, "\(flaws)")
    }

    private func files(of folder: URL) throws -> [URL] {
        let walk = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "toml" }.sorted { $0.path < $1.path }
    }

    @Test func `members say where they stand`() throws {
        let text = "# about\n[system.segment]\nsize = \"1 GiB\"\n\n[[users]]\nname = 'a'\n"
        let toml = try TOML(parsing: text)
        func written(_ range: Range<Int>) -> String { String(decoding: Array(text.utf8)[range], as: UTF8.self) }

        let system = try #require(toml.root["system"])
        #expect(written(system.nameRange) == "system")
        guard case .table(let table) = system.item.value, let segment = table["segment"],
            case .table(let members) = segment.item.value, let size = members["size"]
        else {
            Issue.record("no tables")
            return
        }
        #expect(written(segment.item.range) == "segment")
        #expect(written(size.nameRange) == "size")
        #expect(written(size.item.range) == "\"1 GiB\"")
        #expect(toml.root.members.map(\.name) == ["system", "users"])
    }

    @Test(arguments: [
        ("a = 1\nb = oops\n", 10, "`oops` is no value: texts stand in quotes"),
        ("a = \n", 4, "a value should come here"),
        ("a = \"x", 6, "the line ends where the closing quote should come"),
        ("a = 1\na = 2", 6, "the key `a` is given twice"),
        ("[a]\n[a]", 5, "the table `a` is defined already and cannot be added to here"),
        ("a = 1 b = 2", 6, "the end of the line should come here"),
        ("a 1", 2, "`=` should come here"),
        ("a = [1, 2\n", 10, "the document ends where `,` or `]` should come"),
        ("a = 99999999999999999999", 4, "this integer does not fit 64 bits"),
        ("a = 2023-02-29", 4, "this is no date or time"),
        ("a = { b = 1,\n c = 2 }", 12, "a table in braces stands on one line in TOML 1.0"),
        ("a = \"\\q\"", 5, "TOML has no such escape in a string"),
        ("a = \u{0}", 4, "control character 0x00 may not stand in a TOML document"),
        ("a.b = 1\na.b.c = 2", 10, "`b` is no table"),
    ])
    func `an error says what and where`(text: String, position: Int, sentence: String) {
        let error = #expect(throws: TOMLError.self) { try TOML(parsing: text) }
        #expect(error?.position == position)
        #expect(error?.description == sentence)
    }

    @Test func `bytes that are no text are refused at the first`() {
        let error = #expect(throws: TOMLError.self) { try TOML(parsing: [0x61, 0x20, 0x3D, 0x20, 0x22, 0xFF, 0x22]) }
        #expect(error == TOMLError(.notUTF8, at: 5))
    }

    @Test func `depth has a limit and costs no stack`() throws {
        for text in [
            "a = " + String(repeating: "[", count: 100_000), "a = " + String(repeating: "{a=", count: 100_000),
            String(repeating: "a.", count: 100_000) + "a = 1", "[" + String(repeating: "a.", count: 100_000) + "a]",
        ] {
            let error = #expect(throws: TOMLError.self) { try TOML(parsing: text) }
            #expect(error?.reason == .tooDeep)
        }
        _ = try TOML(parsing: "a = " + String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    }
}

extension TOMLError {
    fileprivate var isOfNewerVersion: Bool {
        if case .needsVersion1_1 = reason { true } else { false }
    }
}

/// A value against the JSON of the test data, where each scalar is an object of `type` and `value`.
private enum Tagged {
    static func table(_ table: TOML.Table, equals json: JSON) -> Bool {
        guard let members = json.object, members.count == table.members.count else { return false }
        return members.allSatisfy { member in
            table[member.name].map { value($0.item.value, equals: member.value) } ?? false
        }
    }

    private static func value(_ value: TOML.Value, equals json: JSON) -> Bool {
        let text = json["value"]?.string ?? ""
        let type = json["type"]?.string
        switch value {
        case .table(let table): return Self.table(table, equals: json)
        case .array(let items):
            guard let elements = json.array, elements.count == items.count else { return false }
            return zip(items, elements).allSatisfy { Self.value($0.value, equals: $1) }
        case .string(let string): return type == "string" && string == text
        case .integer(let integer): return type == "integer" && String(integer) == text
        case .boolean(let flag): return type == "bool" && String(flag) == text
        case .float(let float):
            guard type == "float", let expected = Double(text) else { return false }
            return float == expected || float.isNaN && expected.isNaN
        case .dateTime(let time): return type == kind(of: time) && words(of: time) == normal(text)
        }
    }

    private static func kind(of time: TOML.DateTime) -> String {
        switch (time.date, time.time, time.offsetMinutes) {
        case (_, _, .some): "datetime"
        case (.some, .some, nil): "datetime-local"
        case (.some, nil, nil): "date-local"
        case (nil, _, nil): "time-local"
        }
    }

    private static func words(of time: TOML.DateTime) -> String {
        func padded(_ number: Int, _ count: Int) -> String {
            String(repeating: "0", count: count - String(number).count) + String(number)
        }
        var words = ""
        if let date = time.date { words += "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))" }
        if time.date != nil, time.time != nil { words += "T" }
        if let clock = time.time {
            words += "\(padded(clock.hour, 2)):\(padded(clock.minute, 2)):\(padded(clock.second, 2))"
            words += ".\(padded(clock.nanosecond, 9))"
        }
        if let offset = time.offsetMinutes {
            words += "\(offset < 0 ? "-" : "+")\(padded(abs(offset) / 60, 2)):\(padded(abs(offset) % 60, 2))"
        }
        return words
    }

    /// With nine digits of a fraction and UTC as an offset of nothing.
    private static func normal(_ text: String) -> String {
        guard let match = text.wholeMatch(of: /(.*\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?/) else { return text }
        let fraction = String((String(match.2 ?? "") + "000000000").prefix(9))
        let offset = match.3.map { $0 == "Z" ? "+00:00" : String($0) } ?? ""
        return "\(match.1).\(fraction)\(offset)"
    }
}
