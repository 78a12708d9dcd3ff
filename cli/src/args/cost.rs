//! The arguments of `callbook cost`, and of `callbook export costs`.

use callbook::model::account::AccountId;
use callbook::model::adjustment::{Month, Reason, SignedAmount};
use callbook::model::call::{CallSid, CostId};
use callbook::model::cost_filter::{CostFilter, CostFlag, CostOrder, OfVendor, callers};
use callbook::model::expectation::Expectation;
use callbook::model::pair::entry::State;
use callbook::model::phone::{InvalidPhone, PhoneNumber};
use callbook::model::time::RangeEnd;
use callbook::model::vendor::VendorId;
use clap::{Args, Subcommand};

use super::range::range_end;
use super::store::StoreArgs;

/// `callbook cost ...`
#[derive(Debug, Subcommand)]
pub enum CostCommand {
    /// List the costs of a range, or all, with the sums of what counts and what does not
    #[command(after_help = "\
Examples:
  callbook cost list --account 12345678
  callbook cost list --account 12345678 --from 2026-11-01 --to 2026-11-30
  callbook cost list --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    --unmatched
  callbook cost list --account 12345678 --from 2026-11-01 --to 2026-11-30 \\
    --vendor acme --csv > acme.csv")]
    List(CostListArgs),
    /// Show a cost with its whole history
    #[command(after_help = "\
Examples:
  callbook cost show 1882469071585280986 --account 12345678")]
    Show(CostRef),
    /// Take a cost back; the earlier price of the call counts again, if there is one
    #[command(after_help = "\
Examples:
  callbook cost void 1882469071585280986 --account 12345678 \\
    --reason 'Agreed with the vendor'
  callbook cost void 1882469071585280986 --account 12345678 \\
    --reason 'Wrong number' --all")]
    Void {
        #[command(flatten)]
        cost: CostRef,
        #[command(flatten)]
        why: WhyArgs,
        /// Take back every cost of the same vendor on the call
        #[arg(long)]
        all: bool,
    },
    /// Make an adjustment: a signed amount beside the costs, such as a credit or a late fee
    #[command(after_help = "\
Examples:
  callbook cost adjust --account 12345678 --cost 1882469071585280986 \\
    --amount -7.50 --reason 'Dispute won'
  callbook cost adjust --account 12345678 --vendor acme --month 2026-11 \\
    --amount 20 --reason 'Late fee'")]
    #[command(
        override_usage = "callbook cost adjust [OPTIONS] --account <ID> --amount <AMOUNT> \\\n       --reason <TEXT> <--cost <ID>|--call <CALLSID>|--vendor <VENDOR>>"
    )]
    Adjust(AdjustArgs),
    /// List the bills that were refused for the number that was called; they are no costs
    #[command(after_help = "\
Examples:
  callbook cost refused --account 12345678 --from 2026-11-01 --to 2026-11-30")]
    Refused {
        /// The account ID
        #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
        account: AccountId,
        /// The first day, YYYY-MM-DD in the account's time zone; or an RFC 3339 instant
        #[arg(long, value_name = "DATE", value_parser = range_end)]
        from: RangeEnd,
        /// The last day, inclusive, YYYY-MM-DD; or an RFC 3339 instant, exclusive
        #[arg(long, value_name = "DATE", value_parser = range_end)]
        to: RangeEnd,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Match a cost to a call, or to none; it stays there until it is unpinned
    #[command(after_help = "\
Examples:
  callbook cost match 1882469071585280986 AIPNMWMVWAAAZKJTPDUUVZUNSGWXETOT \\
    --account 12345678 --reason 'Their recording'
  callbook cost match 1882469071585280986 none --account 12345678 \\
    --reason 'Not our call'")]
    #[command(
        override_usage = "callbook cost match [OPTIONS] --account <ID> --reason <TEXT> \\\n       <ID> <CALLSID>"
    )]
    Match {
        #[command(flatten)]
        cost: CostRef,
        /// A call of the cost's DID and caller, or `none`
        #[arg(value_name = "CALLSID", value_parser = call_or_none)]
        call: MatchTarget,
        #[command(flatten)]
        why: WhyArgs,
    },
    /// Let the rules say again which call a cost belongs to
    #[command(after_help = "\
Examples:
  callbook cost unpin 1882469071585280986 --account 12345678 \\
    --reason 'Matched by mistake'")]
    Unpin {
        #[command(flatten)]
        cost: CostRef,
        #[command(flatten)]
        why: WhyArgs,
    },
}

