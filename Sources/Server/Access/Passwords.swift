import Platform
import Primitives
import Wire

/// Settings of `crypt(3)`: which method, how costly, which salt.
enum PasswordSetting {
    private static let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// yescrypt with libxcrypt's default cost (`j9T`) and a salt of 128 bits in its alphabet.
    static func fresh(salt: (UInt64, UInt64)) -> [UInt8] {
        var setting = Array("$y$j9T$".utf8)
        // 21 characters of 6 bits hold 126 of the 128; the alphabet's encoding of a whole number of bytes needs 22.
        var rest = UInt128(salt.0) << 64 | UInt128(salt.1)
        for _ in 0..<22 {
            setting.append(alphabet[Int(truncatingIfNeeded: rest & 0x3f)])
            rest >>= 6
        }
        return setting
    }
}

/// One password on its way through `crypt`: three slices of one buffer, wiped when it is done.
struct CryptJob: BitwiseCopyable {
    private let buffer: BufferID
    private let passwordByteCount: UInt32
    private let settingByteCount: UInt32
    private static let resultByteCount: UInt32 = 512

    /// Nil when there is no memory now.
    init?<W: World & ~Copyable>(
        password: Secret, setting: [UInt8], _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) {
        let byteCount = password.bytes.count + setting.count + Int(Self.resultByteCount)
        guard let buffer = try buffers.allocate(byteCount: byteCount, &world) else { return nil }
        self.buffer = buffer
        passwordByteCount = UInt32(clamping: password.bytes.count)
        settingByteCount = UInt32(clamping: setting.count)
        var bytes = try world.mutableBytes(of: Slice(buffer, position: 0, byteCount: UInt32(clamping: byteCount)))
        bytes.store(password.bytes.rawSpan, at: 0)
        bytes.store(setting.rawSpan, at: password.bytes.count)
    }

    func submit<W: World & ~Copyable>(_ token: Token, _ world: inout W) throws(MachineFailure) {
        let slices = [
            Slice(buffer, position: 0, byteCount: passwordByteCount),
            Slice(buffer, position: passwordByteCount, byteCount: settingByteCount), resultSlice,
        ]
        try world.submit(.crypt(slices: 3, token), slices.span)
    }

    /// The hash, or nil when it could not be made. The password does not outlive this.
    func finish<W: World & ~Copyable>(
        _ completion: Completion, _ buffers: inout BufferLedger, _ world: inout W
    ) throws(MachineFailure) -> [UInt8]? {
        var hash: [UInt8]?
        if case .done(let count) = completion, count > 0, count <= Int(Self.resultByteCount) {
            hash = [UInt8](
                copying: try world.bytes(
                    of: Slice(buffer, position: resultSlice.position, byteCount: UInt32(clamping: count))))
        }
        var bytes = try world.mutableBytes(
            of: Slice(buffer, position: 0, byteCount: passwordByteCount))
        for position in 0..<Int(passwordByteCount) { bytes.store(UInt8(0), at: position) }
        try buffers.release(buffer, &world)
        return hash
    }

    private var resultSlice: Slice {
        Slice(buffer, position: passwordByteCount + settingByteCount, byteCount: Self.resultByteCount)
    }
}

/// Whether two hashes are equal, in a time that does not depend on where they differ.
func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for place in left.indices { difference |= left[place] ^ right[place] }
    return difference == 0
}
