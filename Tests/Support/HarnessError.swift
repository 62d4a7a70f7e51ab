/// The harness, not the server, is at fault or finds the server unusable; says what to do.
package struct HarnessError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
