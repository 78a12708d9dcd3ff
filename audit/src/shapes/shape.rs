//! What is said of one type of item.

/// How one type of item is stored.
pub struct Shape {
    /// The value of `type`.
    pub kind: &'static str,
    /// Partition and sort keys; a type can be stored under more than one.
    pub keys: &'static [(&'static str, &'static str)],
    /// Text attributes.
    pub texts: &'static str,
    /// Numbers: instants in milliseconds, counts and money.
    pub numbers: &'static str,
    /// Flags.
    pub flags: &'static str,
    /// Lists.
    pub lists: &'static str,
    /// Maps.
    pub maps: &'static str,
    /// Sets of texts.
    pub sets: &'static str,
    /// Sets of bytes.
    pub byte_sets: &'static str,
}

/// A type without attributes, which the types below extend.
pub(super) const NONE: Shape = Shape {
    kind: "",
    keys: &[],
    texts: "",
    numbers: "",
    flags: "",
    lists: "",
    maps: "",
    sets: "",
    byte_sets: "",
};
