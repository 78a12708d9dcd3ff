//! Delivers webhooks (contracts/callbook.md, Webhooks): what is due for an account's endpoints when one of its events
//! comes on the bus, and what is due for all of them each minute.

use callbook::edge::DeliverFunction;

/// The `deliver` function.
pub const FUNCTION: DeliverFunction = DeliverFunction { name: "deliver" };
