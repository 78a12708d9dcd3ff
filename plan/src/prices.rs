//! Prices and quotas of AWS: the only place that has them.
//!
//! `us-east-1`, on demand, without free tiers, volume discounts and taxes, as published in November 2026.
//! A nanodollar a request is 0.001 USD a million requests.

/// Where the prices hold.
pub const REGION: &str = "us-east-1";
/// When they were looked up.
pub const DATE: &str = "2026-11";

/// A write unit on demand, in nanodollars (0.625 USD a million).
pub const WRITE_UNIT: u64 = 625;
/// A read unit on demand, in nanodollars (0.125 USD a million).
pub const READ_UNIT: u64 = 125;
/// A request to an HTTP API, in nanodollars (1.00 USD a million).
pub const GATEWAY_REQUEST: u64 = 1_000;
/// An invocation, in nanodollars (0.20 USD a million).
pub const INVOCATION: u64 = 200;
/// A GB-second of an arm64 function, in nanodollars.
pub const GIGABYTE_SECOND: u64 = 13_333;
/// 1,000 bytes of logs, in nanodollars (0.50 USD a GB).
pub const LOG_KILOBYTE: u64 = 500;
/// A GB of the table for a month, in cents.
pub const STORAGE_CENTS: u64 = 25;
/// A write unit a second, provisioned for a month of 730 hours, in microdollars (0.00065 USD an hour).
pub const PROVISIONED_WRITE_UNIT: u64 = 474_500;
/// A read unit a second, provisioned for a month of 730 hours, in microdollars (0.00013 USD an hour).
pub const PROVISIONED_READ_UNIT: u64 = 94_900;

/// Write units a second that one partition takes.
pub const PARTITION_WRITES: u64 = 1_000;
/// Write units a second that a new table on demand takes at once.
pub const NEW_TABLE_WRITES: u64 = 4_000;
/// Write units a second of a table, until AWS raises the quota.
pub const TABLE_WRITES: u64 = 40_000;
/// Requests a second to all HTTP APIs of an AWS account and region, until AWS raises the quota.
pub const GATEWAY_REQUESTS: u64 = 10_000;
/// Concurrent executions of an AWS account, until AWS raises the quota. New accounts have less.
pub const CONCURRENCY: u64 = 1_000;
