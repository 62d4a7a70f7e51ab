import Glibc
import Testing

@testable import Linux

struct AcceptRefusalTests {
    @Test(arguments: [
        ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM,
        ETIMEDOUT,
    ])
    func `what became of one peer says nothing about the next`(number: Int32) {
        #expect(AcceptRefusal(number: number) == nil)
    }

    @Test(arguments: [
        (EMFILE, AcceptRefusal.descriptors), (ENFILE, .descriptors), (ENOBUFS, .memory), (ENOMEM, .memory),
        (EBADF, .other(EBADF)), (EINVAL, .other(EINVAL)),
    ])
    func `what is missing here is missing for the next peer too`(number: Int32, refusal: AcceptRefusal) {
        #expect(AcceptRefusal(number: number) == refusal)
    }
}
