/// Whether a user may log in.
public enum UserStatus: UInt8, Sendable {
    case active = 1
    case inactive = 2
}
