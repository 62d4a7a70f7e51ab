/// Text for XML and HTML.
public enum Markup {
    /// For an element or a quoted attribute. Line ends stay; what XML 1.0 cannot hold becomes U+FFFD.
    public static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            case "\t", "\n": result.append(scalar)
            default: result.append(isCharacter(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return String(result)
    }

    /// `Char` of XML 1.0, without the carriage return, which a reader would turn into a line end, and without the
    /// controls that XML discourages.
    private static func isCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
