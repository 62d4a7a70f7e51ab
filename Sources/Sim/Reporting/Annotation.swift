/// A line that makes a service for continuous integration show an error beside the change, in GitHub's form.
public enum Annotation {
    /// Services show about ten for each step.
    public static let countMax = 10

    public static func error(_ title: String, _ lines: [String]) -> String {
        "::error title=\(escaped(title, isProperty: true))::\(escaped(lines.joined(separator: "\n"), isProperty: false))"
    }

    private static func escaped(_ text: String, isProperty: Bool) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "%": "%25"
            case "\r": "%0D"
            case "\n": "%0A"
            case ":" where isProperty: "%3A"
            case "," where isProperty: "%2C"
            default: String(scalar)
            }
        }.joined()
    }
}
