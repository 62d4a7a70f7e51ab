import CLinux
import Platform

extension BootIdentity {
    /// The kernel's identity of this boot. When it cannot be read, a random one: a boot that is taken for a new one
    /// costs a careful recovery, one that is wrongly taken for the same costs data.
    static let current: BootIdentity = {
        let digits = TextFile.read("/proc/sys/kernel/random/boot_id").filter(\.isHexDigit)
        if digits.utf8.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        {
            return BootIdentity(high: high, low: low)
        }
        var entropy = Entropy()
        return BootIdentity(high: entropy.next(), low: entropy.next())
    }()
}
