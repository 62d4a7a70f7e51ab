import Glibc
import Linux
import Platform
import Server

// How fast the log is: callers say lines at a steady rate, the writer writes them to real files that rotate, and the files
// are read back. Prints one line of JSON; exit code 1 if a bar is missed.
//
//     galgo-log-pace DIRECTORY [RATE] [SECONDS] [CALLERS]

let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
    print("galgo-log-pace DIRECTORY [RATE] [SECONDS] [CALLERS]")
    exit(64)
}
let directory = arguments[1]
let rate = arguments.count > 2 ? Int(arguments[2]) ?? 200_000 : 200_000
let seconds = arguments.count > 3 ? Int(arguments[3]) ?? 10 : 10
let callers = arguments.count > 4 ? Int(arguments[4]) ?? 2 : 2

/// Lines that are said between two pauses of a millisecond.
let together = max(1, rate / callers / 1_000)
let linesPerCaller = rate / callers * seconds

func nanoseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

let log = try Log(gate: LogGate { _ in 3 })
let service = try LogService(log: log, directory: directory, console: -1)
var settings = LogWriter.Settings()
settings.limits = .init(fileBytes: 10_000_000, totalBytes: 0, retention: .max)
settings.console = nil
let writerSettings = settings
try service.start { _ in LogWriter(writerSettings) }
_ = service.begin()

/// One for each caller: nanoseconds of its processor time in calls that say a line.
let spent = UnsafeMutablePointer<Int>.allocate(capacity: callers)
var threads: [pthread_t] = []

final class Caller {
    let number: Int
    init(_ number: Int) { self.number = number }

    func run() {
        var text = Array("caller=\(number) n=0000000000 key=value other=text".utf8)
        let digits = text.firstIndex(of: UInt8(ascii: "n")).map { _ in "caller=\(number) n=".utf8.count } ?? 0
        let begun = nanoseconds(CLOCK_MONOTONIC)
        var cpu = 0
        var line = 0
        while line < linesPerCaller {
            let before = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
            for _ in 0..<min(together, linesPerCaller - line) {
                var rest = line
                for place in 0..<10 {
                    text[digits + 9 - place] = UInt8(48 + rest % 10)
                    rest /= 10
                }
                log.write(.info, .server, from: .shard(UInt16(number)), utf8: text.span)
                line += 1
            }
            cpu += nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before
            let due = begun + line * 1_000 / (rate / callers) * 1_000_000
            let left = due - nanoseconds(CLOCK_MONOTONIC)
            if left > 0 { usleep(UInt32(left / 1_000)) }
        }
        spent[number] = cpu
    }
}

let begun = nanoseconds(CLOCK_MONOTONIC)
for number in 0..<callers {
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        {
            Unmanaged<Caller>.fromOpaque($0!).takeRetainedValue().run()
            return nil
        }, Unmanaged.passRetained(Caller(number)).toOpaque())
    threads.append(thread)
}
for thread in threads { pthread_join(thread, nil) }
let took = nanoseconds(CLOCK_MONOTONIC) - begun
service.stop()

// What was written, file after file, the oldest first.
var numbers: [UInt32] = []
if let stream = opendir(directory) {
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == LogFileName.active { numbers.append(0) }
        if let number = LogFileName.number(of: name) { numbers.append(number) }
    }
    closedir(stream)
}
var written = 0
var dropped = 0
var isInOrder = true
var next = [Int](repeating: -1, count: callers)
var line: UnsafeMutablePointer<CChar>?
var capacity = 0
for number in numbers.sorted(by: >) {
    guard let file = fopen("\(directory)/\(LogFileName.text(number))", "r") else { continue }
    while getline(&line, &capacity, file) > 0, let line {
        if let found = strstr(line, "caller=") {
            let caller = Int(strtol(found + 7, nil, 10))
            let value = strstr(found, "n=").map { Int(strtol($0 + 2, nil, 10)) } ?? -1
            if value <= next[caller] { isInOrder = false }
            next[caller] = value
            written += 1
        } else if let found = strstr(line, "server::log: "), strstr(line, "lost here") != nil {
            dropped += Int(strtol(found + 13, nil, 10))
        }
    }
    fclose(file)
}
let total = linesPerCaller * callers
let perLine = (0..<callers).reduce(0) { $0 + spent[$1] } / total
let isGood = perLine <= 1_000 && written + dropped == total && dropped * 100 <= total && isInOrder
print(
    "{\"lines\":\(total),\"seconds\":\(took / 1_000_000_000).\(took / 100_000_000 % 10),\"written\":\(written),"
        + "\"dropped\":\(dropped),\"files\":\(numbers.count),\"in_order\":\(isInOrder),"
        + "\"cpu_ns_per_line\":\(perLine),\"met\":\(isGood)}")
exit(isGood ? 0 : 1)
