//! Prices and quotas of AWS: the only place that has them.
//!
//! `us-east-1`, on demand, without free tiers, volume discounts and taxes. They are list prices, which change: check
//! them against the pages of AWS before you count on a figure. Each says where it was read, because AWS' own pages
//! could not always be. A nanodollar a request is 0.001 USD a million requests.

/// Where the prices hold.
pub const REGION: &str = "us-east-1";
/// When they were looked up.
pub const DATE: &str = "2026-11";

/// A write unit on demand, in nanodollars: 0.625 USD a million since November 2024
/// (<https://aws.amazon.com/dynamodb/pricing/on-demand/>; read at
/// <https://airbyte.com/data-engineering-resources/dynamodb-pricing> of July 2025).
pub const WRITE_UNIT: u64 = 625;
/// A read unit on demand, in nanodollars: 0.125 USD a million, as [`WRITE_UNIT`].
pub const READ_UNIT: u64 = 125;
/// A GB of the table for a month, in cents: 0.25 USD
/// (<https://gist.github.com/allenheltondev?page=3>, a list of serverless prices without a date).
pub const STORAGE_CENTS: u64 = 25;
/// A GB of the table's continuous backup for a month, in cents, as [`STORAGE_CENTS`].
pub const BACKUP_CENTS: u64 = 20;
/// A write unit a second, provisioned for a month of 730 hours, in microdollars: 0.00065 USD an hour
/// (<https://zeonedge.com/en/blog/dynamodb-cost-optimization-on-demand-provisioned-dax-single-table>).
pub const PROVISIONED_WRITE_UNIT: u64 = 474_500;
/// A read unit a second, in microdollars: 0.00013 USD an hour, as [`PROVISIONED_WRITE_UNIT`].
pub const PROVISIONED_READ_UNIT: u64 = 94_900;
/// A request to an HTTP API of up to 512 KB, in nanodollars: 1.00 USD a million, 0.90 above 300 million a month
/// (<https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html>).
pub const GATEWAY_REQUEST: u64 = 1_000;
/// A run of a function, in nanodollars: 0.20 USD a million
/// (<https://cloudchipr.com/blog/aws-lambda-pricing>).
pub const INVOCATION: u64 = 200;
/// A GB-second of an arm64 function, in nanodollars: 0.0000133334 USD, as [`INVOCATION`].
pub const GIGABYTE_SECOND: u64 = 13_333;
/// 1,000 bytes of logs, in nanodollars: 0.50 USD a GB of the first 10 TB a month
/// (<https://c3x.dev/blog/cloudwatch-logs-cost-optimization> of June 2026).
pub const LOG_KILOBYTE: u64 = 500;
/// An event on a bus of up to 64 KB, in nanodollars: 1.00 USD a million; rules cost nothing
/// (<https://cloudburn.io/blog/amazon-eventbridge-pricing> of March 2026).
pub const EVENT: u64 = 1_000;
/// A request to a standard queue, in nanodollars: 0.40 USD a million
/// (<https://cloudburn.io/blog/amazon-sqs-pricing> of March 2026).
pub const QUEUE_REQUEST: u64 = 400;
/// 1,000 bytes to the internet, in nanodollars: 0.09 USD a GB of the first 10 TB a month
/// (<https://www.apigatewaycost.com/aws>).
pub const TRAFFIC_KILOBYTE: u64 = 90;

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
/// Events a second that the buses of an AWS account take, until AWS raises the quota; other regions take less
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>).
pub const BUS_EVENTS: u64 = 10_000;
