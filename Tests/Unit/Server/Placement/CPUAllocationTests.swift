import Server
import Testing

/// The grammar of `system.sharding.cpu_allocation`, with the field's errors.
@Suite struct CPUAllocationTests {
    @Test(arguments: [
        ("all", CPUAllocation.all), ("1", .count(1)), ("4", .count(4)), ("+4", .count(4)), ("04", .count(4)),
        ("0", .count(0)), ("2..8", .range(start: 2, end: 8)), ("0..4", .range(start: 0, end: 4)),
        ("8..5", .range(start: 8, end: 5)), ("3..3", .range(start: 3, end: 3)), ("numa:auto", .numa(.init())),
        ("numa:nodes=0", .numa(.init(nodes: [0]))),
        ("numa:nodes=0,1;cores=4;no_ht=true", .numa(.init(nodes: [0, 1], cores: 4))),
        ("numa:cores=4", .numa(.init(cores: 4))), ("numa:no_ht=false", .numa(.init(avoidsSiblings: false))),
        ("numa:nodes=0;nodes=1", .numa(.init(nodes: [1]))),
        ("numa:no_ht=false;cores=2;nodes=3,1", .numa(.init(nodes: [3, 1], cores: 2, avoidsSiblings: false))),
    ])
    func `a setting is read, and written back without loss`(text: String, setting: CPUAllocation) throws {
        #expect(try CPUAllocation(parsing: text) == setting)
        #expect(try CPUAllocation(parsing: setting.description) == setting)
    }

    @Test(arguments: [
        ("ALL", "Invalid shard count: ALL"), ("All", "Invalid shard count: All"), (" all", "Invalid shard count:  all"),
        ("auto", "Invalid shard count: auto"), ("numa", "Invalid shard count: numa"),
        ("NUMA:auto", "Invalid shard count: NUMA:auto"), ("0-4", "Invalid shard count: 0-4"),
        ("0,1,2", "Invalid shard count: 0,1,2"), ("-1", "Invalid shard count: -1"), ("1.5", "Invalid shard count: 1.5"),
        (" 4", "Invalid shard count:  4"), ("4 ", "Invalid shard count: 4 "), ("", "Invalid shard count: "),
        ("99999999999999999999", "Invalid shard count: 99999999999999999999"),
        ("0..4..8", "Invalid range format: 0..4..8. Expected 'start..end'"),
        ("..4", "Invalid start value: "), ("..", "Invalid start value: "), ("0 ..4", "Invalid start value: 0 "),
        (" 0..4", "Invalid start value:  0"), ("4..", "Invalid end value: "), ("0...4", "Invalid end value: .4"),
        ("0..=4", "Invalid end value: =4"),
        ("numa:", "Invalid NUMA parameter: '', only available: 'auto'"),
        ("numa:AUTO", "Invalid NUMA parameter: 'AUTO', only available: 'auto'"),
        ("numa:auto;cores=4", "Invalid NUMA parameter: 'auto', only available: 'auto'"),
        ("numa:nodes=0;", "Invalid NUMA parameter: '', only available: 'auto'"),
        ("numa:nodes=0;cores", "Invalid NUMA parameter: 'cores', only available: 'auto'"),
        ("numa:nodes=0=1", "Invalid NUMA parameter: 'nodes=0=1', only available: 'auto'"),
        ("numa:nodes=", "Invalid node number: "), ("numa:nodes=a", "Invalid node number: a"),
        ("numa:nodes=0, 1", "Invalid node number:  1"), ("numa:nodes=0-3", "Invalid node number: 0-3"),
        ("numa:cores=", "Invalid cores value: "), ("numa:cores=x", "Invalid cores value: x"),
        ("numa:cores=-1", "Invalid cores value: -1"), ("numa:no_ht=1", "Invalid no ht value: 1"),
        ("numa:no_ht=True", "Invalid no ht value: True"),
        ("numa:foo=1", "Unknown NUMA parameter: foo, example: numa:nodes=0;cores=4;no_ht=true"),
        ("numa:nodes=0,0", "NUMA node 0 is listed twice"), ("\u{1b}[2J", "Invalid shard count: \\u{1b}[2J"),
    ])
    func `another text is refused as the field refuses it`(text: String, message: String) {
        let error = #expect(throws: Malformed.self) { try CPUAllocation(parsing: text) }
        #expect(error?.description == message)
    }
}
