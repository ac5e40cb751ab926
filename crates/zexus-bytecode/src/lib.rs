//! The numeric meaning shared by every tier of Zexus.
