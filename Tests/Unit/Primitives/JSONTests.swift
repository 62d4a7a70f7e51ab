import Foundation
import Primitives
import Testing

@Suite struct JSONTests {
    /// The community's test suite by Nicolas Seriot: y must be read, n must be refused, i may be either.
    @Test func `the community's files are read and refused as they say`() throws {
        let folder = try #require(Bundle.module.url(forResource: "Golden/json", withExtension: nil))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }.sorted()
        var counts: [Character: Int] = [:]
        var wrong: [String] = []

        for name in names {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            let kind = try #require(name.first)
            counts[kind, default: 0] += 1
            let isRead = (try? JSON(parsing: bytes.rawSpan)) != nil
            if kind == "y" && !isRead || kind == "n" && isRead { wrong.append(name) }
        }

        #expect(wrong == [])
        #expect(counts == ["y": 56, "n": 133, "i": 22])
    }

    @Test func `what was read is written and read again as the same value`() throws {
        let folder = try #require(Bundle.module.url(forResource: "Golden/json", withExtension: nil))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("y_") }

        for name in names.sorted() {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
            let value = try JSON(parsing: bytes.rawSpan)
            var writer = JSONWriter()
            writer.value(value)
            let again = try JSON(parsing: writer.text)
            #expect(again == value, "\(name)")
        }
    }

    @Test func `a document's values keep their order and their digits`() throws {
        let json = try JSON(
            parsing: #" { "b" : [1, -2.50e3, true, null] , "a":{"id":340282366920938463463374607431768211455} } "#)

        #expect(json.object?.map(\.name) == ["b", "a"])
        #expect(json["b"]?.array?.count == 4)
        #expect(json["b"]?.array?[0].integer(UInt8.self) == 1)
        #expect(json["b"]?.array?[1] == (try JSON(parsing: "-2.50e3")))
        #expect(json["b"]?.array?[2].boolean == true)
        #expect(json["b"]?.array?[3].isNull == true)
        #expect(json["a"]?["id"]?.integer(UInt128.self) == .max)
        #expect(json["a"]?["id"]?.integer(UInt64.self) == nil)
        #expect(json["c"] == nil)
        #expect(json["b"]?["x"] == nil)
    }

    @Test func `of a name given twice the later value counts`() throws {
        let json = try JSON(parsing: #"{"a":1,"b":2,"a":3}"#)

        #expect(json["a"]?.integer() == 3)
        #expect(json.object?.count == 3)
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("255", 255), ("256", nil), ("-1", nil), ("1.0", nil), ("1e1", nil), ("\"1\"", nil),
    ] as [(String, UInt8?)])
    func `an integer is exact or nothing`(text: String, expected: UInt8?) throws {
        #expect(try JSON(parsing: text).integer(UInt8.self) == expected)
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC\ud83D\uDE00""#, "é€😀"),
        ("\"é€😀\"", "é€😀"), (#""\u0000""#, "\0"), ("\"\"", ""),
    ])
    func `escapes mean their characters`(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).string == expected)
    }

    @Test(arguments: [
        ("", .endTooEarly, 0), ("  ", .endTooEarly, 2), ("[1,", .endTooEarly, 3), ("{\"a\"", .endTooEarly, 4),
        ("[1 2]", .unexpectedByte(0x32), 3), ("{a:1}", .unexpectedByte(0x61), 1), ("[1,]", .unexpectedByte(0x5D), 3),
        ("{\"a\":1,}", .unexpectedByte(0x7D), 7), ("01", .trailingBytes, 1), ("1 x", .trailingBytes, 2),
        ("trux", .unexpectedByte(0x78), 3), ("-", .endTooEarly, 1), ("1.e", .unexpectedByte(0x65), 2),
        ("\"a\nb\"", .controlCharacter(10), 2), ("\"\\x\"", .unknownEscape, 2), ("\"\\u12g4\"", .unknownEscape, 5),
        ("\"\\ud800\"", .loneSurrogate, 3), ("\"\\udc00\"", .loneSurrogate, 3),
        ("\"\\ud800\\u0041\"", .loneSurrogate, 3), ("[1}", .unexpectedByte(0x7D), 2), ("]", .unexpectedByte(0x5D), 0),
    ] as [(String, JSONError.Reason, Int)])
    func `a refusal says why and where`(text: String, reason: JSONError.Reason, position: Int) {
        #expect(throws: JSONError(reason: reason, position: position)) { try JSON(parsing: text) }
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]])
    func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
        let quoted = [0x22] + bytes + [0x22]

        #expect(throws: JSONError(reason: .invalidUTF8, position: 1)) { try JSON(parsing: quoted.rawSpan) }
    }

    @Test func `sixty-four containers inside each other are read, one more is refused`() throws {
        let limit = JSON.depthMax
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        let objects = String(repeating: #"{"a":"#, count: limit) + "1" + String(repeating: "}", count: limit)

        _ = try JSON(parsing: deepest)
        _ = try JSON(parsing: objects)
        #expect(throws: JSONError(reason: .tooDeep, position: limit)) { try JSON(parsing: "[" + deepest + "]") }
    }

    @Test func `a document cut anywhere is refused`() {
        let text = Array(#"{"a":[true,null,-1.5e+7,"\u00e9\ud83d\ude00"],"b":{}}"#.utf8)

        for count in 0..<text.count {
            let cut = Array(text[..<count])
            #expect(throws: JSONError.self) { try JSON(parsing: cut.rawSpan) }
        }
    }

    @Test func `any byte in any place is read or refused, never a trap`() {
        let text = Array(#"{"a":[true,null,-1.5e+7,"\u00e9x"],"b":{}}"#.utf8)

        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                _ = try? JSON(parsing: changed.rawSpan)
            }
        }
    }
}

