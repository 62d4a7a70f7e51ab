import Primitives
import Testing
import Wire

@Suite struct ClassicRequestTests {
    @Test func `every captured request is read and written back as it was`() throws {
        var exact = 0
        for vector in ClassicVector.all {
            let code = try #require(CommandCode(rawValue: vector.code))
            let request = try decodeRequest(vector.requestPayload, code).get()
            let written = encoded(request)

            #expect(request.command == code)
            #expect(code.name == vector.command)
            // SendMessages is written without its messages, and some clients append bytes that mean nothing.
            let isPrefix = vector.requestPayload.starts(with: written)
            #expect(isPrefix, "\(vector) \(request) \(vector.requestPayload.hex) \(written.hex)")
            #expect(try decodeRequest(written + vector.requestPayload.dropFirst(written.count), code).get() == request)
            if encodedFrame(request) == vector.request { exact += 1 }
        }

        #expect(ClassicVector.all.count == 398)
        #expect(exact == 367)
    }
}
