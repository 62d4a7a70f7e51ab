// Its first test replaces this file.
