"""The virtual machine: bytecode, optimizer, native code."""
