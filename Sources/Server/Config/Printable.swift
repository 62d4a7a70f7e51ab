/// Text from outside for a terminal: control characters are shown, not obeyed, and so is what cannot be seen or turns the
/// direction of the text.
public func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if isVisible(scalar) {
            result.unicodeScalars.append(scalar)
        } else {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
    return result
}

private func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
    // It joins parts of one picture.
    case .format: return scalar.value == 0x200D
    default: return true
    }
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
