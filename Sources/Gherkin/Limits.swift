/// What this module refuses to go beyond, so that any bytes cost bounded time and memory.
///
/// The grammar has a fixed depth (feature, rule, scenario, step, argument), so no limit on nesting
/// is needed.
public enum Limits {
    /// Bytes in one feature file.
    public static let sourceBytesMax = 8 << 20

    /// Errors after which parsing a file stops; the community's parsers give up at the same count.
    public static let errorsMax = 11

    /// UTF-8 bytes read and written while one file's pickles are filled in. Examples multiply rows
    /// by steps by columns, and a value may name another column, so a small file could otherwise
    /// ask for any length.
    public static let pickleBytesMax = 32 << 20

    /// Pickles that one file may expand to.
    public static let picklesMax = 100_000

    /// Characters in one step expression.
    public static let expressionCharactersMax = 1024

    /// Instructions one step expression may compile to, its parameter types included.
    public static let expressionInstructionsMax = 8192

    /// Characters in the text of one step. Matching takes time and memory in instructions times
    /// characters.
    public static let stepCharactersMax = 16384
}
