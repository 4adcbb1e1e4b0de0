"""The programs that a network runs: a Go toolchain, the build, and where the programs are found."""
