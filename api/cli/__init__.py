"""The command line: one function a command, in a transaction of its own."""
