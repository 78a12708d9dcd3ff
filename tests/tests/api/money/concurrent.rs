//! Facts that become known at the same moment.
