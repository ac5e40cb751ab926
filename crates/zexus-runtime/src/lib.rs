//! Values, heap, operations, builtins, traps and the host of Zexus.
