// Faults that are decided while the run goes on, by whoever drives it.

extension Universe {
    /// Adds a fault to the plan and answers its number. Its times and counts begin now.
    @discardableResult
    public func inject(_ fault: Fault) -> Int {
        faults.isArmed = true
        let index = faults.add(fault)
        arm(index)
        return index
    }

    /// Ends a fault before its time.
    public func lift(_ fault: Int) { endFault(fault) }
}
