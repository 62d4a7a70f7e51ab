/// Text from outside for a terminal: control characters are shown, not obeyed.
public func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// The same for the middle of a message: of a text that nobody would read to its end, the beginning.
public func shortened(_ text: String) -> String {
    let (lengthMax, shown) = (80, 60)
    let scalars = text.unicodeScalars
    guard scalars.index(scalars.startIndex, offsetBy: lengthMax + 1, limitedBy: scalars.endIndex) != nil else {
        return printable(text)
    }
    return printable(String(String.UnicodeScalarView(scalars.prefix(shown)))) + "… (\(text.utf8.count) bytes)"
}

/// What somebody wrote, within a message.
public func quoted(_ text: String) -> String { "'\(shortened(text))'" }
