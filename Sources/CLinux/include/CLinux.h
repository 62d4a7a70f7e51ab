#ifndef CLINUX_H
#define CLINUX_H
// What Swift cannot reach: system calls and flags that Glibc's module leaves out.
#endif