/// A cost and its account.
#[derive(Debug, Args)]
pub struct CostRef {
    /// The cost ID: the `cost_id` of the answer to its bill
    #[arg(value_name = "ID", value_parser = CostId::parse)]
    pub id: CostId,
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// Why something is decided, and by whom.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Why: 1 to 255 characters
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub reason: Reason,
    /// Who decides, for the history
    #[arg(long, value_name = "NAME", default_value = "operator", value_parser = reason)]
    pub who: Reason,
}

/// Where a cost is matched to.
#[derive(Clone, Debug)]
pub enum MatchTarget {
    /// A call.
    Call(CallSid),
    /// No call.
    None,
}

/// The costs of a range.
#[derive(Debug, Args)]
pub struct CostRangeArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The first day, YYYY-MM-DD in the account's time zone; or an RFC 3339 instant [default: the first day
    /// of billing]
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub from: Option<RangeEnd>,
    /// The last day, inclusive, YYYY-MM-DD; or an RFC 3339 instant, exclusive [default: the last day of
    /// billing]
    #[arg(long, value_name = "DATE", value_parser = range_end)]
    pub to: Option<RangeEnd>,
    /// By which time: `billed`, or `call` for the costs of the calls of the range
    #[arg(long, value_name = "TIME", default_value = "billed", value_parser = CostOrder::parse)]
    pub by: CostOrder,
    /// Only a vendor's; `(none)` stands for costs of no vendor
    #[arg(long, value_name = "VENDOR", value_parser = OfVendor::parse)]
    pub vendor: Option<OfVendor>,
    /// Only for calls to this number
    #[arg(long, value_name = "NUMBER", value_parser = PhoneNumber::parse)]
    pub did: Option<PhoneNumber>,
    /// Only for calls from this caller: a number, or `withheld`
    #[arg(long, value_name = "NUMBER", value_parser = caller)]
    pub caller: Option<String>,
    /// Only in this state: `in_force`, `superseded` or `void`
    #[arg(long, value_name = "STATE", value_parser = State::parse)]
    pub state: Option<State>,
    /// Only costs without a call
    #[arg(long)]
    pub unmatched: bool,
    /// Only those that the vendor's terms make this of: `as_agreed`, `too_short`, `duplicate_caller` or
    /// `other_price`
    #[arg(long, value_name = "EXPECTATION", value_parser = Expectation::parse)]
    pub expectation: Option<Expectation>,
    /// Only with this flag: `two_vendors`, `maybe_second`, `id_reused`, `other_price` (at another price than
    /// was agreed when it came) or `crowded`
    #[arg(long, value_name = "FLAG", value_parser = CostFlag::parse)]
    pub flag: Option<CostFlag>,
}

impl CostRangeArgs {
    /// Returns the filter.
    #[must_use]
    pub fn filter(&self) -> CostFilter {
        let callers = self.caller.as_deref().map(callers);
        CostFilter {
            vendor: self.vendor.clone(),
            did: self.did.clone(),
            callers: callers.and_then(Result::ok).unwrap_or_default(),
            state: self.state,
            matched: self.unmatched.then_some(false),
            expectation: self.expectation,
            flag: self.flag,
            ..CostFilter::default()
        }
    }
}

/// `callbook cost list`
#[derive(Debug, Args)]
pub struct CostListArgs {
    #[command(flatten)]
    pub range: CostRangeArgs,
    /// Write CSV with every field instead of a table
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `callbook cost adjust`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("subject").required(true))]
pub struct AdjustArgs {
    /// The account ID
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: AccountId,
    /// The cost to adjust
    #[arg(long, value_name = "ID", group = "subject", value_parser = CostId::parse)]
    pub cost: Option<CostId>,
    /// The call to adjust
    #[arg(long, value_name = "CALLSID", group = "subject", value_parser = CallSid::parse)]
    pub call: Option<CallSid>,
    /// The vendor whose month to adjust
    #[arg(long, value_name = "VENDOR", group = "subject", requires = "month")]
    #[arg(value_parser = VendorId::parse)]
    pub vendor: Option<VendorId>,
    /// The month to adjust, with --vendor
    #[arg(long, value_name = "YYYY-MM", requires = "vendor", value_parser = Month::parse)]
    pub month: Option<Month>,
    /// The signed amount, in the account's currency
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, value_parser = SignedAmount::parse)]
    pub amount: SignedAmount,
    #[command(flatten)]
    pub why: WhyArgs,
    #[command(flatten)]
    pub store: StoreArgs,
}

fn reason(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}

fn caller(text: &str) -> Result<String, InvalidPhone> {
    callers(text).map(|_| text.to_owned())
}

fn call_or_none(text: &str) -> Result<MatchTarget, String> {
    match text {
        "none" => Ok(MatchTarget::None),
        _ => CallSid::parse(text)
            .map(MatchTarget::Call)
            .map_err(|error| format!("{error}, or none")),
    }
}