@Suite struct JSONWriterTests {
    @Test func `members are written in the order of the calls`() {
        var json = JSONWriter()

        json.object {
            $0.member("name", "orders")
            $0.member("isDurable", true)
            $0.member("offset", UInt64.max)
            $0.member("rate", units: 1250, decimals: 3)
            $0.array("ids") {
                $0.value(1)
                $0.value(-2)
                $0.null()
                $0.array { _ in }
            }
            $0.object("empty") { _ in }
            $0.name("last")
            $0.value(false)
        }

        #expect(
            json.text == #"{"name":"orders","isDurable":true,"offset":18446744073709551615,"rate":1.250,"#
                + #""ids":[1,-2,null,[]],"empty":{},"last":false}"#)
    }

    @Test(arguments: [
        ("plain é€😀/", #""plain é€😀/""#), ("\"\\\u{8}\t\n\u{C}\r", #""\"\\\b\t\n\f\r""#),
        ("\0\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("", "\"\""),
    ])
    func `text is escaped as far as it must be`(text: String, expected: String) throws {
        var json = JSONWriter()

        json.value(text)

        #expect(json.text == expected)
        #expect(try JSON(parsing: json.text).string == text)
    }

    @Test(arguments: [
        (0, 0, "0"), (0, 2, "0.00"), (5, 1, "0.5"), (-5, 3, "-0.005"), (1250, 3, "1.250"), (-1250, 0, "-1250"),
        (.max, 18, "9.223372036854775807"), (.min, 20, "-0.09223372036854775808"), (7, -1, "7"),
    ] as [(Int64, Int, String)])
    func `fixed point numbers keep all their decimals`(units: Int64, decimals: Int, expected: String) {
        var json = JSONWriter()

        json.value(units: units, decimals: decimals)

        #expect(json.text == expected)
    }
}

@Suite struct HexTests {
    @Test func `bytes become digits and digits bytes`() {
        let bytes = (UInt8.min...UInt8.max).map { $0 }

        let text = Hex.encode(bytes.rawSpan)

        #expect(text.count == 512)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode(text.uppercased()) == bytes)
        #expect(Hex.decode("") == [])
    }

    @Test func `a number has all its digits`() {
        #expect(Hex.encode(0x5EED as UInt64) == "0000000000005eed")
        #expect(Hex.encode(0xA0 as UInt8) == "a0")
        #expect(Hex.encode(UInt128.max) == String(repeating: "f", count: 32))
    }

    @Test(arguments: ["0", "abc", "0g", "g0", " 00", "0x00", "é", "@@", "``", "//", "::"])
    func `anything else is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
