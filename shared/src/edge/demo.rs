//! The user that the console of `callbook local` offers.

use std::fmt;

/// A user that the sign-in page offers. Only `callbook local` has one.
#[derive(Clone)]
pub struct DemoUser {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for DemoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DemoUser(..)")
    }
}
