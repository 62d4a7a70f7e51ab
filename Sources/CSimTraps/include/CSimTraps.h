#ifndef CSIMTRAPS_H
#define CSIMTRAPS_H

// Between these two calls of a thread, reading a clock or throwing dice ends the process: code under simulation
// must get time and chance from its World. Works in executables linked with -export-dynamic.
void galgo_traps_arm(void);
void galgo_traps_disarm(void);

// How often the definitions below were reached at all: 0 means that the linker did not bind them and that the traps
// would catch nothing.
unsigned long galgo_traps_seen(void);

#endif
