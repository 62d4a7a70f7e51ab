import Server
import Testing

@Suite struct ByteSizeTests {
    /// The field's table of known answers: SI and IEC told apart, bits in lower case, fractions rounded up.
    @Test(arguments: [
        ("0", 0), ("512", 512), ("1 KB", 1_000), ("1KB", 1_000), ("1 KiB", 1_024), ("1 KIB", 1_024), ("1 K", 1_000),
        ("1 Ki", 1_024), ("500MB", 500_000_000), ("1 GB", 1_000_000_000), ("1 GiB", 1_073_741_824),
        ("4 GB", 4_000_000_000), ("4 GiB", 4_294_967_296), ("1.5 GiB", 1_610_612_736), ("10KiB", 10_240),
        ("5KiB", 5_120), ("1 kib", 128), ("1 Kibit", 128), ("1 Mb", 125_000), ("1 Mbit", 125_000),
        ("1 gib", 134_217_728), ("0.1 KiB", 103), ("1.0001 KB", 1_001), ("1.23456 KiB", 1_265), ("0.000001 MB", 1),
        ("1 TB", 1_000_000_000_000), ("15 EiB", 17_293_822_569_102_704_640), ("  7 B ", 7),
        ("18446744073709551615", UInt64.max),
    ] as [(String, UInt64)])
    func `a size is what the field takes it for`(text: String, bytes: UInt64) throws {
        #expect(try ByteSize(parsing: text).bytes == bytes)
    }

    @Test(arguments: [
        "", " ", "GiB", "-1", "+1", "1e3", "1_000", "1,000", ".5 KB", "5. KB", "1..5 KB", "1 byte", "1 bytes", "1 MiBs",
        "500 MB x", "1\tKB", "1 ZB", "18446744073709551616", "16 EiB", "é KB", "unlimited",
        "111111111111111111111111111111", "99999999999999999999 EiB",
    ])
    func `what is no size is refused in words`(text: String) {
        #expect(throws: ByteSize.Malformed.self) { try ByteSize(parsing: text) }
    }
}
