import Primitives

extension UserStatus {
    init(decoding reader: inout ByteReader) throws(WireError) {
        let raw = try reader.read(UInt8.self)
        guard let status = UserStatus(rawValue: raw) else { throw .unknownValue(UInt32(raw)) }
        self = status
    }
}

extension CreateUser {
    /// name8 name, text8 password, `u8` status, optional permissions.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readName()
        let password = Secret(try reader.readText8())
        let status = try UserStatus(decoding: &reader)
        self.init(name: name, password: password, status: status, permissions: try reader.readOptionalPermissions())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(name)
        writer.write(text8: password.bytes)
        writer.write(status.rawValue)
        writer.write(permissions)
    }
}

extension UpdateUser {
    /// Identifier, `u8` 1 and name8 or 0, `u8` 1 and `u8` status or 0.
    init(classic reader: inout ByteReader) throws(WireError) {
        let user = try Identifier(decoding: &reader)
        let name = try reader.readPresence() ? try reader.readName() : nil
        let status = try reader.readPresence() ? try UserStatus(decoding: &reader) : nil
        self.init(user: user, name: name, status: status)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        user.encode(into: &writer)
        writer.write(name != nil)
        if let name { writer.write(name) }
        writer.write(status != nil)
        if let status { writer.write(status.rawValue) }
    }
}

extension UpdatePermissions {
    /// Identifier, optional permissions.
    init(classic reader: inout ByteReader) throws(WireError) {
        let user = try Identifier(decoding: &reader)
        self.init(user: user, permissions: try reader.readOptionalPermissions())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        user.encode(into: &writer)
        writer.write(permissions)
    }
}

extension ChangePassword {
    /// Identifier, text8 current password, text8 new password.
    init(classic reader: inout ByteReader) throws(WireError) {
        let user = try Identifier(decoding: &reader)
        let current = Secret(try reader.readText8())
        self.init(user: user, current: current, new: Secret(try reader.readText8()))
    }

    func encodeClassic(into writer: inout ByteWriter) {
        user.encode(into: &writer)
        writer.write(text8: current.bytes)
        writer.write(text8: new.bytes)
    }
}

extension LoginUser {
    /// name8 name, text8 password, text32 version, text32 context; the last or both may be missing.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readName()
        let password = Secret(try reader.readText8())
        let version = reader.isAtEnd ? nil : try reader.readText32()
        let context = reader.isAtEnd ? nil : try reader.readText32()
        self.init(name: name, password: password, version: version, context: context)
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(name)
        writer.write(text8: password.bytes)
        guard let version else { return }
        writer.write(text32: version)
        if let context { writer.write(text32: context) }
    }
}

extension CreatePersonalAccessToken {
    /// name8 name, `u64` lifetime.
    init(classic reader: inout ByteReader) throws(WireError) {
        let name = try reader.readName()
        self.init(name: name, lifetime: try reader.read())
    }

    func encodeClassic(into writer: inout ByteWriter) {
        writer.write(name)
        writer.write(lifetime)
    }
}
