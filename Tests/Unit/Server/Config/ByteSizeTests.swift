import Server
import Testing

@Suite struct ByteSizeTests {
    /// The field's table of known answers: SI and IEC told apart, bits in lower case, fractions rounded up.
    @Test(
        arguments: [
            ("0", 0), ("512", 512), ("123456789", 123_456_789), ("0 MB", 0), ("1B", 1), ("1 KB", 1_000),
            ("1 kB", 1_000),
            ("1KB", 1_000), ("1 KiB", 1_024), ("1 KIB", 1_024), ("1 K", 1_000), ("1 Ki", 1_024), ("1 ki", 1_024),
            ("1 M", 1_000_000), ("500 MB", 500_000_000), ("500MB", 500_000_000), ("500  MB", 500_000_000),
            (" 500 MB ", 500_000_000), ("512 MiB", 536_870_912), ("512 MB", 512_000_000), ("1 GB", 1_000_000_000),
            ("1 GiB", 1_073_741_824), ("4 GB", 4_000_000_000), ("4 GiB", 4_294_967_296), ("1.5 GB", 1_500_000_000),
            ("1.5 GiB", 1_610_612_736), ("100 KB", 100_000), ("64 KB", 64_000), ("8 KB", 8_000), ("2 MB", 2_000_000),
            ("1 MiB", 1_048_576), ("10KiB", 10_240), ("5KiB", 5_120), ("512B", 512),
            ("1b", 1), ("8 bit", 1), ("9 bits", 2), ("1kb", 125), ("1 Kb", 125), ("1 kib", 128), ("1 Kbit", 125),
            ("1 Kibit", 128), ("1 Mb", 125_000), ("1 Mbit", 125_000), ("1 MBit", 125_000), ("100 Mbits", 12_500_000),
            ("500 mb", 62_500_000), ("1 Mib", 131_072), ("1 gb", 125_000_000), ("1 gib", 134_217_728), ("0.5", 1),
            ("1.1", 2), ("2.5 B", 3), ("0.1 B", 1), ("0.1 KiB", 103), ("1.0001 KB", 1_001), ("1.23456 KiB", 1_265),
            ("0.000001 MB", 1), ("0.5 KB", 500), ("1 TB", 1_000_000_000_000), ("1 TiB", 1_099_511_627_776),
            ("1 PB", 1_000_000_000_000_000), ("1 PiB", 1_125_899_906_842_624), ("1E", 1_000_000_000_000_000_000),
            ("1 EB", 1_000_000_000_000_000_000), ("1 EiB", 1_152_921_504_606_846_976),
            ("15 EiB", 17_293_822_569_102_704_640), ("18446744073709551615", .max),
            ("18.446744073709551615 EB", .max), ("  7 B ", 7),
        ] as [(String, UInt64)])
    func `a size is what the field takes it for`(text: String, bytes: UInt64) throws {
        let size = try ByteSize(parsing: text)
        #expect(size.bytes == bytes)
        #expect(try ByteSize(parsing: size.description).bytes == bytes)
        #expect(size.countsBits == text.contains("b") || text.contains("Bit"))
    }

    @Test(arguments: [
        "", " ", "GiB", "-1", "+1", "1e3", "1e3 B", "1_000", "10_000", "1 000", "1,000 MB", ".5 MB", "1. MB", "1..5 MB",
        "1 ZB", "1 YiB", "1 byte", "1 bytes", "1 MiBs", "1 kib/s", "500 MB x", "500 MB,", "1\tMB", "16 EiB",
        "18446744073709551616", "12345678901234567890123456789012", "UNLIMITED", "NONE", "infinite", "default",
        "invalid", "unlimited", "none", "é KB", "99999999999999999999 EiB",
    ])
    func `what is no size is refused in words`(text: String) {
        #expect(throws: Malformed.self) { try ByteSize(parsing: text) }
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.00 KB"), (1_024, "1.02 KB"), (999_994, "999.99 KB"),
            (999_995, "1000.00 KB"), (1_048_576, "1.05 MB"), (500_000_000, "500.00 MB"), (536_870_912, "536.87 MB"),
            (1_073_741_824, "1.07 GB"), (4_294_967_296, "4.29 GB"), (.max, "18.45 EB"), (1_005, "1.01 KB"),
            (2_675, "2.68 KB"), (1_125, "1.13 KB"), (999_999, "1000.00 KB"),
        ] as [(UInt64, String)])
    func `for people a size has two decimals`(bytes: UInt64, text: String) {
        #expect(ByteSize(bytes: bytes).rounded == text)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1, "1 B"), (513, "513 B"), (500_000_000, "500 MB"), (1 << 30, "1 GiB"),
            (1_024_000, "1.024 MB"),
            (1_536 << 20, "1.5 GiB"), (10 << 30, "10 GiB"), (1_000_001, "1000.001 KB"),
            (.max, "18446744073709551.615 KB"),
        ] as [(UInt64, String)])
    func `written back a size is exact`(bytes: UInt64, text: String) {
        #expect(ByteSize(bytes: bytes).description == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (1_536, "1.5 KiB"), (100_000_000, "95.37 MiB"),
        (64 << 20, "64 MiB"), (16 << 30, "16 GiB"), (UInt64.max, "16 EiB"),
    ])
    func `memory is told in powers of 1024`(bytes: UInt64, text: String) {
        #expect(ByteSize(bytes: bytes).binary == text)
    }
}
